#!/usr/bin/env node
// Wires everything; nobody imports it.

import { readConfig } from './config.ts';
import type { OperatorConfig } from './config.ts';
import { Operator } from './control/operator.ts';
import { loadCluster } from './kube/cluster.ts';
import { createLogger } from './telemetry/logger.ts';

/** A pod is given ten seconds; ending must never take longer than this, whatever hangs. */
const stopWithinMs = 4_500;

async function runOperator(config: OperatorConfig): Promise<number> {
  const log = createLogger(config.logLevel);
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  stop.signal.addEventListener('abort', () => {
    setTimeout(() => {
      log.warn('stopping took too long');
      process.exit(1);
    }, stopWithinMs).unref();
  });
  const cluster = await loadCluster(config.cluster);
  const operator = new Operator(config, cluster, log);
  try {
    await operator.run(stop.signal);
    return 0;
  } finally {
    await operator.stop();
  }
}

async function main(): Promise<number> {
  const asked = readConfig(process.argv.slice(2));
  if ('exitCode' in asked) return asked.exitCode;
  switch (asked.command) {
    case 'operator':
      return runOperator(asked.config);
    default:
      return asked.command satisfies never;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`rootcause: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
