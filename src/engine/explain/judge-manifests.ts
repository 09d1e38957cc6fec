// What the operator would say of a workload, had it seen no more than the objects that were given.

import { diagnose } from '../diagnose/diagnose.ts';
import { parsePermissionDenial } from '../messages/permission/permission-denial.ts';
import type { Fix } from '../model/fix.ts';
import type { Manifests } from '../model/manifests.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Pod } from '../model/pod.ts';
import type { Answer, LogQuestion, Question } from '../model/question.ts';
import type { WorkloadRef } from '../model/workload.ts';
import { printPatch } from '../fix/advice/command.ts';
import { fixFor } from '../fix/fix.ts';
import { diagnosisStatus } from '../report/diagnosis-status.ts';
import { recordedFinding } from '../report/recorded-finding.ts';
import type { ExplainedFinding, ExplainedWorkload } from './explanation.ts';

/** An answer may lead to another question; none leads further than this. */
const maxRounds = 6;
const policy = { allowRootExemption: false };

/** Undefined where nothing fails. */
export function judged(given: Manifests): ExplainedWorkload | undefined {
  const snapshot = answered(given);
  const { workload } = snapshot;
  const { verdict, failing, others } = diagnose(snapshot);
  if (verdict.findings.length === 0 || !workload) return undefined;
  const planned = fixFor({ findings: verdict.findings, failing, others }, snapshot, policy);
  const now = verdict.stuckSince || snapshot.now;
  const status = diagnosisStatus(verdict, planned, { ...snapshot, now });
  if (!status) return undefined;
  const { namespace } = workload.ref;
  const fix = planned.fix && fixWithoutCluster(planned.fix, workload.ref, given);
  return {
    ...(given.isNamespaceKnown && { namespace }),
    status: { ...status, ...(fix && { fix }) },
    findings: verdict.findings.map((finding): ExplainedFinding => {
      const name = failing.find((one) => shows(one, finding, snapshot))?.name;
      const pod = { ...(name !== undefined && { name }), ...(given.isNamespaceKnown && { namespace }) };
      const isRefused = finding.cause === 'PodSecurityViolation';
      return Object.assign(
        { workload: status.workload, pod, ...(isRefused && { enforced: true }) },
        recordedFinding(finding),
      );
    }),
  };
}

/** Asks until nothing is left to ask that the objects can answer. */
function answered({ snapshot, answer, lastWords }: Manifests): Snapshot {
  const answers: Answer[] = [];
  const seen = { ...snapshot, answers };
  for (let round = 0; round < maxRounds; round += 1) {
    const diagnosed = diagnose(seen);
    const { questions } = fixFor({ ...diagnosed, findings: diagnosed.verdict.findings }, seen, policy);
    const asked = [...diagnosed.questions, ...questions].filter((question) => !isAnswered(question, answers));
    const found = asked.flatMap((question) =>
      question.ask === 'log' ? logAnswer(question, lastWords(question)) : (answer(question) ?? []),
    );
    if (found.length === 0) break;
    answers.push(...found);
  }
  return seen;
}

function logAnswer(question: LogQuestion, words: string | undefined): Answer {
  const denial = words === undefined ? undefined : parsePermissionDenial(words, question.hints);
  return denial ? { question, denial } : { question, because: 'notGiven' };
}

const isAnswered = (question: Question, answers: readonly Answer[]): boolean =>
  answers.some((answer) => JSON.stringify(answer.question) === JSON.stringify(question));

/** Of the pods that fail, one that fails in this way. */
function shows(
  pod: Pod,
  { cause, container }: { readonly cause: string; readonly container: { readonly name: string } },
  snapshot: Snapshot,
): boolean {
  return diagnose({ ...snapshot, pods: [pod] }).verdict.findings.some(
    (found) => found.cause === cause && found.container.name === container.name,
  );
}

/** There is no Diagnosis from which a command could take the patch, and perhaps no namespace to name in it. */
function fixWithoutCluster(fix: Fix, ref: WorkloadRef, { isNamespaceKnown }: Manifests): Fix {
  const { command, followUp, digest: _digest, hardenedDigest: _hardened, ...rest } = fix;
  const plain = (text: string): string => {
    const said = text.replaceAll(printPatch(ref), 'cat patch.yaml');
    return isNamespaceKnown ? said : said.replaceAll(`kubectl -n ${ref.namespace} `, 'kubectl ');
  };
  return {
    ...rest,
    ...(command !== undefined && { command: plain(command) }),
    ...(followUp && { followUp: followUp.map(plain) }),
  };
}
