// The loop: a queue of workloads, each reconciled when there is news of it, when an answer comes, and from time to time.

import type { DiagnosisStatus } from '../engine/model/diagnosis.ts';
import type { WorkloadKey } from '../engine/model/workload.ts';
import { KubeError } from '../kube/api/error.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { errorFields } from './error-fields.ts';
import type { OpenDiagnoses } from './open-diagnoses.ts';
import type { OwnerEnqueuer } from './owner-enqueuer.ts';
import { KeyedQueue } from './queue.ts';
import type { Reconciled, ReconcileSources } from './reconcile.ts';
import { reconcile } from './reconcile.ts';

type LoopOptions = {
  readonly sources: ReconcileSources;
  readonly owners: () => Pick<OwnerEnqueuer, 'track' | 'reconciled'>;
  readonly open: OpenDiagnoses;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly workers: number;
  readonly resyncSeconds: number;
  readonly resyncSpacingSeconds: number;
};

export class Loop {
  readonly #options: LoopOptions;
  readonly #queue: KeyedQueue;
  /** Failing workloads whose fix is counted. */
  readonly #counted = new Set<WorkloadKey>();

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#queue = new KeyedQueue({
      run: (key, signal) => this.#reconcile(key, signal),
      workers: options.workers,
      restMs: 500,
      retry: { firstMs: 500, mostMs: 300_000, newsMs: 5_000 },
      onError: (key, error) => this.#noteFailure(key, error),
    });
  }

  /** Workloads that wait for a worker. */
  get depth(): number {
    return this.#queue.depth;
  }

  add(key: WorkloadKey): void {
    this.#queue.add(key);
  }

  addAfter(key: WorkloadKey, waitMs: number): void {
    this.#queue.addAfter(key, waitMs);
  }

  async stop(): Promise<void> {
    await this.#queue.stop();
  }

  async #reconcile(key: WorkloadKey, signal: AbortSignal): Promise<void> {
    const { metrics, open, sources, owners } = this.#options;
    owners().track(key);
    const stopTimer = metrics.reconcileDuration.startTimer();
    const done = await reconcile(key, sources, signal).finally(stopTimer);
    if (!done) return;
    this.#count(key, done);
    open.update(key, done.verdict, done.snapshot);
    if (done.outcomes.some(({ action, result }) => action === 'writeStatus' && result === 'gone'))
      throw new KubeError('notFound', 'the Diagnosis was removed while its status was being written');
    const isFailing = done.verdict.findings.length > 0;
    const isHeld = await owners().reconciled(done.snapshot, isFailing, signal);
    this.#requeue(key, done, isHeld);
    if (done.trouble !== undefined) throw done.trouble;
  }

  /**
   * What is open comes back: a failure may pass without news, a question may find its answer later, and what is gone may be
   * created again while its pods still fail.
   */
  #requeue(
    key: WorkloadKey,
    { snapshot, verdict, status, questions, requeueAfterSeconds }: Reconciled,
    isHeld: boolean,
  ): void {
    const { open, resyncSeconds, resyncSpacingSeconds, sources } = this.#options;
    const isAwaited = isHeld && !snapshot.workload && !snapshot.movedTo;
    const isOpen = isUnresolved(status) || verdict.findings.length > 0 || questions.length > 0 || isAwaited;
    const resync = Math.max(resyncSeconds, open.size * resyncSpacingSeconds) * (0.9 + 0.2 * Math.random());
    const afterSeconds = Math.min(requeueAfterSeconds ?? Infinity, isOpen ? resync : Infinity);
    if (Number.isFinite(afterSeconds)) this.#queue.addAfter(key, afterSeconds * 1000);
    else if (!snapshot.recorded && !this.#queue.isWanted(key)) sources.tracked.forget(key);
  }

  #count(key: WorkloadKey, done: Reconciled): void {
    const { metrics, log, sources } = this.#options;
    const { verdict } = done;
    const outcome = outcomeOf(done);
    metrics.reconciles.inc({ outcome });
    const passedMs = verdict.findings.length > 0 ? sources.tracked.takeShownMs(key) : undefined;
    this.#countFix(key, done, outcome);
    if (outcome === 'unchanged' || (outcome === 'updated' && !isNews(done))) return;
    const { findings, failingPods } = verdict;
    const causes = findings.map(({ cause }) => cause);
    const { state } = done.status ?? {};
    log.info({ workload: key, outcome, state, causes, failingPods }, 'diagnosis changed');
    if (outcome === 'diagnosed' && passedMs !== undefined) metrics.timeToDiagnosis.observe(passedMs / 1000);
  }

  /** Once for each failure, when nothing is awaited that could still change the fix. */
  #countFix(key: WorkloadKey, { verdict, fix, questions }: Reconciled, outcome: ReconcileOutcome): void {
    if (verdict.findings.length === 0) this.#counted.delete(key);
    const isDraft = questions.some(({ ask }) => ask === 'image' || ask === 'dryRun');
    if (!fix || isDraft || outcome === 'unchanged' || this.#counted.has(key)) return;
    this.#counted.add(key);
    this.#options.metrics.fixes.inc({ mode: 'shown', outcome: fix.certainty });
  }

  #noteFailure(key: WorkloadKey, error: unknown): void {
    const { metrics, log } = this.#options;
    const isGroup = error instanceof KubeError && error.apiGroup !== undefined;
    metrics.reconciles.inc({ outcome: isGroup ? 'apiGroupTrouble' : 'error' });
    const isExpected = error instanceof KubeError;
    log[isExpected ? 'warn' : 'error'](
      { workload: key, ...errorFields(error) },
      'reconcile failed, retried with backoff',
    );
  }
}

type ReconcileOutcome = 'diagnosed' | 'updated' | 'resolved' | 'moved' | 'removed' | 'unchanged';

const isUnresolved = (status: DiagnosisStatus | undefined): boolean =>
  status !== undefined && status.state !== 'Resolved';

/** Another state, or another cause. */
const isNews = ({ snapshot: { recorded }, status }: Reconciled): boolean =>
  recorded?.status?.state !== status?.state || recorded?.status?.cause !== status?.cause;

function outcomeOf({ snapshot, status, outcomes }: Reconciled): ReconcileOutcome {
  const isDone = (action: string): boolean =>
    outcomes.some((outcome) => outcome.action === action && outcome.result === 'done');
  if (isDone('remove')) return snapshot.movedTo ? 'moved' : 'removed';
  if (!isDone('writeStatus')) return 'unchanged';
  if (status?.state === 'Resolved') return 'resolved';
  const isNew = status?.state === 'Failing' && snapshot.recorded?.status?.state !== 'Failing';
  return isNew ? 'diagnosed' : 'updated';
}
