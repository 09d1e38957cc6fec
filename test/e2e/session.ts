// What every mode needs: a cluster with the CRD, an account with the operator's rights, the operator itself, and the
// certainty that all of it is gone in the end.

import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAccount } from './account.ts';
import type { Account } from './account.ts';
import type { Ground } from './checks/check.ts';
import { checkPrefix } from './checks/check.ts';
import { claim } from './claim.ts';
import { connect } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { mirror } from './mirror.ts';
import { dropNamespaces } from './namespaces.ts';
import type { KubeObject, WireDiagnosis } from './objects.ts';
import { startOperator } from './operator.ts';
import type { Operator } from './operator.ts';
import type { Scenario } from './scenario.ts';
import { addStandIns, removeStandIns } from './stand-ins.ts';
import { imagesOf } from './workloads.ts';
import type { Complaints } from './until.ts';

export type Options = {
  readonly repository: string;
  readonly kubeconfig: string;
  readonly operator: 'bundle' | 'source';
  readonly scenarios: readonly Scenario[];
};

export type Session = Ground & {
  /** Makes a namespace with an account that has the rights of a folder in manifests/, and of others there. */
  settle(manifests: string, namespace: string, ...options: readonly string[]): Promise<Account>;
  /** Starts an operator; one at a time. `kubeconfig` where it is to go another way to the same server. */
  start(flags?: readonly string[], kubeconfig?: string): Promise<Operator>;
  /** Ends the operator that was started last. */
  stop(): Promise<Complaints>;
  /** What the operators so far logged at level error, or did badly at their end. */
  troubles(): Complaints;
};

export const settleSeconds = 30;

/** Sets everything up, runs `work`, and clears everything away, whatever happens in between. */
export async function withSession<T>(
  options: Options,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcause-e2e-'));
  const cluster = await connect(options.kubeconfig, folder);
  try {
    const held = await claim(cluster); // where another run has it, nothing is set up and nothing cleared away
    return await alone(options, cluster, folder, signal, work).finally(() => held.release());
  } finally {
    await cluster.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function alone<T>(
  options: Options,
  cluster: Cluster,
  folder: string,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const stopped = new AbortController();
  const fate: Fate = { operators: [] };
  await writeFile(logPath, '');
  try {
    return await work(await open(options, cluster, folder, AbortSignal.any([signal, stopped.signal]), fate));
  } finally {
    stopped.abort(new Error('the session is over'));
    await clear(options, cluster, fate);
  }
}

/** What has to be ended or removed. */
type Fate = { account?: Account; operators: Operator[] };

async function open(
  { repository, operator, scenarios }: Options,
  cluster: Cluster,
  folder: string,
  signal: AbortSignal,
  fate: Fate,
): Promise<Session> {
  await demandSolitude(cluster);
  await applyDefinition(cluster, repository);
  await addStandIns(cluster);
  const settle = (...[rights, namespace, ...options]: Parameters<Session['settle']>) => {
    const folders = [rights, ...options].map((one) => join(repository, 'manifests', one));
    return makeAccount(cluster, folders, namespace, folder, signal);
  };
  const account = await settle('base', `${checkPrefix}operator`, 'options/logs');
  fate.account = account;
  const diagnoses = await mirror<WireDiagnosis>(cluster, '/apis/rootcause.dev/v1alpha1/diagnoses', signal);
  const program = operator === 'bundle' ? 'dist/rootcause.mjs' : 'src/main.ts';
  const command = [process.execPath, join(repository, program), 'operator'] as const;
  const troubles: string[] = [];
  const stop = async () => {
    const last = fate.operators.pop();
    if (last === undefined) return [];
    const complaints = [...(await last.stop()), ...last.troubles()];
    await keepLog(last);
    troubles.push(...complaints);
    return complaints;
  };
  return {
    cluster,
    diagnoses,
    images: imagesOf(scenarios),
    account,
    settleMs: settleSeconds * 1000,
    signal,
    stop,
    settle,
    troubles: () => troubles,
    start: async (flags = ['--settle', `${settleSeconds}s`], through = account.kubeconfig) => {
      const started = await startOperator({ command, kubeconfig: through, flags, signal });
      fate.operators.push(started);
      return started;
    },
  };
}

/** Two operators would announce everything twice, and the tests could not tell which of them is right. */
async function demandSolitude(cluster: Cluster): Promise<void> {
  const selector = 'app.kubernetes.io/name=rootcause,app.kubernetes.io/component=operator';
  const { items } = await cluster.list<KubeObject>(
    `/api/v1/pods?labelSelector=${encodeURIComponent(selector)}`,
  );
  const [one] = items;
  if (one === undefined) return;
  throw new Error(`another operator runs in namespace ${one.metadata.namespace}: scale it to zero first`);
}

/** The definition stays when the tests are over: removing it would remove every Diagnosis of the cluster. */
async function applyDefinition(cluster: Cluster, repository: string): Promise<void> {
  const file = join(repository, 'crds', 'rootcause.dev_diagnoses.yaml');
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', file]);
  await cluster.kubectl([
    'wait',
    '--for=condition=Established',
    'crd/diagnoses.rootcause.dev',
    '--timeout=60s',
  ]);
}

async function clear({ scenarios }: Options, cluster: Cluster, fate: Fate): Promise<void> {
  const names = [...scenarios.map(({ name }) => name), ...(await checkNamespaces(cluster))];
  await dropNamespaces(cluster, names, AbortSignal.timeout(240_000));
  await removeStandIns(cluster);
  for (const operator of fate.operators) {
    await keepLog(operator);
    await operator.stop();
  }
  await fate.account?.remove();
}

/** Where the logs of all operators of a session are, for whoever has to find out what went wrong. */
export const logPath = join(tmpdir(), 'rootcause-e2e-operator.log');

async function keepLog(operator: Operator): Promise<void> {
  await appendFile(logPath, `${operator.log().join('\n')}\n`);
}

async function checkNamespaces(cluster: Cluster): Promise<readonly string[]> {
  const { items } = await cluster.list<KubeObject>('/api/v1/namespaces');
  return items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith(checkPrefix));
}
