// Runs the real operator in this process, against any API server.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { OperatorOptions } from '../src/operator/operator-options.ts';
import { loadImageAccess } from '../src/images/image-access.ts';
import { Operator } from '../src/operator/operator.ts';
import type { Cluster } from '../src/kube/auth/cluster.ts';
import { loadCluster } from '../src/kube/auth/cluster.ts';
import { createLogger, type Logger } from '../src/telemetry/logger.ts';

/** The cluster that the text of a kubeconfig describes. */
export async function clusterOf(kubeconfig: string): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'rootcause-'));
  try {
    writeFileSync(join(folder, 'kubeconfig'), kubeconfig);
    return await loadCluster({ kubeconfig: join(folder, 'kubeconfig') });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export type RunningOperator = {
  readonly stop: () => Promise<void>;
  /** All samples of `/metrics`, by name with labels. */
  readonly metrics: () => Promise<ReadonlyMap<string, number>>;
  readonly isReady: () => Promise<boolean>;
  readonly url: string;
};

export async function startOperator(
  kubeconfig: string,
  changes: Partial<OperatorOptions> = {},
  log: Logger = createLogger('error'),
): Promise<RunningOperator> {
  const port = await freePort();
  const config: OperatorOptions = {
    images: { inspect: true, registries: [], bytesPerMinute: 0, pullSecrets: false },
    dryRun: true,
    readLogs: true,
    scope: { namespaces: [], excludedNamespaces: [] },
    settleSeconds: 1,
    allowRootExemption: false,
    keepResolvedSeconds: 3600,
    resyncSeconds: 60,
    resyncSpacingSeconds: 0.5,
    watchSilenceSeconds: 150,
    workers: 4,
    listen: { host: '127.0.0.1', port },
    metricsWorkloads: 500,
    leader: { elect: false, identity: 'test' },
    ...changes,
  };
  const operator = new Operator(
    config,
    await clusterOf(kubeconfig),
    await loadImageAccess(config.images),
    log,
  );
  const stop = new AbortController();
  const running = operator.run(stop.signal);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    stop: async () => {
      stop.abort();
      await operator.stop();
      await running;
    },
    metrics: async () => samplesOf(await (await fetch(`${url}/metrics`)).text()),
    isReady: async () => isReady(port),
  };
}

/** False where nothing listens yet, too. */
export async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
  return answer?.ok === true;
}

export function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Waits until `isTrue` holds.
 *
 * @throws Error with `what` when it does not within the limit, which is far longer than it ever takes
 */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  limitMs = 20_000,
): Promise<void> {
  for (const end = performance.now() + limitMs; performance.now() < end;) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain until ${what}`);
}
