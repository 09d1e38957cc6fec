// From a snapshot to a verdict. The list of rules below is the whole of rootcause's judgement about a container.

import type { Finding, OtherImage, Verdict } from '../model/finding.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Pod } from '../model/pod.ts';
import type { Question } from '../model/question.ts';
import { withDeniedPath } from './images/denied-path.ts';
import { inspect } from './images/image-facts.ts';
import { kubeletFailure, eventsQuestions } from './witnesses/evidence.ts';
import { permissionQuestions, permissionFailure } from './witnesses/permission-evidence.ts';
import { podSecurityFindings } from './witnesses/refused-pods.ts';
import { createFailuresQuestion } from './witnesses/create-failures.ts';
import { otherImages } from './images/other-images.ts';
import { imageRunsAsRoot } from './rules/image-runs-as-root.ts';
import { invalidImageUid } from './rules/invalid-image-uid.ts';
import { nonRootPermissionDenied } from './rules/non-root-permission-denied.ts';
import { nonNumericUser } from './rules/non-numeric-user.ts';
import { runAsUserIsRoot } from './rules/run-as-user-is-root.ts';
import { userNotInImage } from './rules/user-not-in-image.ts';
import { windowsAdministrator } from './rules/windows-administrator.ts';
import { runtimeFailure } from './witnesses/runtime-failure.ts';
import { dependentsQuestion } from './dependents-question.ts';
import { subjectOf, type Subject } from './subject.ts';
import { mergedFindings, verdictOn, type FailingPod, type ShownFinding } from './verdict.ts';

/** In the order in which a start can fail; each speaks only where somebody who was there has spoken. */
const rules: readonly ((subject: Subject) => Finding | undefined)[] = [
  // the spec asks for root
  runAsUserIsRoot,
  // the image's user is a name
  nonNumericUser,
  // the image's user is 0, or there is none
  imageRunsAsRoot,
  // the image's user is a number out of range
  invalidImageUid,
  // on Windows: the account is the administrator's
  windowsAdministrator,
  // past the kubelet: the runtime does not find the user
  userNotInImage,
  // past the runtime: the program lacks a permission
  nonRootPermissionDenied,
];

/**
 * Says which containers of a workload the kubelet refuses, and what it would have to know to say more.
 *
 * It does not look into images, does not decide what to do, and says nothing of any other failure.
 */
export function diagnose(snapshot: Snapshot): Diagnosed {
  const pods = snapshot.pods.toSorted(newestFirst);
  const failing = pods
    .map((pod): FailingPod => ({ pod, found: findingsIn(pod, snapshot) }))
    .filter(({ found }) => found.length > 0);
  const found = [...podSecurityFindings(snapshot), ...mergedFindings(failing, snapshot.workload?.template)];
  const inspected = found.map(({ finding, shown }) =>
    withDeniedPath(inspect(finding, shown, snapshot), shown, snapshot),
  );
  const findings = inspected.map(({ finding }) => finding);
  const [newest] = failing;
  const { others, questions } = otherImages(newest?.pod ?? found[0]?.shown[0]?.pod, findings, snapshot);
  return {
    verdict: verdictOn(failing, findings),
    failing: failing.map(({ pod }) => pod),
    others,
    questions: [
      ...eventsQuestions(pods, snapshot),
      ...createFailuresQuestion(snapshot),
      ...permissionQuestions(pods, snapshot),
      ...inspected.flatMap((one) => one.questions),
      ...questions,
      ...dependentsQuestion(snapshot, newest?.pod),
    ],
  };
}

export type Diagnosed = {
  readonly verdict: Verdict;
  /** Pods with a finding, newest first. */
  readonly failing: readonly Pod[];
  readonly others: readonly OtherImage[];
  readonly questions: readonly Question[];
};

/** The newest pods show the workload as it is now. */
function newestFirst(a: Pod, b: Pod): number {
  return compare(b.createdTime, a.createdTime) || compare(a.name, b.name);
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function findingsIn(pod: Pod, snapshot: Snapshot): readonly ShownFinding[] {
  return pod.containers.flatMap((container) => {
    const failure =
      kubeletFailure(container, pod, snapshot) ??
      runtimeFailure(container) ??
      permissionFailure(container, pod, snapshot);
    if (!failure) return [];
    const subject = subjectOf(failure, container, pod, snapshot.workload?.template);
    return rules.flatMap((rule) => {
      const finding = rule(subject);
      return finding ? { finding, container } : [];
    });
  });
}
