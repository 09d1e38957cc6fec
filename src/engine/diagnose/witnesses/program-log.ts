// What a program that is not root says in its log before it ends, and which logs would have to be read.

import type { Snapshot } from '../../model/snapshot.ts';
import type { Container, Pod } from '../../model/pod.ts';
import type { ImageQuestion, LogAnswer, LogQuestion } from '../../model/question.ts';
import { containersOf } from '../../platform/kubernetes/pod-containers.ts';
import { imageEvidence } from '../images/image-facts.ts';
import { crashingUid, hasEnded, isPast, uidOf } from './crash.ts';
import { runtimeWords } from './runtime-words.ts';
import { deniedPermission } from './start-error.ts';
import type { ContainerFailure } from './witness.ts';

export function programLog(container: Container, pod: Pod, snapshot: Snapshot): ContainerFailure | undefined {
  if (crashingUid(container, pod, snapshot) === undefined) return undefined;
  const denial = logAnswer(container, pod, snapshot)?.denial;
  return denial && { ...deniedPermission(denial), unconfirmed: true };
}

/** Containers of one workload whose logs are read; the pods share a template, so that one of each name is enough. */
const maxContainers = 8;

/** About the newest crashing pod's container of each name: first its user, then its log. */
export function logQuestions(
  pods: readonly Pod[],
  snapshot: Snapshot,
): readonly (ImageQuestion | LogQuestion)[] {
  const names = new Set<string>();
  const questions: (ImageQuestion | LogQuestion)[] = [];
  for (const pod of pods) {
    for (const container of containersOf(pod.manifest)) {
      if (names.has(container.name) || names.size >= maxContainers || isPast(pod, snapshot)) continue;
      if (!hasEnded(container) || !isOpen(container)) continue;
      names.add(container.name);
      questions.push(...nextQuestion(container, pod, snapshot));
    }
  }
  return questions;
}

/** Where the runtime itself has said why, no log has more to say. */
const isOpen = (container: Container): boolean =>
  runtimeWords(container) === undefined ||
  (container.state?.is === 'waiting' && container.state.reason === 'CrashLoopBackOff');

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
  return uid === 0 || logAnswer(container, pod, snapshot) ? [] : [logQuestion(container, pod, uid)];
}

function logQuestion(container: Container, pod: Pod, uid: number): LogQuestion {
  return {
    ask: 'log',
    namespace: pod.namespace,
    pod: pod.name,
    podUid: pod.uid,
    container: container.name,
    previous: container.state?.is !== 'terminated',
    hints: { uid, volumeMounts: (container.volumeMounts ?? []).map(({ mountPath }) => mountPath) },
  };
}

/** Pods of one controller share a template, so that one speaks for all; of another template it says nothing. */
export function logAnswer(
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
