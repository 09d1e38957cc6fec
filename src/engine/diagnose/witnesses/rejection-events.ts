// What `FailedCreate` Events say of pods that Pod Security does not admit, where no condition can.

import type { Snapshot } from '../../model/snapshot.ts';
import type { MergedFinding } from '../verdict.ts';
import { createFailuresAnswer, newestPodTime, withoutPods } from './create-failures.ts';
import { rejectionFindings } from './rejected-pod.ts';

/**
 * An Event holds while pods are missing and none was created since: times are whole seconds, and one of the same second
 * counts as earlier, for a controller whose pods are not admitted tries again, while one that succeeded would stay
 * accused for an hour. One without a time is the condition of a ReplicaSet further down.
 */
export function rejectionEvents(snapshot: Snapshot): readonly MergedFinding[] {
  const workload = withoutPods(snapshot);
  if (!workload) return [];
  const createdTime = newestPodTime(snapshot);
  const { createFailures = [] } = createFailuresAnswer(snapshot) ?? {};
  const current = createFailures.filter(({ lastTime }) => lastTime === undefined || lastTime > createdTime);
  return rejectionFindings(current, workload);
}
