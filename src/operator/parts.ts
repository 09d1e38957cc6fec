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
import { collectionKindOf } from '../observe/collections.ts';
import { LogAccess } from '../observe/log-access.ts';
import { Owners } from '../observe/owners.ts';
import { SharedImages } from '../observe/shared-images.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { RepeatLimit } from '../telemetry/repeat-limit.ts';
import { errorFields } from './error-fields.ts';
import { Loop } from './loop.ts';
import { OpenDiagnoses } from './open-diagnoses.ts';
import { OwnerEnqueuer } from './owner-enqueuer.ts';
import { TrackedWorkloads } from './tracked-workloads.ts';
import { watchCount, WatchSet } from './watch-set.ts';

/** Writes that change only numbers come no closer than this. */
const countsSeconds = 10;
const resyncsPerPass = 5;

export type OperatorParts = ReturnType<typeof createParts>;

export function createParts(
  config: OperatorOptions,
  cluster: Cluster,
  imageAccess: ImageAccess,
  log: Logger,
) {
  const nowMs = (): number => performance.now();
  const open = new OpenDiagnoses();
  const metrics: Metrics = createMetrics({
    maxWorkloads: config.metricsWorkloads,
    openDiagnoses: () => open.values(),
    queueDepth: () => loop.depth,
    freshness: () => watches.freshness(),
  });
  const repeats = new RepeatLimit(nowMs);
  const { namespaces, excludedNamespaces } = config.scope;
  const transport = new Transport(cluster, {
    watchLimit: watchCount(namespaces),
    onRequest: (verb, code) => metrics.apiRequests.inc({ verb, code }),
    onSkipped: (path, id) => {
      const kind = collectionKindOf(path);
      metrics.objectsSkipped.inc({ kind, reason: 'tooLarge' });
      if (repeats.allows(`skipped ${path} ${id}`, ''))
        log.warn({ kind, path, object: id || 'unknown' }, 'an object was skipped: it is too large');
    },
  });
  const client = new KubeClient(transport);
  const discovery = new Discovery(client);
  const owners = new Owners(client, discovery, nowMs, {
    onChange: (apiGroup, error) => {
      if (error) log.warn({ apiGroup, ...errorFields(error) }, 'API group of owners does not answer');
      else log.info({ apiGroup }, 'API group of owners answers again');
    },
  });
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
  const sharedImages = new SharedImages((namespace) => watches.hasRecords(namespace));
  const { settleSeconds, keepResolvedSeconds, allowRootExemption, workers } = config;
  const { resyncSeconds, resyncSpacingSeconds } = config;
  const policy = { settleSeconds, keepResolvedSeconds, countsSeconds, allowRootExemption };
  const sources = { client, owners, answers, tracked, sharedImages, policy, nowMs: () => Date.now() };
  const loop: Loop = new Loop({
    sources,
    owners: () => enqueuer,
    open,
    metrics,
    log,
    workers,
    resyncSeconds,
    resyncSpacingSeconds,
  });
  const enqueuer = new OwnerEnqueuer({
    owners,
    tracked,
    answers,
    sharedImages,
    queue: loop,
    isWatched: (namespace) => !excludedNamespaces.includes(namespace),
    fullPassMs: resyncSeconds * 1000 * resyncsPerPass,
  });
  const logAccess = new LogAccess({
    access,
    namespaces,
    isOn: readLogs,
    onChange: (namespace, isAllowed) =>
      log.info({ namespace: namespace || 'all', isAllowed }, 'reading logs of crashed containers'),
  });
  const watches: WatchSet = new WatchSet({
    transport,
    namespaces,
    showsCrashes: (namespace) => logAccess.mayRead(namespace),
    prepare: (namespace, stop) => logAccess.checkOne(namespace, stop),
    silenceMs: config.watchSilenceSeconds * 1000,
    onChange: (id, now, before) => enqueuer.changed(id, now, before),
    metrics,
    log,
    repeats,
  });
  return { metrics, repeats, transport, client, answers, loop, enqueuer, logAccess, watches, inspector };
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
