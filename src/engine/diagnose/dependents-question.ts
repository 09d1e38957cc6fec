// Whether it has to be asked what depends on the pods of a workload.

import type { Snapshot } from '../model/snapshot.ts';
import type { Pod } from '../model/pod.ts';
import type { DependentsQuestion } from '../model/question.ts';

/**
 * The question, where something fails and the answer for pods like these is not there yet.
 *
 * @param failing a pod that shows a finding, the newest: the workload as it is now
 */
export function dependentsQuestion(
  { workload, answers }: Snapshot,
  failing: Pod | undefined,
): readonly DependentsQuestion[] {
  if (!workload || !failing) return [];
  const labels = failing.labels ?? {};
  const isAnswered = answers.some(
    (answer) => 'dependents' in answer && hasSame(answer.question.labels, labels),
  );
  return isAnswered ? [] : [{ ask: 'dependents', workload: workload.ref, labels }];
}

type PodLabels = Readonly<Record<string, string>>;

function hasSame(some: PodLabels, others: PodLabels): boolean {
  const keys = Object.keys(some);
  return keys.length === Object.keys(others).length && keys.every((key) => some[key] === others[key]);
}
