// Logs of crashed containers: with the rights of manifests/base not one is asked for, and with the option for them the
// Diagnosis tells what was denied, and nothing else that the container said.

import { join } from 'node:path';
import type { Account } from '../account.ts';
import type { Cluster } from '../cluster.ts';
import type { KubeObject, WireEvent } from '../objects.ts';
import type { Operator } from '../operator.ts';
import { demand, until } from '../until.ts';
import type { Complaints } from '../until.ts';
import { deployment } from '../workloads.ts';
import { checkPrefix, create, diagnosisOf, lacks } from './check.ts';
import type { Ground } from './check.ts';
import type { Means } from './one-namespace.ts';

const option = join(import.meta.dirname, '..', '..', '..', 'manifests', 'options', 'logs');
const secret = 'hunter2-of-all';
const limitMs = 90_000;

type Scene = { readonly ground: Ground; readonly namespace: string; readonly account: Account };

/** No other operator may run. */
export async function logs(ground: Ground, means: Means): Promise<Complaints> {
  const { cluster } = ground;
  const namespace = `${checkPrefix}logs`;
  const account = await means.settle('base', namespace);
  const scene = { ground, namespace, account };
  try {
    await create(cluster, crashing(namespace, ground.images.healthy));
    await create(cluster, deployment({ namespace, name: 'root', image: ground.images.root }));
    const without = await keepsAway(scene, means);
    const granted = await grant(cluster, namespace);
    try {
      return [...without, ...(await tells(scene, means))];
    } finally {
      await cluster.kubectl(['delete', '--ignore-not-found', '-f', '-'], granted);
    }
  } finally {
    await account.remove();
  }
}

/** Ends a second after its start, as the user that its image has, because a permission is missing. */
function crashing(namespace: string, image: string): object {
  const script = `echo DB_PASSWORD=${secret}; touch /etc/passwd.new; exit 1`;
  const spec = {
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 10_001 },
    containers: [{ name: 'app', image, command: ['sh', '-c', script] }],
  };
  const labels = { app: 'web' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

type CrashingPod = KubeObject & {
  readonly status?: { readonly containerStatuses?: readonly { readonly restartCount?: number }[] };
};

/** An operator that may not read logs, until the container has crashed twice and another workload is diagnosed. */
async function keepsAway(scene: Scene, { start, stop }: Means): Promise<Complaints> {
  const { ground, namespace, account } = scene;
  const { cluster, signal } = ground;
  const operator = await start(['--namespaces', namespace], account.kubeconfig);
  const uncrashed = async () => {
    const pods = await cluster.list<CrashingPod>(
      `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3Dweb`,
    );
    const restarts = pods.items.map(({ status }) => status?.containerStatuses?.[0]?.restartCount ?? 0);
    return restarts.some((count) => count >= 2) ? [] : [`restarts are ${restarts.join()}`];
  };
  await demand('a crashing container', uncrashed, { limitMs, signal });
  const missing = await until(lacks(ground, namespace, 'Deployment/root', 'Failing'), { limitMs, signal });
  const mayRead = await isAllowed(scene);
  const told = diagnosisOf(ground, namespace, 'Deployment/web');
  return [
    ...missing,
    ...(mayRead ? ['the rights of manifests/base let it read logs'] : []),
    ...(await requests(operator, /verb="log"|code="403"/)),
    ...(told ? ['without its log a crash has a Diagnosis'] : []),
    ...(await stop()),
  ];
}

/** kubectl ends with 1 to say no. */
function isAllowed({ ground, namespace, account }: Scene): Promise<boolean> {
  const args = ['auth', 'can-i', 'get', 'pods', '--subresource=log', '-n', namespace, '--as', account.user];
  return ground.cluster.kubectl(args).then(
    () => true,
    () => false,
  );
}

/** Counted requests to the API server of which there should be none. */
async function requests(operator: Operator, kind: RegExp): Promise<Complaints> {
  const { text } = await operator.get('/metrics');
  return text
    .split('\n')
    .filter((line) => line.startsWith('rootcause_api_requests_total') && kind.test(line));
}

/** The option, under names of this check and for the account of its namespace. Returns what was applied. */
async function grant(cluster: Cluster, namespace: string): Promise<string> {
  const rendered = (await cluster.kubectl(['kustomize', option]))
    .replaceAll('name: rootcause-logs', `name: ${namespace}-option`)
    .replaceAll('rootcause-system', namespace);
  await cluster.kubectl(['apply', '-f', '-'], rendered);
  return rendered;
}

async function tells(scene: Scene, { start, stop }: Means): Promise<Complaints> {
  const { ground, namespace, account } = scene;
  const { cluster, signal } = ground;
  const forbidden = async () => ((await isAllowed(scene)) ? [] : ['logs may not be read']);
  await demand('the right', forbidden, { limitMs, signal });
  const operator = await start(['--namespaces', namespace], account.kubeconfig);
  const lacking = await until(lacks(ground, namespace, 'Deployment/web', 'Failing'), { limitMs, signal });
  const diagnosis = diagnosisOf(ground, namespace, 'Deployment/web');
  const [finding] = diagnosis?.status?.findings ?? [];
  const { items } = await cluster.list<WireEvent>(`/api/v1/namespaces/${namespace}/events`);
  const written = JSON.stringify([diagnosis, items, operator.log()]);
  const isTold = finding?.cause === 'NonRootPermissionDenied' && written.includes('/etc/passwd.new');
  const read = await requests(operator, /verb="log",code="200"/);
  return [
    ...lacking,
    ...(isTold ? [] : [`the Diagnosis says ${JSON.stringify(diagnosis?.status)}`]),
    ...(written.includes(secret) ? ['a secret of the log stands in the cluster or in a log of ours'] : []),
    ...(read.length === 1 ? [] : ['no log was read']),
    ...(await requests(operator, /code="403"/)),
    ...(await stop()),
  ];
}
