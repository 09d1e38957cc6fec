// The product's story without a cluster: the real operator in a process of its own, against an embedded API server in
// which a script plays the nodes. Every cause, fix and patch is the operator's; nothing of it is written here.

import { spawn } from 'node:child_process';
import { parseArgs, styleText } from 'node:util';

import { stringify } from 'yaml';

import { ApiServer } from '../apiserver/api-server.ts';
import { freePort, isReady, samplesOf, until } from '../operator.ts';
import { namespace } from './deployment.ts';
import { registryConfig, serveImages } from './images.ts';
import type { OperatorRun } from './operator-process.ts';
import { diagnosisOf } from './playground.ts';
import { cureNginx, cureWeb, type Stage } from './story.ts';

type Asked = { readonly yaml?: boolean; readonly metrics?: boolean; readonly keep?: boolean };

const say = (text: string): void => void process.stdout.write(`${shortDigests(text).trimEnd()}\n`);

/** A shell reads on after a pipe. */
const type = (command: string): void => say(`\n${styleText('bold', `$ ${command}`)}`);

const shortDigests = (text: string): string => text.replaceAll(/(sha256:[0-9a-f]{8})[0-9a-f]+/g, '$1…');

async function demo({ yaml, metrics, keep }: Asked): Promise<void> {
  const server = new ApiServer();
  const { url, kubeconfig } = await server.start();
  const registry = await serveImages(server);
  const port = await freePort();
  const stage: Stage = { server, url, say, type };
  startOperator({ kubeconfig, registryConfig: registryConfig(registry), port });
  await until('the operator watches', async () => isReady(port));
  await cureWeb(stage);
  await cureNginx(stage);
  if (yaml) showYaml(server);
  if (metrics) await showMetrics(port);
  if (keep) await keepRunning(url);
}

function startOperator(run: OperatorRun): void {
  const script = new URL('operator-process.ts', import.meta.url).pathname;
  const operator = spawn(process.execPath, ['--no-warnings', script], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  operator.stdin.write(`${JSON.stringify(run)}\n`);
  operator.once('exit', (code) => process.exit(code ?? 1));
}

/** As kubectl shows it, which leaves managedFields out. */
function showYaml(server: ApiServer): void {
  type(`kubectl -n ${namespace} get diagnosis deployment-nginx -o yaml`);
  const diagnosis = diagnosisOf(server, 'nginx');
  const { managedFields: _hidden, ...metadata } = diagnosis?.metadata ?? { name: '' };
  say(stringify({ ...diagnosis, metadata }, { lineWidth: 100 }));
}

async function showMetrics(port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}/metrics`;
  type(`curl -s ${url} | grep ^rootcause_`);
  const samples = samplesOf(await (await fetch(url)).text());
  const shown = [...samples].filter(
    ([name, value]) =>
      name.startsWith('rootcause_') && value > 0 && !/_bucket|_sum|timestamp|duration/.test(name),
  );
  say(shown.map(([name, value]) => `${name} ${value}`).join('\n'));
}

async function keepRunning(url: string): Promise<void> {
  say('\nIt stays until you press Ctrl-C. In another terminal:');
  say(`kubectl --kubeconfig /dev/null --server ${url} get diagnoses -A -o wide`);
  await new Promise(() => {});
}

const options = {
  yaml: { type: 'boolean' },
  metrics: { type: 'boolean' },
  keep: { type: 'boolean' },
} as const;

function asked(): Asked | undefined {
  try {
    return parseArgs({ options }).values;
  } catch {
    process.stderr.write('demo: give --yaml, --metrics, --keep or nothing\n');
    return undefined;
  }
}

// Whatever ends this process closes the pipe to the operator, and that ends the operator; nothing else is to be undone.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.once(signal, () => process.exit(code));
process.stdout.on('error', () => process.exit(0));
const wanted = asked();
if (wanted) await demo(wanted);
process.exit(wanted ? 0 : 2);
