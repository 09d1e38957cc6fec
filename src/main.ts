#!/usr/bin/env node
// Wires everything; nobody imports it. Each command loads only what it needs.

import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';

import { readConfig } from './commands/config.ts';
import type { ExplainConfig, ImageCommandConfig, OperatorConfig, ScanConfig } from './commands/config.ts';
import type { ScanProgress } from './engine/model/scan.ts';

/** A pod is given ten seconds; ending must never take longer than this, whatever hangs. */
const stopWithinMs = 4_500;

/**
 * An operator lives long and works little: a young generation of one megabyte costs some time in a large list, and
 * keeps its memory a third smaller for ever after (`npm run test:e2e -- --scale` measures it).
 */
function preferLittleMemory(): void {
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--max-semi-space-size=1');
}

async function runOperator(config: OperatorConfig): Promise<number> {
  preferLittleMemory();
  const { loadImageAccess } = await import('./images/image-access.ts');
  const { Operator } = await import('./operator/operator.ts');
  const { loadCluster } = await import('./kube/auth/cluster.ts');
  const { createLogger } = await import('./telemetry/logger.ts');
  const log = createLogger(config.logLevel);
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  stop.signal.addEventListener('abort', () => {
    setTimeout(() => {
      log.warn('stopping took too long');
      process.exit(1);
    }, stopWithinMs).unref();
  });
  const access = await orBadValue(loadImageAccess(config.images));
  const cluster = await orBadValue(loadCluster(config.cluster));
  const operator = new Operator(config, cluster, access, log);
  try {
    await operator.run(stop.signal);
    return 0;
  } finally {
    await operator.stop();
  }
}

/** Ends with exit code 2. Whatever is wrong with a file that a flag names is wrong with the flag. */
class BadValue extends Error {}

async function orBadValue<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    throw new BadValue(error instanceof Error ? error.message : String(error));
  }
}

/** Nothing is ever written, so that there is nothing to put in order when it is ended. */
async function runScan(config: ScanConfig): Promise<number> {
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  // Whoever reads only the beginning has seen enough.
  process.stdout.on('error', () => process.exit(2));
  const { progressText, showEnforcement, showScan } = await import('./commands/scan.ts');
  const { loadImageAccess } = await import('./images/image-access.ts');
  const { scan } = await import('./scan/scan.ts');
  const { wouldEnforce } = await import('./scan/would-enforce/would-enforce.ts');
  const { loadCluster } = await import('./kube/auth/cluster.ts');
  const { output, scope, images, dryRun, readLogs, allowRootExemption, wouldEnforce: policy } = config;
  const access = await orBadValue(loadImageAccess(images));
  const cluster = await orBadValue(loadCluster(config.cluster));
  const isWatched = process.stderr.isTTY;
  const onProgress = (progress: ScanProgress): void => showProgress(progressText(progress));
  const means = { cluster, ...(isWatched && { onProgress }) };
  const sayOn = (stream: NodeJS.WriteStream) => (text: string) => {
    if (isWatched) showProgress('');
    stream.write(text);
  };
  const terminal = { write: sayOn(process.stdout), complain: sayOn(process.stderr) };
  const { signal } = new AbortController();
  // Exit code 1 is for what fails in the cluster, so that nothing else may end with it.
  if (policy)
    return showEnforcement(
      await orBadValue(wouldEnforce({ scope, policy }, means, signal)),
      output,
      terminal,
    );
  const options = { scope, images, dryRun, readLogs, policy: { allowRootExemption } };
  return showScan(await orBadValue(scan(options, access, means, signal)), output, terminal);
}

async function runImage(config: ImageCommandConfig): Promise<number> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const { showImage } = await import('./commands/image.ts');
  const { loadImageAccess } = await import('./images/image-access.ts');
  const { options, sources } = await orBadValue(loadImageAccess(config.images));
  const progress = process.stderr.isTTY ? showProgress : undefined;
  const terminal = {
    write: (text: string) => void process.stdout.write(text),
    ...(progress && { progress }),
  };
  await showImage(
    config,
    { hosts: options, credentials: sources, userAgent: 'rootcause' },
    terminal,
    stop.signal,
  );
  return 0;
}

/** Reads nothing but what it is given. */
async function runExplain(config: ExplainConfig): Promise<number> {
  // Whoever reads only the beginning has seen enough.
  // Whoever closes the pipe has read enough; a disk that is full has lost the answer.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const { explain } = await import('./commands/explain/explain.ts');
  const { givenObjects } = await import('./engine/project/manifests/manifests.ts');
  const { stdin, stdout, stderr } = process;
  if (stdin.isTTY && config.files.length === 0) stderr.write('Paste what to explain, then press Ctrl-D.\n');
  const write = async (text: string): Promise<void> => {
    if (!stdout.write(text)) await once(stdout, 'drain');
  };
  const terminal = { input: stdin, write, complain: (text: string) => void stderr.write(text) };
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  return orBadValue(explain(config, { readObjects: givenObjects, now }, terminal));
}

/** One line that overwrites itself. */
function showProgress(text: string): void {
  process.stderr.write(`\r\u001B[K${text}\r`);
}

async function main(): Promise<number> {
  const asked = readConfig(process.argv.slice(2));
  if ('exitCode' in asked) return asked.exitCode;
  switch (asked.command) {
    case 'operator':
      return runOperator(asked.config);
    case 'scan':
      return runScan(asked.config);
    case 'image':
      return runImage(asked.config);
    case 'explain':
      return runExplain(asked.config);
    default:
      return asked satisfies never;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`rootcause: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof BadValue ? 2 : 1;
}
