// The operator in a process that ends with its parent, however that ends: the pipe that is its standard input closes
// then. Its first line says what to run; the files that this needs are gone as soon as they are read.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { runCommandLine } from '../../src/commands/command-line.ts';
import { isReady, until } from '../operator.ts';

export type OperatorRun = {
  readonly kubeconfig: string;
  readonly registryConfig: string;
  readonly port: number;
};

const lines = createInterface({ input: process.stdin });
lines.once('close', () => process.exit());
process.once('SIGHUP', () => process.exit());
const [line]: readonly unknown[] = await once(lines, 'line');
const { kubeconfig, registryConfig, port } = JSON.parse(String(line)) as OperatorRun;

const folder = mkdtempSync(join(tmpdir(), 'rootcause-demo-'));
const forget = (): void => rmSync(folder, { recursive: true, force: true });
process.once('exit', forget);
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const files = [
  '--kubeconfig',
  file('kubeconfig', kubeconfig),
  '--registry-config',
  file('registries.yaml', registryConfig),
];
const times = ['--settle', '1s', '--resync', '2s'];
const listen = `127.0.0.1:${port}`;
const running = runCommandLine(['operator', ...files, ...times, '--listen', listen, '--log-level', 'error']);
const isUp = async (): Promise<boolean> => isReady(port);
await Promise.race([running, until('the operator is ready', isUp)]);
forget();
process.exit(await running);
