// The fix by a patch of the workload: the smallest that passes its proofs, the hardened one beside it.

import type { NamespaceAdvice } from '../../model/diagnosis.ts';
import type { Alternative, Certainty, Check, Fix } from '../../model/fix.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Template } from '../../model/pod.ts';
import type { DryRun, DryRunQuestion } from '../../model/question.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { alternativesFor, maxAlternatives } from '../advice/alternatives.ts';
import type { Candidate } from '../checks/candidate.ts';
import { candidateOf, hardenedCandidate } from '../checks/candidate.ts';
import { dryRun, isReady } from '../checks/checks.ts';
import { commandFor, isImmutable, recreateAdvice } from '../advice/command.ts';
import { followUpOf, manifestAdvice, sourceAdvice } from '../advice/follow-up.ts';
import type { FixInput } from '../fix-input.ts';
import { digestOf } from '../fix-input.ts';

export type PlannedFix = {
  readonly fix?: Fix;
  readonly podSecurity?: NamespaceAdvice;
  readonly questions: readonly DryRunQuestion[];
};

/** @param smallest the patch that makes all containers start */
export function patchedFix(
  occasion: FixInput,
  smallest: PodPatch,
  template: Template,
  made: PodManifest,
): PlannedFix {
  const small = candidateOf(occasion, smallest, template, made);
  const hard = hardenedCandidate(occasion, smallest, template, made);
  // A namespace may demand more than the failure does.
  const chosen = !isReady(small) && hard && isReady(hard) ? hard : small;
  const digest = digestOf(occasion, chosen.text);
  const question = questionOf(occasion, chosen, digest);
  const tried = question && answerTo(question, occasion.snapshot);
  const questions = question && !tried ? [question] : [];
  const isOpen = questions.length > 0 || occasion.others.some(({ isPending }) => isPending);
  const proved = isOpen ? provedBefore(digest, chosen.text, occasion.snapshot) : undefined;
  if (proved) return { fix: proved, questions };
  const checks = [...chosen.checks, question ? dryRun(tried) : untriable(occasion, chosen)];
  const more = hard && isReady(hard) && hard.text !== chosen.text ? hard : undefined;
  const fix = isReady({ checks })
    ? readyFix(occasion, chosen.text, checks, more)
    : refusedFix(occasion, chosen.text, checks);
  return { fix, questions };
}

/** What was proved or refused before holds until the answers are here again. */
function provedBefore(digest: string, patch: string, { recorded }: Snapshot): Fix | undefined {
  const was = recorded?.status;
  if (was?.state !== 'Failing' || !was.fix) return undefined;
  const isRefused = !isReady(was.fix) && was.fix.alternatives?.[0]?.patch === patch;
  return was.fix.digest === digest || isRefused ? was.fix : undefined;
}

function questionOf(
  { workload }: FixInput,
  candidate: Candidate,
  patchDigest: string,
): DryRunQuestion | undefined {
  if (isImmutable(workload) || !isReady(candidate)) return undefined;
  const { ref, generation } = workload;
  return {
    ask: 'dryRun',
    workload: ref,
    patchDigest,
    patch: candidate.text,
    ...(generation !== undefined && { generation }),
  };
}

function answerTo(question: DryRunQuestion, { answers }: Snapshot): DryRun | undefined {
  for (const answer of answers) {
    if (!('tried' in answer)) continue;
    const { patchDigest, generation } = answer.question;
    if (patchDigest === question.patchDigest && generation === question.generation) return answer.tried;
  }
  return undefined;
}

function untriable({ workload }: FixInput, candidate: Candidate): Check {
  const message = isReady(candidate)
    ? `A live ${workload.ref.kind} cannot take a patch, so there is nothing to try.`
    : 'Another proof failed, so it was not tried.';
  return { name: 'DryRun', result: 'Skipped', message };
}

function readyFix(
  occasion: FixInput,
  patch: string,
  checks: readonly Check[],
  more: Candidate | undefined,
): Fix {
  const { cures, workload, manager } = occasion;
  const isLive = !isImmutable(workload);
  const command = manager ? undefined : commandFor(workload);
  return {
    type: isLive ? 'WorkloadPatch' : 'Recreate',
    certainty: leastSure(occasion, checks),
    ...(isLive && { digest: digestOf(occasion, patch) }),
    ...(isLive && more && { hardenedDigest: digestOf(occasion, more.text) }),
    summary: summaryOf(occasion),
    patch,
    ...(more && { hardenedPatch: more.text, hardenedCertainty: 'TestFirst' as const }),
    ...listed('alternatives', alternativesFor([], occasion)),
    ...imageChange(cures),
    ...(command !== undefined && { command }),
    checks,
    ...(manager && { managedBy: manager }),
    ...listed('followUp', stepsAfter(occasion)),
  };
}

/** A patch that failed a proof is shown with the proof, and is not offered as ready. */
function refusedFix(occasion: FixInput, patch: string, checks: readonly Check[]): Fix {
  const { cures, manager } = occasion;
  const failed = checks.filter(({ result }) => result === 'Failed').map(({ name }) => name);
  const summary = summaryOf(occasion);
  const later: Alternative = { summary: `${summary}, once that is mended`, certainty: 'TestFirst', patch };
  return {
    type: 'Manual',
    certainty: 'Template',
    summary: `${summary} does not pass ${failed.join(' and ')}`,
    ...listed(
      'alternatives',
      [...(isEmpty(patch) ? [] : [later]), ...alternativesFor([], occasion)].slice(0, maxAlternatives),
    ),
    ...imageChange(cures),
    checks,
    ...(manager && { managedBy: manager, followUp: [sourceAdvice(manager)] }),
  };
}

/** Where the level asks for what no patch can give, there may be nothing left to patch. */
const isEmpty = (patch: string): boolean => /: \{\}\s*$/.test(patch);

function stepsAfter({ workload, manager, failing }: FixInput): readonly string[] {
  return [
    ...(manager ? [sourceAdvice(manager)] : []),
    ...(isImmutable(workload) ? [recreateAdvice(workload)] : followUpOf(workload, failing)),
    ...(manager || isImmutable(workload) ? [] : manifestAdvice(workload)),
  ];
}

const summaryOf = ({ cures }: FixInput): string =>
  [...new Set(cures.map(({ summary }) => summary))].join(', ');

export function imageChange(cures: FixInput['cures']): Pick<Fix, 'dockerfile' | 'dockerfileCertainty'> {
  const lines = cures.find(({ dockerfile }) => dockerfile)?.dockerfile;
  return lines ? { dockerfile: lines.lines, dockerfileCertainty: lines.certainty } : {};
}

/** As sure as the least sure part; what could not be proved is to be tested. */
function leastSure({ cures }: FixInput, checks: readonly Check[]): Certainty {
  const isUnproved = checks.some(({ name, result }) => name === 'KubeletUser' && result !== 'Passed');
  if (cures.some(({ certainty }) => certainty === 'Template')) return 'Template';
  return isUnproved || cures.some(({ certainty }) => certainty === 'TestFirst') ? 'TestFirst' : 'Certain';
}

/** A field that is left out where there is nothing to list. */
export const listed = <Name extends string, T>(
  name: Name,
  list: readonly T[],
): { readonly [K in Name]?: readonly T[] } =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  (list.length > 0 ? { [name]: list } : {}) as { readonly [K in Name]?: readonly T[] };
