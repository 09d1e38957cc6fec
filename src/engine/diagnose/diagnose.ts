// From a snapshot to a verdict. The two lists of witnesses below are the whole judgement of what a workload fails from.

import { compare } from '../platform/data/compare.ts';
import { containersOf } from '../platform/kubernetes/pod-containers.ts';
import type { OtherImage, Verdict, WorkloadReadiness } from '../model/finding.ts';
import type { Container, Pod } from '../model/pod.ts';
import type { Question } from '../model/question.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { dependentsQuestion } from './dependents-question.ts';
import { findingAbout } from './finding.ts';
import { withDeniedPath } from './images/denied-path.ts';
import { inspect } from './images/image-facts.ts';
import { otherImages } from './images/other-images.ts';
import { isHistory } from './history.ts';
import { predictedFindings } from './predicted.ts';
import { readinessOf } from './readiness.ts';
import { mergedFindings, verdictOn, type FailingPod, type ShownFinding } from './verdict.ts';
import { createFailuresQuestion } from './witnesses/create-failures.ts';
import { denialRecord } from './witnesses/denial-record.ts';
import { eventsQuestions, kubeletEvents } from './witnesses/kubelet-events.ts';
import { kubeletRecord } from './witnesses/kubelet-record.ts';
import { kubeletStatus } from './witnesses/kubelet-status.ts';
import { logQuestions, programLog } from './witnesses/program-log.ts';
import { rejectionCondition } from './witnesses/rejection-condition.ts';
import { rejectionEvents } from './witnesses/rejection-events.ts';
import { rejectionRecord } from './witnesses/rejection-record.ts';
import { missingUser } from './witnesses/runtime-words.ts';
import { startError } from './witnesses/start-error.ts';
import type { ContainerFailure, ContainerWitness, CreationWitness } from './witnesses/witness.ts';

/**
 * Why a container does not run, in the order in which a start can fail. The first witness that knows something decides;
 * those below it are not asked.
 */
const containerWitnesses: readonly ContainerWitness[] = [
  // The kubelet's check of runAsNonRoot, from the status. Always believed, because only the kubelet writes there; it
  // beats all others. Between two attempts it cannot tell, and only then the next two are asked.
  kubeletStatus,
  // The same check, from the newest Event since the container last began to run. Believed only if the settings can fail
  // the check, because everybody who may create Events can forge one. An Event beats the record, which is older.
  kubeletEvents,
  // The same check, as recorded. Believed if no Event tells anything newer, the container has not begun to run since,
  // and its image and settings are the same.
  kubeletRecord,
  // The container runtime, past the kubelet: the image has no such user. Its words stand in the status or in the last
  // termination; believed only if they end the message, because a command can imitate them. Beats what the program says.
  missingUser,
  // The container runtime, past the user: the program cannot be started. This and the next two are believed only of a
  // user who is not root, because root without capabilities gets the same errors.
  startError,
  // The program's log, if the program keeps ending. One log counts for all pods of a controller.
  programLog,
  // The same as the last two, as recorded. Believed of a pod that was there then, until its log has been read again.
  denialRecord,
];

/** Why the pods of a workload cannot be created. The first witness that knows something decides. */
const creationWitnesses: readonly CreationWitness[] = [
  // The condition of a Deployment, ReplicaSet or ReplicationController. Always believed: it is there as long as the
  // failure lasts.
  rejectionCondition,
  // `FailedCreate` Events, for the kinds without such a condition. Believed if pods are missing and none was created
  // since.
  rejectionEvents,
  // As recorded. Believed on the same terms, if Events are not read yet, may not be read, or have expired.
  rejectionRecord,
];

/**
 * Says what is wrong with a workload, container by container, and what it would have to know to say more.
 *
 * It does not read images, does not decide what to do, and says nothing of any other failure.
 */
export function diagnose(snapshot: Snapshot): DiagnosedWorkload {
  const pods = snapshot.pods.toSorted(newestFirst);
  const judged = pods.map((pod) => ({ pod, found: findingsIn(pod, snapshot) }));
  const failing = judged.map(withoutHistory(snapshot)).filter(({ found }) => found.length > 0);
  const failingPods = failing.map(({ pod }) => pod);
  const older = judged
    .filter(({ pod, found }) => found.length > 0 && !failingPods.includes(pod))
    .map(({ pod }) => pod);
  const rejected = creationWitnesses.map((witness) => witness(snapshot)).find(({ length }) => length > 0);
  const seen = [...(rejected ?? []), ...mergedFindings(failing, snapshot.workload?.template)];
  const found = [...seen, ...predictedFindings(failing[0], seen, snapshot)];
  const inspected = found.map(({ finding, shown }) =>
    withDeniedPath(inspect(finding, shown, snapshot), shown, snapshot),
  );
  const findings = inspected.map(({ finding }) => finding);
  const [newest] = failing;
  const { others, questions } = otherImages(newest?.pod ?? found[0]?.shown[0]?.pod, findings, snapshot);
  return {
    verdict: verdictOn(failing, findings),
    readiness: readinessOf(snapshot, pods, older),
    failing: failingPods,
    older,
    others,
    questions: [
      ...eventsQuestions(pods, snapshot),
      ...createFailuresQuestion(snapshot),
      ...logQuestions(pods, snapshot),
      ...inspected.flatMap((one) => one.questions),
      ...questions,
      ...dependentsQuestion(snapshot, newest?.pod),
    ],
  };
}

type DiagnosedWorkload = {
  readonly verdict: Verdict;
  readonly readiness: WorkloadReadiness;
  /** Pods with a finding, newest first. */
  readonly failing: readonly Pod[];
  /** Pods that fail with what the template of now no longer has, newest first. */
  readonly older: readonly Pod[];
  readonly others: readonly OtherImage[];
  readonly questions: readonly Question[];
};

/** Those of the template of now first, then the newest: they show the workload as it is. */
function newestFirst(a: Pod, b: Pod): number {
  return (
    Number(a.madeFrom === 'olderTemplate') - Number(b.madeFrom === 'olderTemplate') ||
    compare(b.createdTime, a.createdTime) ||
    compare(a.name, b.name)
  );
}

const withoutHistory =
  ({ workload }: Snapshot) =>
  ({ pod, found }: FailingPod): FailingPod => ({
    pod,
    found: found.filter(({ finding, container }) => !isHistory(finding.cause, container, pod, workload)),
  });

function findingsIn(pod: Pod, snapshot: Snapshot): readonly ShownFinding[] {
  return containersOf(pod.manifest).flatMap((container) => {
    const failure = failureOf(container, pod, snapshot);
    if (!failure) return [];
    return { finding: findingAbout(failure, container, pod, snapshot.workload?.template), container };
  });
}

function failureOf(container: Container, pod: Pod, snapshot: Snapshot): ContainerFailure | undefined {
  for (const witness of containerWitnesses) {
    const failure = witness(container, pod, snapshot);
    if (failure) return failure;
  }
  return undefined;
}
