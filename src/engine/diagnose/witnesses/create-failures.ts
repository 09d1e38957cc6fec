// Whether pods of a workload are missing, and what is asked and known about the reason.

import type { Snapshot, Workload } from '../../model/snapshot.ts';
import type { CreateFailuresAnswer, CreateFailuresQuestion } from '../../model/question.ts';
import type { Time } from '../../model/time.ts';
import type { ObjectRef } from '../../model/workload.ts';
import { workloadKind } from '../../platform/kubernetes/workload-kinds.ts';
import { podCount } from '../verdict.ts';

/** Asked where only Events say why. */
export function createFailuresQuestion(snapshot: Snapshot): readonly CreateFailuresQuestion[] {
  const workload = withoutPods(snapshot);
  if (!workload || createFailuresAnswer(snapshot)) return [];
  return [
    { ask: 'createFailures', workload: workload.ref, ...(!workload.template && { lacksTemplate: true }) },
  ];
}

/** The workload, where pods are missing and it has no condition that could say why. */
export function withoutPods({ workload, pods, podsTotal }: Snapshot): Workload | undefined {
  if (!workload || hasOwnCondition(workload) || !wantsPods(workload)) return undefined;
  // Pods that have ended are no longer any of those that are wanted: a CronJob keeps some of each kind.
  const unfinished = podsTotal - podCount(pods.filter(({ finished }) => finished));
  return unfinished < (workload.desired ?? 1) ? workload : undefined;
}

export const createFailuresAnswer = ({ answers }: Snapshot): CreateFailuresAnswer | undefined =>
  answers.find((answer) => 'createFailures' in answer);

/** Controllers of the workload that may not create their pods, as conditions and Events say. */
export const refusedControllers = (snapshot: Snapshot): readonly ObjectRef[] =>
  [...(snapshot.createFailures ?? []), ...(createFailuresAnswer(snapshot)?.createFailures ?? [])].map(
    ({ owner }) => owner,
  );

/**
 * True of a workload whose own condition is there while its pods are not admitted, and only then. Events are no better:
 * those of a ReplicaSet that is superseded, and wants no pods any more, outlive the failure.
 */
const hasOwnCondition = ({ ref, runBy, incomplete }: Workload): boolean =>
  !incomplete && workloadKind(runBy ?? ref)?.reportsCreateFailure === true;

/** A Job that has ended, or is suspended, starts nothing; nor does what is scaled to zero. */
export const wantsPods = ({ desired, rollout }: Pick<Workload, 'desired' | 'rollout'>): boolean =>
  desired !== 0 && rollout?.isSuspended !== true;

export const newestPodTime = ({ pods }: Snapshot): Time =>
  pods.reduce((newest, { createdTime }) => (createdTime > newest ? createdTime : newest), '');
