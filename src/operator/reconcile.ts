// Reconciles one workload: gathers everything, decides without touching anything, then acts.

import type { Outcome, Plan } from '../engine/model/action.ts';
import type { DiagnosisStatus } from '../engine/model/diagnosis.ts';
import type { Verdict } from '../engine/model/finding.ts';
import type { Fix } from '../engine/model/fix.ts';
import type { Question } from '../engine/model/question.ts';
import type { Snapshot } from '../engine/model/snapshot.ts';
import type { WorkloadKey } from '../engine/model/workload.ts';
import type { FixPolicy } from '../engine/fix/fix-input.ts';
import { plan, type Policy } from '../engine/plan/plan.ts';
import { diagnosisName } from '../engine/platform/kubernetes/diagnosis-name.ts';
import { judge } from '../engine/judge.ts';
import { settle, type Answerer, type Settled } from '../engine/settle.ts';
import { apply, type Applier } from '../apply/apply.ts';
import type { Answers } from '../observe/ask/answers.ts';
import { observe, type Sources } from '../observe/observe.ts';
import { failingImagesOf, type SharedImages } from '../observe/shared-images.ts';
import type { TrackedWorkloads } from './tracked-workloads.ts';

export type ReconcileSources = Sources &
  Applier & {
    readonly answers: Answers;
    readonly tracked: TrackedWorkloads;
    readonly sharedImages: SharedImages;
    readonly policy: Policy & FixPolicy;
  };

/** What one reconcile found and did. */
export type Reconciled = {
  readonly snapshot: Snapshot;
  readonly verdict: Verdict;
  /** What the Diagnosis should say. */
  readonly status?: DiagnosisStatus;
  readonly fix?: Fix;
  /** Those without an answer, yet or at all. */
  readonly questions: readonly Question[];
  readonly outcomes: readonly Outcome[];
  readonly requeueAfterSeconds?: number;
  /** The first trouble with a question: what was found without its answer stands. */
  readonly trouble?: unknown;
};

/** @throws KubeError when the API server could not answer; the queue retries with backoff */
export async function reconcile(
  key: WorkloadKey,
  sources: ReconcileSources,
  signal: AbortSignal,
): Promise<Reconciled | undefined> {
  const { tracked, answers, policy } = sources;
  const workload = tracked.workloadOf(key);
  if (!workload) return undefined;
  const remembered = tracked.remembered(key);
  const target = { key, workload, diagnosisName: diagnosisName(workload), remembered };
  const observed = await observe(target, sources, signal);
  const asked = new Asked(key, answers, signal);
  const settled = withSameImage(await settle(observed, policy, asked.answer), sources);
  const isUndecided = asksWhetherItFails(settled);
  const decided = isUndecided ? nothing : decide(settled, policy);
  const { actions, requeueAfterSeconds, unannouncedSince } = decided;
  const outcomes = await apply(actions, sources, signal);
  const { verdict, readiness, status, snapshot, questions, fix } = settled;
  const wrote = outcomes.some(({ action, result }) => action === 'writeStatus' && result === 'done');
  tracked.remember(key, {
    isQuiet: isUndecided ? undefined : verdict.findings.length === 0,
    isReady: readiness.isReady,
    wrote,
    unannouncedSince,
    now: snapshot.now,
  });
  const afterSeconds = Math.min(requeueAfterSeconds ?? Infinity, asked.retrySeconds);
  return {
    snapshot,
    verdict,
    questions,
    outcomes,
    ...(status && { status }),
    ...(fix && { fix }),
    ...(Number.isFinite(afterSeconds) && { requeueAfterSeconds: afterSeconds }),
    ...(asked.trouble !== undefined && { trouble: asked.trouble }),
  };
}

/** Which other workloads fail with the same image is known once it is known with which image this one fails. */
function withSameImage(settled: Settled, { sharedImages, policy }: ReconcileSources): Settled {
  const { snapshot, status, questions } = settled;
  if (!snapshot.workload || !status) return settled;
  sharedImages.note({ workload: snapshot.workload.ref, images: failingImagesOf(status) });
  const sameImage = sharedImages.othersWithImagesOf(snapshot.key);
  if (!sameImage) return settled;
  const known = { ...snapshot, sameImage };
  return { ...judge(known, policy), questions, snapshot: known };
}

const nothing: Plan = { actions: [] };

function decide({ status, snapshot, readiness, questions }: Settled, policy: Policy): Plan {
  const { isProved } = readiness;
  return plan(status, snapshot, policy, { isAsking: questions.length > 0, isProved });
}

/** Until Events are read, no finding does not mean that nothing fails: it may only be out of sight. */
const asksWhetherItFails = ({ verdict, questions }: Settled): boolean =>
  verdict.findings.length === 0 && questions.some(({ ask }) => ask === 'events' || ask === 'createFailures');

/** The questions of one reconcile. Trouble with one leaves no other without an answer. */
class Asked {
  readonly answer: Answerer;
  trouble: unknown;
  /** After that time a question without an answer is worth asking again. */
  retrySeconds = Infinity;

  constructor(key: WorkloadKey, answers: Answers, signal: AbortSignal) {
    this.answer = async (question, snapshot) => {
      try {
        const { answer, retryMs = Infinity } = await answers.answer(key, question, snapshot, signal);
        this.retrySeconds = Math.min(this.retrySeconds, retryMs / 1000);
        return answer;
      } catch (error) {
        this.trouble ??= error;
        return undefined;
      }
    };
  }
}
