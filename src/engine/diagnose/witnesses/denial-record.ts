// What was recorded of a permission that a program lacks, until its log has been read again, and where it cannot be.

import type { Container, Pod } from '../../model/pod.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { crashingUid } from './crash.ts';
import { logAnswer } from './program-log.ts';
import type { ContainerFailure } from './witness.ts';

/** Only for a pod that was there when it was recorded, and only until its log has been read. */
export function denialRecord(
  container: Container,
  pod: Pod,
  snapshot: Snapshot,
): ContainerFailure | undefined {
  const status = snapshot.recorded?.status;
  if (status?.state !== 'Failing' || pod.createdTime > status.firstSeenTime) return undefined;
  if (crashingUid(container, pod, snapshot) === undefined) return undefined;
  const answer = logAnswer(container, pod, snapshot);
  if (answer && answer.because === undefined) return undefined;
  return status.findings.find(
    ({ cause, container: { name }, image }) =>
      cause === 'NonRootPermissionDenied' && name === container.name && image.reference === container.image,
  );
}
