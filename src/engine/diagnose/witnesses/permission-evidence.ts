// Says which containers start as a user that is not root and end for want of a permission, and what would have to be
// read to know. Nobody is accused for a permission error alone: root without capabilities says the same.

import type { RecordedFinding } from '../../model/diagnosis.ts';
import type { PermissionDenial } from '../../model/permission.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Container, Pod } from '../../model/pod.ts';
import type { ImageQuestion, LogAnswer, LogQuestion } from '../../model/question.ts';
import { containersOf, effective } from '../../platform/kubelet/kubelet-user.ts';
import { imageEvidence } from '../images/image-facts.ts';
import { denialSentence } from '../denial-sentence.ts';
import { parsePermissionDenial } from '../../messages/permission/permission-denial.ts';
import type { ContainerFailure } from './container-failure.ts';
import { runtimeWords } from './runtime-failure.ts';

/** Containers of one workload whose logs are read; the pods share a template, so one of each name tells for all. */
const maxContainers = 8;
/** A program that crashes so soon after its start has not been cured. */
const soonMs = 120_000;

export function permissionFailure(
  container: Container,
  pod: Pod,
  snapshot: Snapshot,
): ContainerFailure | undefined {
  const uid = uidOf(container, pod, snapshot);
  if (uid === undefined || uid === 0 || isPast(pod, snapshot) || !isCrashing(container, snapshot))
    return undefined;
  const words = runtimeWords(container);
  const started = words ? parsePermissionDenial(words.message, { uid }) : undefined;
  const denial = started ?? answerAbout(container, pod, snapshot)?.denial;
  return denial ? failureOf(denial) : recordedFailure(container, pod, snapshot);
}

/** The newest crashing pod's container of each name, as far as nobody has looked; its user first, then its log. */
export function permissionQuestions(
  pods: readonly Pod[],
  snapshot: Snapshot,
): readonly (ImageQuestion | LogQuestion)[] {
  const names = new Set<string>();
  const questions: (ImageQuestion | LogQuestion)[] = [];
  for (const pod of pods) {
    for (const container of pod.containers) {
      if (names.has(container.name) || names.size >= maxContainers || isPast(pod, snapshot)) continue;
      if (!hasEnded(container) || !isUndecided(container)) continue;
      names.add(container.name);
      questions.push(...nextQuestion(container, pod, snapshot));
    }
  }
  return questions;
}

/** A pod of a Job that failed tells why until there is a newer one. */
function isPast(pod: Pod, { pods }: Snapshot): boolean {
  return pod.finished === true && pods.some(({ createdTime }) => createdTime > pod.createdTime);
}

function nextQuestion(
  container: Container,
  pod: Pod,
  snapshot: Snapshot,
): readonly (ImageQuestion | LogQuestion)[] {
  const uid = uidOf(container, pod, snapshot);
  if (uid === undefined) {
    const { question, reading } = imageEvidence(container, pod, snapshot);
    return reading ? [] : [question];
  }
  return uid === 0 || answerAbout(container, pod, snapshot) ? [] : [logQuestion(container, pod, uid)];
}

function logQuestion(container: Container, pod: Pod, uid: number): LogQuestion {
  const spec = containersOf(pod.manifest).find(({ name }) => name === container.name);
  return {
    ask: 'log',
    namespace: pod.namespace,
    pod: pod.name,
    podUid: pod.uid,
    container: container.name,
    previous: container.state?.is !== 'terminated',
    hints: { uid, volumeMounts: (spec?.volumeMounts ?? []).map(({ mountPath }) => mountPath) },
  };
}

/** The uid that it runs as: what the spec says, else what its image means. Windows has none. */
function uidOf(container: Container, pod: Pod, snapshot: Snapshot): number | undefined {
  const { runAsUser } = effective(pod.security, container.security);
  if (runAsUser !== undefined) return runAsUser;
  const { reading } = imageEvidence(container, pod, snapshot);
  return reading?.is === 'read' && reading.user.is === 'resolved' ? reading.user.uid : undefined;
}

/** What a signal ended, or the kernel for want of memory, did not end by itself. */
function hasEnded({ lastTerminated, state, type }: Container): boolean {
  if (!lastTerminated || state?.is === 'running' || type === 'EphemeralContainer') return false;
  const { exitCode, reason } = lastTerminated;
  return exitCode > 0 && exitCode !== 137 && exitCode !== 143 && reason !== 'OOMKilled';
}

/** Where the runtime itself has said why, no log has more to say. */
const isUndecided = (container: Container): boolean =>
  runtimeWords(container) === undefined || isLooping(container);

const isLooping = ({ state }: Container): boolean =>
  state?.is === 'waiting' && state.reason === 'CrashLoopBackOff';

function isCrashing(container: Container, { now }: Snapshot): boolean {
  if (hasEnded(container) || runtimeWords(container)) return true;
  const { state, lastTerminated, lastStartedTime } = container;
  if (state?.is !== 'running' || !lastTerminated || lastTerminated.exitCode === 0) return false;
  return Date.parse(now) - Date.parse(lastStartedTime ?? '') < soonMs;
}

/** Pods of one controller share a template, so that one speaks for all; of another template it says nothing. */
function answerAbout(
  { name }: Container,
  { uid, controller }: Pod,
  { answers, pods }: Snapshot,
): LogAnswer | undefined {
  const siblings = pods.filter((pod) => controller !== undefined && pod.controller?.name === controller.name);
  const uids = new Set([uid, ...siblings.map((pod) => pod.uid)]);
  return answers.find(
    (answer): answer is LogAnswer =>
      answer.question.ask === 'log' && answer.question.container === name && uids.has(answer.question.podUid),
  );
}

function failureOf(denial: PermissionDenial): ContainerFailure {
  const { family, path, port } = denial;
  return {
    cause: 'NonRootPermissionDenied',
    sentence: denialSentence(denial),
    family,
    ...(path !== undefined && { path }),
    ...(port !== undefined && { port }),
  };
}

/** What was found before holds for a pod that was there then, until its log has been read again, and where it cannot be. */
function recordedFailure(container: Container, pod: Pod, snapshot: Snapshot): ContainerFailure | undefined {
  const status = snapshot.recorded?.status;
  const answer = answerAbout(container, pod, snapshot);
  if (status?.state !== 'Failing' || (answer && answer.because === undefined)) return undefined;
  if (pod.createdTime > status.firstSeenTime) return undefined;
  const found = status.findings.find((finding) => isAbout(finding, container));
  if (!found) return undefined;
  const { message: sentence, family, path, port } = found;
  return {
    cause: 'NonRootPermissionDenied',
    sentence,
    ...(family !== undefined && { family }),
    ...(path !== undefined && { path }),
    ...(port !== undefined && { port }),
  };
}

const isAbout = (
  { cause, container, image }: RecordedFinding,
  { name, image: reference }: Container,
): boolean => cause === 'NonRootPermissionDenied' && container.name === name && image.reference === reference;
