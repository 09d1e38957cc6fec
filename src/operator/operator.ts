// The operator: what is watched, what runs when something changes, and how it all ends.

import type { OperatorOptions } from './operator-options.ts';
import type { ImageQuestion, ImageReading } from '../engine/model/question.ts';
import { KubeClient } from '../kube/api/client.ts';
import type { Cluster } from '../kube/auth/cluster.ts';
import { Discovery } from '../kube/api/discovery.ts';
import { KubeError } from '../kube/api/error.ts';
import { Lease } from '../kube/lease.ts';
import { Transport } from '../kube/api/transport.ts';
import type { WorkloadKey } from '../engine/model/workload.ts';
import { AccessReviews } from '../observe/access-reviews.ts';
import { askDryRun } from '../observe/ask/ask-dry-run.ts';
import type { DryRunMeans } from '../observe/ask/ask-dry-run.ts';
import { readLogTail } from '../observe/ask/ask-log.ts';
import type { LogMeans } from '../observe/ask/ask-log.ts';
import { Owners } from '../observe/owners.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { TelemetryServer } from '../telemetry/server.ts';
import { DryRunAnswers, dryRunsOff } from './dry-run-answers.ts';
import { createInspector } from '../images/image-access.ts';
import type { ImageAccess } from '../images/image-access.ts';
import { ImageAnswers } from './image-answers.ts';
import { inspectImage, switchedOff } from '../images/inspect-image.ts';
import type { Inspector } from '../images/inspect-image.ts';
import { OwnerEnqueuer } from './owner-enqueuer.ts';
import { LogAccess } from './log-access.ts';
import { LogAnswers } from './log-answers.ts';
import { OpenDiagnoses } from './open-diagnoses.ts';
import { KeyedQueue } from './queue.ts';
import type { Looked, World } from './reconcile.ts';
import { askAll, reconcile } from './reconcile.ts';
import { SharedImages } from './shared-images.ts';
import type { Watch } from './watch.ts';
import { createWatches } from './watches.ts';
import { TrackedWorkloads } from './tracked-workloads.ts';

const leaseName = 'rootcause';
/** Writes that change only numbers come no closer than this. */
const countsSeconds = 10;
/** Looks for want of news are spread at least this far, however many diagnoses are open. */
const resyncSpacingSeconds = 0.5;

/** Runs for as long as `run` is not aborted; `stop` must follow, whatever came of it. */
export class Operator {
  readonly #config: OperatorOptions;
  readonly #cluster: Cluster;
  readonly #log: Logger;
  readonly #open = new OpenDiagnoses();
  readonly #queue: KeyedQueue;
  readonly #metrics: Metrics;
  readonly #transport: Transport;
  readonly #world: World;
  readonly #logAccess: LogAccess;
  readonly #inspector: Inspector;
  readonly #intake: OwnerEnqueuer;
  readonly #server: TelemetryServer;
  readonly #watches: readonly (readonly Watch[])[];
  readonly #stop = new AbortController();
  #isStandby: boolean;

  constructor(config: OperatorOptions, cluster: Cluster, access: ImageAccess, log: Logger) {
    this.#config = config;
    this.#cluster = cluster;
    this.#log = log;
    this.#isStandby = config.leader.elect;
    this.#queue = new KeyedQueue({
      run: (key, signal) => this.#look(key, signal),
      workers: config.workers,
      restMs: 500,
      retry: { firstMs: 500, mostMs: 300_000 },
      onError: (key, error) => this.#noteFailure(key, error),
    });
    this.#metrics = createMetrics({
      maxWorkloads: config.metricsWorkloads,
      openDiagnoses: () => this.#open.values(),
      queueDepth: () => this.#queue.depth,
    });
    this.#transport = new Transport(cluster, {
      userAgent: 'rootcause',
      onRequest: (verb, code) => this.#metrics.apiRequests.inc({ verb, code }),
    });
    const client = new KubeClient(this.#transport);
    const monotonicMs = (): number => performance.now();
    this.#inspector = createInspector({ config: config.images, access, client, nowMs: monotonicMs });
    const reviews = new AccessReviews(client, monotonicMs);
    this.#world = this.#createWorld(client, reviews, monotonicMs);
    this.#logAccess = this.#createLogAccess(reviews);
    this.#intake = this.#createIntake();
    this.#watches = createWatches({
      transport: this.#transport,
      intake: this.#intake,
      namespaces: config.scope.namespaces,
      showsCrashes: (namespace) => this.#logAccess.mayRead(namespace),
      silenceMs: config.watchSilenceSeconds * 1000,
      onRestart: (kind, reason) => {
        this.#metrics.watchRestarts.inc({ kind, reason });
        this.#log.debug({ kind, reason }, 'watch restarted');
      },
      onProgress: (kind) => this.#metrics.watchLastChange.set({ kind }, Date.now() / 1000),
    });
    this.#server = new TelemetryServer({
      ...config.listen,
      registry: this.#metrics.registry,
      missing: () => this.#missing(),
    });
  }

  /**
   * Resolves soon after the signal has fired.
   *
   * @throws Error when the metrics cannot be served, or when the lease is lost: another replica acts now
   */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#stop.abort(), { once: true });
    if (signal.aborted) return;
    const { address, port } = await this.#server.start();
    this.#log.info({ address, port, server: this.#cluster.server }, 'serving');
    await (this.#config.leader.elect ? this.#lead() : this.#watch());
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#intake.stop();
    await this.#world.images.stop();
    await this.#world.dryRuns.stop();
    await this.#world.logs.stop();
    await this.#queue.stop();
    await this.#server.stop();
    await this.#inspector.registry.close();
    await this.#transport.close();
    this.#log.info('stopped');
  }

  async #lead(): Promise<void> {
    const { signal } = this.#stop;
    const { namespace = this.#cluster.namespace, identity } = this.#config.leader;
    const lease = new Lease({ client: this.#world.client, namespace, name: leaseName, identity });
    this.#log.info({ namespace, lease: leaseName, identity }, 'waiting for the lease');
    await lease.acquire(signal);
    if (signal.aborted) return;
    const watching = this.#watch();
    await Promise.race([lease.hold(signal), watching]);
    const isLost = !signal.aborted;
    this.#stop.abort();
    await watching;
    await this.#queue.stop();
    if (isLost) throw new Error('The lease was lost, so another replica may act now: this one ends.');
    await lease.release();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    this.#isStandby = false;
    this.#metrics.leader.set(1);
    await this.#logAccess.check(signal);
    const runs: Promise<void>[] = [this.#logAccess.run(signal)];
    for (const kind of this.#watches) {
      runs.push(...kind.map((watch) => watch.run(signal)));
      await Promise.all(kind.map((watch) => watch.synced));
    }
    if (!signal.aborted) this.#log.info('watching');
    await Promise.all(runs);
    this.#metrics.leader.set(0);
  }

  async #look(key: WorkloadKey, signal: AbortSignal): Promise<void> {
    const stopTimer = this.#metrics.reconcileDuration.startTimer();
    await this.#lookAt(key, signal).finally(stopTimer);
  }

  async #lookAt(key: WorkloadKey, signal: AbortSignal): Promise<void> {
    const looked = await reconcile(key, this.#world, signal);
    if (!looked) return;
    this.#count(key, looked);
    this.#open.update(key, looked.verdict, looked.snapshot);
    if (looked.outcomes.some(({ action, result }) => action === 'writeStatus' && result === 'gone')) {
      throw new KubeError('notFound', 'the Diagnosis was removed while its status was being written');
    }
    await askAll(key, looked, this.#world, signal);
    this.#comeBack(key, looked);
  }

  /** What is still asked brings a key back by itself. */
  #comeBack(key: WorkloadKey, { snapshot, verdict, questions, againSeconds }: Looked): void {
    const isOpen = verdict.findings.length > 0;
    const resyncSeconds = Math.max(this.#config.resyncSeconds, this.#open.size * resyncSpacingSeconds);
    if (againSeconds !== undefined) this.#queue.addAfter(key, againSeconds * 1000);
    else if (isOpen) this.#queue.addAfter(key, resyncSeconds * 1000 * (0.9 + 0.2 * Math.random()));
    else if (!snapshot.recorded && questions.length === 0 && !this.#queue.isWanted(key))
      this.#world.index.forget(key);
  }

  #count(key: WorkloadKey, looked: Looked): void {
    const { verdict } = looked;
    const outcome = outcomeOf(looked);
    this.#metrics.reconciles.inc({ outcome });
    const passedMs = verdict.findings.length > 0 ? this.#world.index.takeShownMs(key) : undefined;
    if (outcome === 'unchanged' || outcome === 'updated') return;
    const causes = verdict.findings.map(({ cause }) => cause);
    this.#log.info({ workload: key, outcome, causes, failingPods: verdict.failingPods }, 'diagnosis changed');
    if (outcome !== 'diagnosed') return;
    if (passedMs !== undefined) this.#metrics.timeToDiagnosis.observe(passedMs / 1000);
    if (looked.fix) this.#metrics.fixes.inc({ mode: 'shown', outcome: looked.fix.certainty });
  }

  #noteFailure(key: WorkloadKey, error: unknown): void {
    this.#metrics.reconciles.inc({ outcome: 'error' });
    const isExpected = error instanceof KubeError;
    this.#log[isExpected ? 'warn' : 'error'](
      { workload: key, ...described(error) },
      'look failed, will be repeated',
    );
  }

  #missing(): readonly string[] {
    if (this.#isStandby) return [];
    return this.#watches
      .flat()
      .filter((watch) => !watch.hasSynced())
      .map((watch) => `The first list of kind ${watch.kind} is not in yet${hints[watch.kind] ?? ''}.`);
  }

  /** Records are watched first; each of them is noted before any other kind is watched. */
  #areRecordsIn(): boolean {
    return this.#watches[0]?.every((watch) => watch.hasSynced()) ?? false;
  }

  #createWorld(client: KubeClient, access: AccessReviews, monotonicMs: () => number): World {
    const { settleSeconds, keepResolvedSeconds, allowRootExemption } = this.#config;
    const index = new TrackedWorkloads(monotonicMs);
    const discovery = new Discovery(client);
    return {
      client,
      owners: new Owners(client, discovery, monotonicMs),
      index,
      images: new ImageAnswers({
        inspect: (question, signal) => this.#inspect(question, signal),
        onAnswer: (key, answer) => {
          index.keepAnswer(key, answer);
          this.#queue.add(key);
        },
        isWanted: (key) => index.workloadOf(key) !== undefined,
        nowMs: monotonicMs,
      }),
      dryRuns: this.#createDryRuns({ client, discovery, access }, index),
      logs: this.#createLogs({ client, access, isOn: this.#config.readLogs }, index),
      sharedImages: new SharedImages(() => this.#areRecordsIn()),
      policy: { settleSeconds, keepResolvedSeconds, countsSeconds, allowRootExemption },
      nowMs: () => Date.now(),
    };
  }

  #createDryRuns(means: DryRunMeans, index: TrackedWorkloads): DryRunAnswers {
    const isOn = this.#config.dryRun;
    return new DryRunAnswers({
      ask: async (question, signal) =>
        isOn ? await askDryRun(question, means, signal) : { question, tried: dryRunsOff },
      onAnswer: (key, answer) => {
        index.keepAnswer(key, answer);
        this.#queue.add(key);
      },
      onError: (key, error) =>
        this.#log.warn({ workload: key, ...described(error) }, 'dry run failed, will be repeated'),
    });
  }

  #createLogs(means: LogMeans, index: TrackedWorkloads): LogAnswers {
    return new LogAnswers({
      read: (question, signal) => readLogTail(question, means, signal),
      onAnswer: (key, answer) => {
        index.keepAnswer(key, answer);
        this.#queue.add(key);
      },
      onError: (key, error) =>
        this.#log.warn({ workload: key, ...described(error) }, 'log not read, will be repeated'),
      nowMs: () => index.nowMs(),
    });
  }

  #createLogAccess(access: AccessReviews): LogAccess {
    return new LogAccess({
      access,
      namespaces: this.#config.scope.namespaces,
      isOn: this.#config.readLogs,
      onChange: (namespace, isAllowed) =>
        this.#log.info({ namespace: namespace || 'all', isAllowed }, 'reading logs of crashed containers'),
    });
  }

  async #inspect(question: ImageQuestion, signal: AbortSignal): Promise<ImageReading> {
    const reading = this.#config.images.inspect ? await this.#read(question, signal) : switchedOff;
    this.#metrics.imageInspections.inc({ outcome: reading.is === 'read' ? reading.user.is : reading.is });
    if (reading.is !== 'read') {
      this.#log.info({ image: question.reference, reason: reading.because }, 'image not read');
    }
    return reading;
  }

  async #read(question: ImageQuestion, signal: AbortSignal): Promise<ImageReading> {
    try {
      return await inspectImage(question, this.#inspector, signal);
    } catch (error) {
      if (!signal.aborted)
        this.#log.error({ image: question.reference, ...described(error) }, 'reading an image failed');
      return {
        is: 'unread',
        because: 'reading it failed in an unexpected way, which the log of the operator tells',
      };
    }
  }

  #createIntake(): OwnerEnqueuer {
    const { excludedNamespaces } = this.#config.scope;
    return new OwnerEnqueuer({
      ...this.#world,
      add: (key) => this.#queue.add(key),
      isWatched: (namespace) => !excludedNamespaces.includes(namespace),
      onError: (error) => this.#log.warn(described(error), 'owner not found yet, will be repeated'),
      signal: this.#stop.signal,
    });
  }
}

type LookOutcome = 'diagnosed' | 'updated' | 'resolved' | 'removed' | 'unchanged';

function outcomeOf({ snapshot, verdict, outcomes }: Looked): LookOutcome {
  const isDone = (action: string): boolean =>
    outcomes.some((outcome) => outcome.action === action && outcome.result === 'done');
  if (isDone('remove')) return 'removed';
  if (!isDone('writeStatus')) return 'unchanged';
  if (verdict.findings.length === 0) return 'resolved';
  return snapshot.recorded?.status?.state === 'Failing' ? 'updated' : 'diagnosed';
}

const hints: Readonly<Record<string, string>> = {
  Diagnosis: ': is the custom resource of crds/ installed, and may the account list it?',
  ReplicaSet: ': has the role been applied again since the upgrade?',
};

function described(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof KubeError) return { code: error.code, reason: error.message };
  return { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
