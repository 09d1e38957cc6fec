// What a failure takes down: counts, nodes, and what depends on the pods.

import type { Impact } from '../../model/diagnosis.ts';
import type { Verdict } from '../../model/finding.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { DependentsAnswer } from '../../model/question.ts';
import { present } from '../../platform/data/field.ts';

/** Nodes named in the impact; the rest is counted by `pods`. */
const maxNodes = 10;

/**
 * A pod that crashes is ready for a moment after each start: it counts as failing all the time.
 *
 * @param was what was recorded of the same failure: it stays until it is read again, so that neither a restart nor an
 *   answer that has expired changes anything
 */
export function impactOf(snapshot: Snapshot, verdict: Verdict, was: Impact | undefined): Impact {
  const sameImage = snapshot.sameImage && briefly(snapshot.sameImage);
  const { ready, ...counts } = impactAfter(snapshot);
  return present({
    ...counts,
    ready:
      ready === undefined
        ? undefined
        : Math.max(0, Math.min(ready, snapshot.podsTotal - verdict.failingPodsCounted)),
    nodes: verdict.nodes.slice(0, maxNodes),
    ...(dependentsIn(snapshot) ?? recorded(was)),
    sameImage: sameImage ?? was?.sameImage,
    stuckSince: was?.stuckSince ?? verdict.stuckSince,
  });
}

/** Where nothing fails. */
export function impactAfter({ workload }: Snapshot): Impact {
  return present({ desired: workload?.desired, ready: workload?.ready, nodes: [] });
}

type AroundPods = Pick<Impact, 'services' | 'ingresses' | 'disruptionBudgets' | 'autoscalers' | 'unread'>;

function recorded(was: Impact = { nodes: [] }): AroundPods {
  const { services, ingresses, disruptionBudgets, autoscalers, unread } = was;
  return present({ services, ingresses, disruptionBudgets, autoscalers, unread });
}

/** An empty list says that there are none; a list that is absent is not known. */
function dependentsIn({ answers }: Snapshot): AroundPods | undefined {
  const found = answers.find((answer): answer is DependentsAnswer => 'dependents' in answer)?.dependents;
  if (!found) return undefined;
  const unless = (names: readonly string[], ...kinds: readonly string[]): readonly string[] | undefined =>
    kinds.some((kind) => found.unread.includes(kind)) ? undefined : briefly(names);
  return present({
    services: unless(found.services, 'services'),
    ingresses: unless(found.ingresses, 'services', 'ingresses'),
    disruptionBudgets: unless(found.disruptionBudgets, 'poddisruptionbudgets'),
    autoscalers: unless(found.autoscalers, 'horizontalpodautoscalers'),
    unread: found.unread.length > 0 ? found.unread : undefined,
  });
}

/** Characters of one list, unless its first name alone is longer: names may be very long. */
const maxCharacters = 240;

function briefly(names: readonly string[]): readonly string[] {
  const ends = names.map((_name, index) => names.slice(0, index + 1).join().length);
  return names.filter((_name, index) => index === 0 || (ends[index] ?? 0) <= maxCharacters);
}
