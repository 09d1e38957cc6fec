// `rootcause operator`: watches a cluster until it is stopped.

import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { setFlagsFromString } from 'node:v8';

import { InvalidArgumentError } from 'commander';

import type { OperatorOptions } from '../operator/operator-options.ts';
import type { LogLevel } from '../telemetry/logger.ts';
import { defineCommand, orBadInput } from './command.ts';
import { clusterFlags, clusterOptions, fixFlags, namespaceName, scopeOptions } from './flags/cluster.ts';
import { choice, count, optional, parsed, toggle } from './flags/flag.ts';
import type { ValuesOf } from './flags/flag.ts';
import { imageFlags, imageOptions, registryFlags } from './flags/images.ts';

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** In seconds. */
const duration = (description: string, [least, most]: readonly [number, number], defaultText: string) => {
  const parse = (text: string): number => {
    const [, number, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
    const seconds = Number(number) * (unitSeconds[unit ?? ''] ?? Number.NaN);
    if (seconds >= least && seconds <= most) return seconds;
    throw new InvalidArgumentError(`Give a duration such as 30s, 5m or 24h, from ${least}s to ${most}s.`);
  };
  return parsed('<duration>', description, parse, defaultText);
};

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const day = 86_400;

const flags = {
  ...clusterFlags,
  settle: duration('how long no pod may fail before the state becomes Resolved', [0, day], '30s'),
  keepResolved: duration('how long a resolved Diagnosis is kept', [0, 366 * day], '24h'),
  resync: duration('how often an open Diagnosis is checked when nothing changes', [1, day], '60s'),
  watchSilence: duration('how long a watch may be silent before it is restarted', [1, 3600], '150s'),
  workers: count('how many workloads are reconciled at the same time', [1, 64], 4),
  listen: parsed('<address>', 'where to serve /metrics, /healthz and /readyz: [host]:port', address, ':8080'),
  metricsWorkloads: count('how many failing workloads get their own metric series', [0, 100_000], 500),
  leaderElect: toggle('act only while holding a Lease, so that several replicas can run'),
  leaseNamespace: optional('<name>', 'namespace of the Lease', namespaceName, 'that of the pod or context'),
  ...imageFlags,
  ...registryFlags('operator'),
  ...fixFlags(true),
  logLevel: choice('lowest level of log lines to write', levels, 'info'),
};

const options = (values: ValuesOf<typeof flags>) => ({
  cluster: clusterOptions(values),
  logLevel: values.logLevel,
  operator: operatorOptions(values),
});

const operatorOptions = (values: ValuesOf<typeof flags>): OperatorOptions => ({
  scope: scopeOptions(values),
  images: imageOptions(values),
  dryRun: values.dryRun,
  readLogs: values.readLogs,
  settleSeconds: values.settle,
  keepResolvedSeconds: values.keepResolved,
  allowRootExemption: values.allowRootExemption,
  resyncSeconds: values.resync,
  resyncSpacingSeconds: 0.5,
  watchSilenceSeconds: values.watchSilence,
  workers: values.workers,
  listen: values.listen,
  metricsWorkloads: values.metricsWorkloads,
  leader: {
    elect: values.leaderElect,
    namespace: values.leaseNamespace,
    // Two processes can have one name: pods with hostNetwork, or two started by hand.
    identity: `${process.env['POD_NAME'] || hostname()}_${randomUUID()}`,
  },
});

/** A pod has ten seconds to stop (manifests/operator); after this long the process exits whatever still hangs. */
const stopWithinMs = 4_500;

async function run({ cluster, logLevel, operator: settings }: ReturnType<typeof options>): Promise<number> {
  preferLittleMemory();
  const { loadImageAccess } = await import('../images/image-access.ts');
  const { loadCluster } = await import('../kube/auth/cluster.ts');
  const { Operator } = await import('../operator/operator.ts');
  const { createLogger } = await import('../telemetry/logger.ts');
  const log = createLogger(logLevel);
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  stop.signal.addEventListener('abort', () => {
    setTimeout(() => {
      log.warn('stopping took too long');
      process.exit(1);
    }, stopWithinMs).unref();
  });
  const access = await orBadInput(loadImageAccess(settings.images, process.env));
  const operator = new Operator(settings, await orBadInput(loadCluster(cluster)), access, log);
  try {
    await operator.run(stop.signal);
    return 0;
  } finally {
    await operator.stop();
  }
}

/**
 * An operator lives long and works little: a young generation of one megabyte costs some time in a large list, and
 * keeps its memory a third smaller from then on (`npm run test:e2e -- --scale` measures it).
 */
function preferLittleMemory(): void {
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--max-semi-space-size=1');
}

export const operatorCommand = defineCommand({
  name: 'operator',
  description: 'Watch a cluster and keep a Diagnosis next to every workload that cannot start.',
  flags,
  examples: [
    ['Watch all namespaces of the current context', 'rootcause operator'],
    [
      'Watch two namespaces and write every log line',
      'rootcause operator --namespaces shop,bank --log-level debug',
    ],
    ['Do not read images, and do not test fixes', 'rootcause operator --inspect-images no --dry-run no'],
  ],
  options,
  run,
});

function address(text: string): OperatorOptions['listen'] {
  const [, bracketed, plain = '', port] = /^(?:\[(.*)\]|(.*)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const isHost = host === '' || host === 'localhost' || isIP(host) !== 0;
  if (isHost && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new InvalidArgumentError('Give [host]:port, where host is an IP address: :8080 or 127.0.0.1:8080.');
}
