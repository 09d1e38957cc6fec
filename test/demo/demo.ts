// The main job, without a cluster: an embedded API server plays recorded failing pods, and the real operator, in a
// process of its own, says what is wrong with them. With --keep it stays, for kubectl.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { stringify } from 'yaml';

import { ApiServer } from '../apiserver/api-server.ts';
import type { KubeObject } from '../apiserver/object.ts';
import { playRecording } from '../apiserver/story.ts';
import type { RegistryServer } from '../registry/registry-server.ts';
import { freePort, samplesOf, until } from '../operator.ts';
import { columns } from './columns.ts';
import { registryConfig, serveImages } from './images.ts';

/** Recorded on a real cluster; the last two fail for other reasons, and nothing may be said of them. */
const played = [
  'deployment-root',
  'daemonset-named',
  'statefulset-named-group',
  'cronjob',
  'run-as-user-zero',
  'invalid-uid',
  'sidecar',
  'crash-loop-then-nonroot.crashloopbackoff',
  'missing-secret',
  'image-pull-error',
];
const diagnosesExpected = 8;
const shownWhole = { namespace: 'statefulset-named-group', name: 'statefulset-db' };

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const heading = (text: string): void => say(`\n\u001b[1m${text}\u001b[0m`);

async function demo(isKept: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rootcause-demo-'));
  const server = new ApiServer();
  const port = await freePort();
  let operator: ChildProcess | undefined;
  let registry: RegistryServer | undefined;
  try {
    for (const name of played) playRecording(server, name);
    const { url, kubeconfig } = await server.start();
    registry = await serveImages(server);
    const file = join(folder, 'kubeconfig');
    writeFileSync(file, kubeconfig);
    writeFileSync(join(folder, 'registries.yaml'), registryConfig(registry));
    say(`An embedded API server at ${url} plays ${played.length} recorded namespaces.`);
    say('The operator starts and looks at them: node src/main.ts operator');
    operator = startOperator(folder, port);
    await until('every failing workload is diagnosed', () => inspected(server) >= diagnosesExpected);
    heading('kubectl get diagnoses -A');
    say(await columns(url));
    heading(`kubectl -n ${shownWhole.namespace} get diagnosis ${shownWhole.name} -o yaml`);
    say(wholeOf(server.get('Diagnosis', shownWhole.namespace, shownWhole.name)));
    heading(`Metrics that moved: http://127.0.0.1:${port}/metrics`);
    say(await movedMetrics(port));
    say(`\nNothing is said of ${played.slice(-2).join(' and ')}: their pods wait for something else.`);
    if (isKept) await keep(file);
  } finally {
    await end(operator);
    await registry?.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

function startOperator(folder: string, port: number): ChildProcess {
  const files = [
    '--kubeconfig',
    join(folder, 'kubeconfig'),
    '--registry-config',
    join(folder, 'registries.yaml'),
  ];
  const flags = [...files, '--listen', `127.0.0.1:${port}`, '--log-level', 'warn'];
  const main = new URL('../../src/main.ts', import.meta.url).pathname;
  return spawn(process.execPath, [main, 'operator', ...flags], { stdio: ['ignore', 'inherit', 'inherit'] });
}

async function end(operator: ChildProcess | undefined): Promise<void> {
  if (!operator || operator.exitCode !== null || operator.signalCode !== null) return;
  operator.kill('SIGTERM');
  await once(operator, 'exit');
}

/** Diagnoses that are written, and whose images have been looked into. */
function inspected(server: ApiServer): number {
  const statuses = server.list('Diagnosis').flatMap((diagnosis) => JSON.stringify(diagnosis['status'] ?? ''));
  return statuses.filter((status) => status.includes('"findings"') && !status.includes('NotAttempted'))
    .length;
}

/** As kubectl shows it, which leaves managedFields out. */
function wholeOf(diagnosis: KubeObject | undefined): string {
  const { managedFields: _hidden, ...metadata } = diagnosis?.metadata ?? { name: '' };
  return stringify({ ...diagnosis, metadata }, { lineWidth: 110 }).trimEnd();
}

async function movedMetrics(port: number): Promise<string> {
  const samples = samplesOf(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  const shown = [...samples].filter(
    ([name, value]) =>
      name.startsWith('rootcause_') && value > 0 && !/_bucket|_sum|timestamp|duration/.test(name),
  );
  return shown.map(([name, value]) => `${name} ${value}`).join('\n');
}

async function keep(kubeconfig: string): Promise<void> {
  heading('It stays until you press Ctrl-C. In another terminal:');
  say(`kubectl --kubeconfig ${kubeconfig} get diagnoses -A -o wide`);
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  await once(stop.signal, 'abort');
}

const unknown = process.argv.slice(2).find((argument) => argument !== '--keep');
if (unknown !== undefined) {
  process.stderr.write(`demo: ${unknown} is not known; the only flag is --keep\n`);
  process.exitCode = 2;
} else {
  await demo(process.argv.includes('--keep'));
}
