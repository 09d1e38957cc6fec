// Who may not create the pods of a workload now: its own conditions, else Events, else what was recorded.

import type { Snapshot, Workload } from '../../model/snapshot.ts';
import type { CreateFailure } from '../../model/create-failure.ts';
import type { Answer, CreateFailuresAnswer, CreateFailuresQuestion } from '../../model/question.ts';
import type { Time } from '../../model/time.ts';
import { isBuiltIn } from '../../model/workload.ts';

/** Asked where pods are missing and the workload has no condition that could tell why. */
export function createFailuresQuestion(snapshot: Snapshot): readonly CreateFailuresQuestion[] {
  const { workload, answers } = snapshot;
  if (!workload || hasOwnCondition(workload) || !isMissingPods(workload, snapshot)) return [];
  return answerIn(answers) ? [] : [{ ask: 'createFailures', workload: workload.ref }];
}

/**
 * The createFailures that hold now. A condition holds as it is. An Event holds while pods are missing and none was created
 * since: times are whole seconds, and one of the same second counts as earlier, for a controller that is refused tries
 * again, while one that was let through would stay accused for an hour.
 */
export function currentCreateFailures(snapshot: Snapshot): readonly CreateFailure[] {
  const { workload, createFailures = [], answers } = snapshot;
  if (!workload || !wantsPods(workload)) return [];
  if (createFailures.length > 0 || hasOwnCondition(workload)) return createFailures;
  if (!isMissingPods(workload, snapshot)) return [];
  const createdTime = newestPodTime(snapshot);
  const told = answerIn(answers)?.createFailures ?? [];
  return told.filter(({ lastTime }) => lastTime === undefined || lastTime > createdTime);
}

/**
 * True where the record is all that is left to tell of a refusal, and nothing speaks against it: Events are not read yet,
 * may not be read, or have expired, while pods are missing and none was created since. Where it is not known how many
 * pods are wanted, as of a CronJob, no Event is a sign that nobody tries any more.
 */
export function isStillRecorded(snapshot: Snapshot): boolean {
  const { workload, recorded, answers } = snapshot;
  const status = recorded?.status;
  if (!workload || status?.state !== 'Failing' || !status.findings.some(isPodSecurityViolation)) return false;
  if (hasOwnCondition(workload) || !isMissingPods(workload, snapshot)) return false;
  if (newestPodTime(snapshot) >= status.firstSeenTime) return false;
  const answer = answerIn(answers);
  if (!answer || answer.because !== undefined) return true;
  return answer.createFailures.length === 0 && answer.over !== true && workload.desired !== undefined;
}

const isPodSecurityViolation = ({ cause }: { readonly cause: string }): boolean =>
  cause === 'PodSecurityViolation';

const answerIn = (answers: readonly Answer[]): CreateFailuresAnswer | undefined =>
  answers.find((answer) => 'createFailures' in answer);

/** A bare Pod that was refused does not exist, so that only who wanted to create it knows. */
const kindsWithCondition = new Set(['Deployment', 'ReplicaSet', 'ReplicationController', 'Pod']);

/**
 * True of a workload whose own condition is there while it is refused, and only then. Events are no better: those of a
 * ReplicaSet that is superseded, and wants no pods any more, outlive its refusal.
 */
const hasOwnCondition = ({ ref, incomplete }: Workload): boolean =>
  !incomplete && isBuiltIn(ref) && kindsWithCondition.has(ref.kind);

const wantsPods = ({ desired, rollout }: Workload): boolean => desired !== 0 && rollout?.isSuspended !== true;

/** Pods that have ended are no longer any of those that are wanted: a CronJob keeps some of each kind. */
function isMissingPods(workload: Workload, { pods, podsTotal }: Snapshot): boolean {
  const unfinished = podsTotal - pods.filter(({ finished }) => finished).length;
  return wantsPods(workload) && unfinished < (workload.desired ?? 1);
}

const newestPodTime = ({ pods }: Snapshot): Time =>
  pods.reduce((newest, { createdTime }) => (createdTime > newest ? createdTime : newest), '');
