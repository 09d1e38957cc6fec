// What was recorded of pods that Pod Security does not admit, where Events no longer say it.

import type { Snapshot } from '../../model/snapshot.ts';
import { policyOf } from '../../messages/pod-security/frames.ts';
import { containerNamed } from '../../platform/kubernetes/pod-containers.ts';
import { unreadImage } from '../finding.ts';
import type { MergedFinding } from '../verdict.ts';
import { createFailuresAnswer, newestPodTime, withoutPods } from './create-failures.ts';
import { templatePod } from './rejected-pod.ts';

/** Only while pods are missing and none was created since. */
export function rejectionRecord(snapshot: Snapshot): readonly MergedFinding[] {
  const status = snapshot.recorded?.status;
  const workload = withoutPods(snapshot);
  const pod = workload && templatePod(workload);
  if (status?.state !== 'Failing' || !pod || newestPodTime(snapshot) >= status.firstSeenTime) return [];
  if (!isOpen(snapshot)) return [];
  return status.findings.flatMap(({ family = '', ...finding }) => {
    const container = containerNamed(pod.manifest, finding.container.name);
    if (finding.cause !== 'PodSecurityViolation' || !container) return [];
    const [level, version] = family.split(':');
    const image = { reference: container.image, ...unreadImage };
    return [
      {
        finding: { ...finding, ...policyOf(level, version), settings: [], image },
        shown: [{ container, pod }],
      },
    ];
  });
}

/**
 * Whether Events leave it open: they are not read yet, may not be read, or have expired. Where it is not known how many
 * pods are wanted, as of a CronJob, the absence of Events is a sign that the controller no longer tries.
 */
function isOpen(snapshot: Snapshot): boolean {
  const answer = createFailuresAnswer(snapshot);
  if (!answer || answer.because !== undefined) return true;
  return (
    answer.createFailures.length === 0 && answer.over !== true && snapshot.workload?.desired !== undefined
  );
}
