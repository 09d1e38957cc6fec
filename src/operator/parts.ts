// The parts of an operator and what connects them. Nothing starts here.

import type { OperatorOptions } from './operator-options.ts';
import type { ImageQuestion, ImageReading } from '../engine/model/question.ts';
import { createInspector, type ImageAccess } from '../images/image-access.ts';
import { inspectImage, switchedOff, type Inspector } from '../images/inspect-image.ts';
import { KubeClient } from '../kube/api/client.ts';
import { Discovery } from '../kube/api/discovery.ts';
import { Transport } from '../kube/api/transport.ts';
import type { Cluster } from '../kube/auth/cluster.ts';
import { AccessReviews } from '../observe/access-reviews.ts';
import { Answers } from '../observe/ask/answers.ts';
import { ask, type AskSources } from '../observe/ask/ask.ts';
import { Owners } from '../observe/owners.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { errorFields } from './error-fields.ts';
import { LogAccess } from './log-access.ts';
import { Loop } from './loop.ts';
import { OpenDiagnoses } from './open-diagnoses.ts';
import { OwnerEnqueuer } from './owner-enqueuer.ts';
import { SharedImages } from './shared-images.ts';
import { TrackedWorkloads } from './tracked-workloads.ts';
import { createWatches, type WatchOptions } from './watches.ts';

/** Writes that change only numbers come no closer than this. */
const countsSeconds = 10;

export type Parts = ReturnType<typeof createParts>;

export function createParts(
  config: OperatorOptions,
  cluster: Cluster,
  imageAccess: ImageAccess,
  log: Logger,
  signal: AbortSignal,
) {
  const nowMs = (): number => performance.now();
  const open = new OpenDiagnoses();
  const metrics: Metrics = createMetrics({
    maxWorkloads: config.metricsWorkloads,
    openDiagnoses: () => open.values(),
    queueDepth: () => loop.depth,
  });
  const transport = new Transport(cluster, {
    userAgent: 'rootcause',
    onRequest: (verb, code) => metrics.apiRequests.inc({ verb, code }),
  });
  const client = new KubeClient(transport);
  const discovery = new Discovery(client);
  const owners = new Owners(client, discovery, nowMs);
  const access = new AccessReviews(client, nowMs);
  const inspector = createInspector({ config: config.images, access: imageAccess, client, nowMs });
  const { dryRun, readLogs } = config;
  const inspect = createInspect(config.images.inspect ? inspector : undefined, metrics, log);
  const askSources: AskSources = { client, discovery, owners, access, inspect, dryRun, readLogs };
  const answers = new Answers({
    ask: (question, stop) => ask(question, askSources, stop),
    onAnswer: (key) => loop.add(key),
    onTrouble: (key, question, error) =>
      log.warn(
        { workload: key, ask: question.ask, ...errorFields(error) },
        'no answer, retried with backoff',
      ),
    nowMs,
  });
  const tracked = new TrackedWorkloads(nowMs);
  /** Records are watched first; each of them is noted before any other kind is watched. */
  const sharedImages = new SharedImages(() => watches[0]?.every((watch) => watch.hasSynced()) ?? false);
  const { settleSeconds, keepResolvedSeconds, allowRootExemption, workers, resyncSeconds } = config;
  const policy = { settleSeconds, keepResolvedSeconds, countsSeconds, allowRootExemption };
  const sources = { client, owners, answers, tracked, sharedImages, policy, nowMs: () => Date.now() };
  const loop: Loop = new Loop({ sources, open, metrics, log, workers, resyncSeconds });
  const enqueuer = new OwnerEnqueuer({
    client,
    owners,
    index: tracked,
    answers,
    sharedImages,
    add: (key) => loop.add(key),
    isWatched: (namespace) => !config.scope.excludedNamespaces.includes(namespace),
    onError: (error) => log.warn(errorFields(error), 'owner not found yet, retried with backoff'),
    signal,
  });
  const logAccess = new LogAccess({
    access,
    namespaces: config.scope.namespaces,
    isOn: readLogs,
    onChange: (namespace, isAllowed) =>
      log.info({ namespace: namespace || 'all', isAllowed }, 'reading logs of crashed containers'),
  });
  const watchOptions: WatchOptions = {
    transport,
    intake: enqueuer,
    namespaces: config.scope.namespaces,
    showsCrashes: (namespace) => logAccess.mayRead(namespace),
    silenceMs: config.watchSilenceSeconds * 1000,
    onRestart: (kind, reason) => {
      metrics.watchRestarts.inc({ kind, reason });
      log.debug({ kind, reason }, 'watch restarted');
    },
    onProgress: (kind) => metrics.watchLastChange.set({ kind }, Date.now() / 1000),
  };
  const watches = createWatches(watchOptions);
  return { metrics, transport, client, answers, loop, enqueuer, logAccess, watches, inspector };
}

/** Images are read as the flags allow; each reading is counted, and logged where there is none. */
function createInspect(
  inspector: Inspector | undefined,
  metrics: Metrics,
  log: Logger,
): AskSources['inspect'] {
  const read = async (question: ImageQuestion, signal: AbortSignal): Promise<ImageReading> => {
    try {
      return inspector ? await inspectImage(question, inspector, signal) : switchedOff;
    } catch (error) {
      if (!signal.aborted)
        log.error({ image: question.reference, ...errorFields(error) }, 'reading an image failed');
      return {
        is: 'unread',
        because: 'reading it failed unexpectedly; the log of the operator has the error',
      };
    }
  };
  return async (question, signal) => {
    const reading = await read(question, signal);
    metrics.imageInspections.inc({ outcome: reading.is === 'read' ? reading.user.is : reading.is });
    if (reading.is !== 'read')
      log.info({ image: question.reference, reason: reading.because }, 'image not read');
    return reading;
  };
}
