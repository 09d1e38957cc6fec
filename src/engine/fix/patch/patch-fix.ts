// The fix by a patch of the workload: the smallest that passes its proofs, the hardened one beside it.

import type { NamespaceAdvice } from '../../model/diagnosis.ts';
import type { Alternative, Certainty, Check, Command, Fix, Patch } from '../../model/fix.ts';
import type { Answer, DryRun, DryRunQuestion } from '../../model/question.ts';
import type { Workload } from '../../model/snapshot.ts';
import { isSame } from '../../platform/data/same.ts';
import { sha256Hex } from '../../platform/kubernetes/diagnosis-name.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { alternativesFor } from '../advice/alternatives.ts';
import { isImmutable } from '../../platform/kubernetes/workload-kinds.ts';
import { replacementSteps, sourceSteps, stepsAfter } from '../advice/follow-up.ts';
import { candidatesOf, type Candidate } from '../checks/candidate.ts';
import { dryRun, isReady } from '../checks/checks.ts';
import type { ContainerCure } from '../cure/change.ts';
import type { PatchInput } from '../fix-input.ts';

/** A fix, and what is not known of it yet. */
export type PlannedFix = {
  readonly fix?: Fix;
  readonly podSecurity?: NamespaceAdvice;
  readonly questions: readonly DryRunQuestion[];
  /** True while an answer may still change the checks. */
  readonly isOpen?: boolean;
};

/** @param smallest the patch that makes all containers start */
export function patchFix(
  input: PatchInput,
  smallest: PodPatch,
  answers: readonly Answer[],
): PlannedFix & { readonly fix: Fix } {
  const [small, hard] = candidatesOf(input, smallest);
  // A namespace may demand more than the failure does.
  const chosen = !isReady(small) && hard && isReady(hard) ? hard : small;
  if (chosen.isEmpty && isReady(chosen)) return { fix: fixedAlready(input, chosen), questions: [] };
  const question = questionOf(input, chosen);
  const tried = question && answerTo(question, answers);
  const checks = [...chosen.checks, question ? dryRun(tried) : untriable(input, chosen)];
  const more = hard && isReady(hard) && !isSame(hard.patch, chosen.patch) ? hard : undefined;
  const questions = question && !tried ? [question] : [];
  return {
    fix: isReady({ checks }) ? readyFix(input, chosen, checks, more) : refusedFix(input, chosen, checks),
    questions,
    isOpen: questions.length > 0 || input.others.some(({ isPending }) => isPending),
  };
}

function questionOf({ workload, cures }: PatchInput, candidate: Candidate): DryRunQuestion | undefined {
  if (isImmutable(workload.ref) || !isReady(candidate)) return undefined;
  const { ref, generation } = workload;
  const { patch } = candidate;
  const images = cures.map(({ finding: { image } }) => image.digest ?? image.reference);
  return {
    ask: 'dryRun',
    workload: ref,
    patchDigest: sha256Hex(JSON.stringify([ref.uid, images, patch])),
    patch,
    ...(generation !== undefined && { generation }),
  };
}

function answerTo(question: DryRunQuestion, answers: readonly Answer[]): DryRun | undefined {
  const { patchDigest, generation } = question;
  return answers
    .filter((answer) => 'tried' in answer)
    .find(({ question: asked }) => asked.patchDigest === patchDigest && asked.generation === generation)
    ?.tried;
}

function untriable({ workload }: PatchInput, candidate: Candidate): Check {
  const message = isReady(candidate)
    ? `An existing ${workload.ref.kind} cannot be patched.`
    : 'Another check failed.';
  return { name: 'DryRun', result: 'Skipped', message };
}

function readyFix(
  input: PatchInput,
  { patch, podPatch }: Candidate,
  checks: readonly Check[],
  more: Candidate | undefined,
): Fix {
  const { cures, workload, manager } = input;
  const command = manager ? undefined : changeCommand(workload, patch);
  return {
    type: isImmutable(workload.ref) ? 'Recreate' : 'WorkloadPatch',
    certainty: leastSure(cures, checks),
    summary: summaryOf(cures),
    patch,
    ...(more && { hardenedPatch: more.patch }),
    alternatives: alternativesFor(input, { patch: podPatch }),
    ...dockerfileIn(cures),
    ...(command && { command }),
    checks,
    followUp: stepsAfter(input),
  };
}

/** Undefined where no command could do it: a static pod is a file on its node. */
function changeCommand({ ref, isStatic }: Workload, patch: Patch): Command | undefined {
  if (isStatic) return undefined;
  return { do: isImmutable(ref) ? 'recreate' : 'patch', workload: ref, patch };
}

/** The pods that failed are older than the template, or what failed them was changed since. */
function fixedAlready(input: PatchInput, { checks }: Candidate): Fix {
  return {
    type: 'Manual',
    certainty: 'TestFirst',
    summary: `the workload already has ${summaryOf(input.cures)}`,
    alternatives: [],
    checks,
    followUp: replacementSteps(input),
  };
}

/** A patch that failed a proof is shown with the proof, and is not offered as ready. */
function refusedFix(input: PatchInput, { patch, isEmpty }: Candidate, checks: readonly Check[]): Fix {
  const { cures, manager } = input;
  const failed = checks.filter(({ result }) => result === 'Failed').map(({ name }) => name);
  const summary = summaryOf(cures);
  // Where the level asks for what no patch can give, there may be nothing left to patch.
  const later: Alternative = { summary: `${summary}, once these checks pass`, certainty: 'TestFirst', patch };
  return {
    type: 'Manual',
    certainty: 'Template',
    summary: `${summary} does not pass ${failed.join(' and ')}`,
    alternatives: alternativesFor(input, { first: isEmpty ? [] : [later] }),
    ...dockerfileIn(cures),
    checks,
    followUp: sourceSteps(manager),
  };
}

const summaryOf = (cures: readonly ContainerCure[]): string =>
  [...new Set(cures.map(({ summary }) => summary))].join(', ');

function dockerfileIn(cures: readonly ContainerCure[]): Pick<Fix, 'dockerfile'> {
  const dockerfile = cures.find((cure) => cure.dockerfile)?.dockerfile;
  return dockerfile ? { dockerfile } : {};
}

/** As sure as the least sure part; what could not be proved is to be tested. */
function leastSure(cures: readonly ContainerCure[], checks: readonly Check[]): Certainty {
  const isUnproved = checks.some(({ name, result }) => name === 'KubeletUser' && result !== 'Passed');
  if (cures.some(({ certainty }) => certainty === 'Template')) return 'Template';
  return isUnproved || cures.some(({ certainty }) => certainty === 'TestFirst') ? 'TestFirst' : 'Certain';
}
