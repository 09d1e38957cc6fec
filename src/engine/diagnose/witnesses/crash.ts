// Containers that keep ending: as which user they ran, and whether that may be why.

import type { Snapshot } from '../../model/snapshot.ts';
import type { Container, Pod } from '../../model/pod.ts';
import { effective } from '../../platform/kubelet/kubelet-user.ts';
import { imageEvidence } from '../images/image-facts.ts';
import { runtimeWords } from './runtime-words.ts';

/** A program that crashes so soon after its start has not been cured. */
const soonMs = 120_000;

/**
 * The uid of a container that crashes as a user who is not root, in a pod that still counts; undefined for all others.
 * A permission error alone proves nothing of a container: root without capabilities gets the same error.
 */
export function crashingUid(container: Container, pod: Pod, snapshot: Snapshot): number | undefined {
  const uid = uidOf(container, pod, snapshot);
  return uid === 0 || isPast(pod, snapshot) || !isCrashing(container, snapshot) ? undefined : uid;
}

/** The uid that it runs as: what the spec says, else what its image means. Windows has none. */
export function uidOf(container: Container, pod: Pod, snapshot: Snapshot): number | undefined {
  const { runAsUser } = effective(pod.manifest, container);
  if (runAsUser !== undefined) return runAsUser;
  const { reading } = imageEvidence(container, pod, snapshot);
  return reading?.is === 'read' && reading.user.is === 'resolved' ? reading.user.uid : undefined;
}

/** A pod of a Job that failed counts until there is a newer one. */
export function isPast(pod: Pod, { pods }: Snapshot): boolean {
  return pod.finished === true && pods.some(({ createdTime }) => createdTime > pod.createdTime);
}

/** False for what ended by a signal, or because memory ran out. */
export function hasEnded({ lastTerminated, state, type }: Container): boolean {
  if (!lastTerminated || state?.is === 'running' || type === 'EphemeralContainer') return false;
  const { exitCode, reason } = lastTerminated;
  return exitCode > 0 && exitCode !== 137 && exitCode !== 143 && reason !== 'OOMKilled';
}

function isCrashing(container: Container, { now }: Snapshot): boolean {
  if (hasEnded(container) || runtimeWords(container)) return true;
  const { state, lastTerminated, lastStartedTime } = container;
  if (state?.is !== 'running' || !lastTerminated || lastTerminated.exitCode === 0) return false;
  return Date.parse(now) - Date.parse(lastStartedTime ?? '') < soonMs;
}
