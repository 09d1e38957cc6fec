// Containers that the kubelet has not reached yet, and will not start either: all of a pod are said at once.

import type { Container, Pod } from '../model/pod.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { kubeletSentence } from '../messages/kubelet/kubelet-sentences.ts';
import { printable } from '../platform/data/printable.ts';
import { effective, verifyRunAsNonRoot } from '../platform/kubelet/kubelet-user.ts';
import { containersOf } from '../platform/kubernetes/pod-containers.ts';
import { findingAbout } from './finding.ts';
import { imageEvidence } from './images/image-facts.ts';
import type { FailingPod, MergedFinding } from './verdict.ts';

/** Of a user's name that the kubelet prints, in characters. */
const maxUserLength = 200;

/**
 * What the kubelet will say of the others, from their settings and from their images as far as these were read.
 *
 * @param newest a failing pod, the newest: the workload as it is now
 */
export function predictedFindings(
  newest: FailingPod | undefined,
  found: readonly MergedFinding[],
  snapshot: Snapshot,
): readonly MergedFinding[] {
  const { pod } = newest ?? {};
  if (!pod || pod.manifest.spec.os?.name === 'windows') return [];
  const known = new Set(found.map(({ finding }) => finding.container.name));
  return containersOf(pod.manifest).flatMap((container) => {
    if (known.has(container.name) || !isUntried(container)) return [];
    const failure = failureToCome(container, pod, snapshot);
    if (!failure) return [];
    const finding = findingAbout(failure, container, pod, snapshot.workload?.template);
    return { finding: { ...finding, predicted: true }, shown: [{ container, pod }] };
  });
}

/** Reasons of a container that waits for others, or for its image. */
const waitingReasons = new Set(['', 'PodInitializing', 'ContainerCreating']);

const isUntried = ({ state, lastStartedTime, type }: Container): boolean =>
  type !== 'EphemeralContainer' &&
  lastStartedTime === undefined &&
  (!state || (state.is === 'waiting' && waitingReasons.has(state.reason)));

function failureToCome(container: Container, pod: Pod, snapshot: Snapshot) {
  const settings = effective(pod.manifest, container);
  if (settings.runAsUserName !== undefined) return undefined;
  const { reading } = imageEvidence(container, pod, snapshot, 'user');
  const written = reading?.is === 'read' ? reading.written : undefined;
  const verdict = verifyRunAsNonRoot(settings, written);
  if (verdict.passes !== false) return undefined;
  const { cause } = verdict;
  const user = printable(written?.split(':', 1)[0] ?? '', maxUserLength);
  return { cause, message: kubeletSentence(cause, user), ...(printsUser.has(cause) && { user }) };
}

const printsUser = new Set(['NonNumericUser', 'InvalidImageUID']);
