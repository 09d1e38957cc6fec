// What was recorded of the kubelet's check before, for the time between two attempts, where no Event says more.

import { parseKubeletStatus } from '../../messages/kubelet/kubelet-message.ts';
import type { DiagnosisStatus, RecordedFinding } from '../../model/diagnosis.ts';
import type { Container, Pod } from '../../model/pod.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { areEventsRead, newestFailure } from './kubelet-events.ts';
import { ifPossible } from './kubelet-settings.ts';
import { isUndetermined } from './kubelet-status.ts';
import type { ContainerFailure } from './witness.ts';

/** By how much the kubelet's clock may be ahead of ours. */
const maxClockSkewMs = 5 * 60_000;

/**
 * The record names no pod. It speaks of this one only if the container has not begun to run since, the pod is not
 * younger than the record, and image and settings are those that failed.
 */
export function kubeletRecord(
  container: Container,
  pod: Pod,
  snapshot: Snapshot,
): ContainerFailure | undefined {
  const status = snapshot.recorded?.status;
  if (status?.state !== 'Failing' || !isUndetermined(container, pod) || !isBetweenAttempts(container))
    return undefined;
  if (newestFailure(container, pod, snapshot) || isLater(container, pod, status, snapshot)) return undefined;
  const finding = status.findings.find((found) => isAbout(found, container));
  return finding && ifPossible(parseKubeletStatus(finding.message), container, pod);
}

/** Where the kubelet has tried before and will try again. */
const isBetweenAttempts = ({ state }: Container): boolean =>
  state?.is === 'terminated' || (state?.is === 'waiting' && state.reason === 'CrashLoopBackOff');

/**
 * Whether the container began to run after the failure was recorded. Two clocks are compared. Events are of the same
 * clock as the start: once they have been read and show no failure since, the start counts as it is written. Until
 * then, and where they may not be read, a start counts as later only if no difference of the clocks explains it; a
 * container that really passed the check crashes again and again, so that the benefit ends with its next start.
 */
function isLater(
  { lastStartedTime }: Container,
  pod: Pod,
  { firstSeenTime }: DiagnosisStatus,
  snapshot: Snapshot,
): boolean {
  if (lastStartedTime === undefined) return pod.createdTime >= firstSeenTime;
  const skewMs = areEventsRead(pod, snapshot) ? 0 : maxClockSkewMs;
  return Date.parse(lastStartedTime) >= Date.parse(firstSeenTime) + skewMs;
}

function isAbout(finding: RecordedFinding, { name, type, image }: Container): boolean {
  return (
    finding.container.name === name && finding.container.type === type && finding.image.reference === image
  );
}
