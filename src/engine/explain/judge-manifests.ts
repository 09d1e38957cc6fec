// What the operator would say of a workload, had it seen no more than the objects that were given.

import type { DiagnosisStatus, RecordedFinding } from '../model/diagnosis.ts';
import { diagnose } from '../diagnose/diagnose.ts';
import { parsePermissionDenial } from '../messages/permission/permission-denial.ts';
import type { Finding } from '../model/finding.ts';
import type { Manifests } from '../model/manifests.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Pod } from '../model/pod.ts';
import type { Answer, LogQuestion } from '../model/question.ts';
import { fixInWords } from '../report/status/recorded-fix.ts';
import { recordedFinding } from '../report/status/recorded-finding.ts';
import { userFirst } from './failure/user-first.ts';
import { judge } from '../judge.ts';
import { settle } from '../settle.ts';

/** A workload of which objects were given, judged as the operator would. */
export type ExplainedWorkload = {
  /** Absent where the objects do not have it. */
  readonly namespace?: string;
  readonly status: DiagnosisStatus;
  readonly findings: readonly ExplainedFinding[];
};

/** A finding of the operator, and one of the pods that show it. */
type ExplainedFinding = RecordedFinding & {
  readonly workload: string;
  /** Of Pod Security, as for a text. */
  readonly enforced?: boolean;
  readonly pod: { readonly name?: string; readonly namespace?: string };
};

const policy = { allowRootExemption: false };

/** Undefined where nothing fails. */
export async function judged(given: Manifests): Promise<ExplainedWorkload | undefined> {
  const { answer, lastWords } = given;
  const { snapshot, verdict } = await settle(given.snapshot, policy, async (question) =>
    question.ask === 'log' ? logAnswer(question, lastWords(question)) : answer(question),
  );
  const { workload, pods } = snapshot;
  if (verdict.findings.length === 0 || !workload) return undefined;
  const now = verdict.stuckSince || snapshot.now;
  const { status, fix: planned } = judge({ ...snapshot, now }, policy);
  if (!status) return undefined;
  const newestFirst = pods.toReversed();
  const place = given.isNamespaceKnown ? { namespace: workload.ref.namespace } : {};
  const path = workload.template?.path.split('.').slice(0, -1) ?? [];
  // Without the digests: there is no workload that they could identify.
  const fix = planned && fixInWords(userFirst(planned, verdict.findings, path, false), place);
  return {
    ...place,
    status: { ...status, ...(fix && { fix }) },
    findings: verdict.findings.map((finding): ExplainedFinding => {
      const name = newestFirst.find((one) => shows(one, finding, snapshot))?.name;
      const pod = { ...(name !== undefined && { name }), ...place };
      const isRefused = finding.cause === 'PodSecurityViolation';
      return Object.assign(
        { workload: status.workload, pod, ...(isRefused && { enforced: true }) },
        recordedFinding(finding),
      );
    }),
  };
}

function logAnswer(question: LogQuestion, words: string | undefined): Answer {
  const denial = words === undefined ? undefined : parsePermissionDenial(words, question.hints);
  return denial ? { question, denial } : { question, because: 'notGiven' };
}

/** Of the pods that fail, one that fails in this way. */
function shows(pod: Pod, { cause, container }: Finding, snapshot: Snapshot): boolean {
  return diagnose({ ...snapshot, pods: [pod] }).verdict.findings.some(
    (found) => found.cause === cause && found.container.name === container.name,
  );
}
