// Fixes are tried by server-side dry runs: not at all with the rights of manifests/base, and with the option for them in
// no other way, whatever else the account is granted.

import { KubeClient } from '../../../src/kube/api/client.ts';
import { loadCluster } from '../../../src/kube/auth/cluster.ts';
import { Discovery } from '../../../src/kube/api/discovery.ts';
import { KubeError } from '../../../src/kube/api/error.ts';
import { Transport } from '../../../src/kube/api/transport.ts';
import type { DryRun } from '../../../src/engine/model/question.ts';
import { AccessReviews } from '../../../src/observe/access-reviews.ts';
import { askDryRun } from '../../../src/observe/ask/ask-dry-run.ts';
import type { Account } from '../account.ts';
import { installDryRuns, refuseUids } from '../dry-run-option.ts';
import type { KubeObject } from '../objects.ts';
import { demand, until } from '../until.ts';
import type { Complaints } from '../until.ts';
import { deployment } from '../workloads.ts';
import { announced, checkPrefix, create, lacks } from './check.ts';
import type { Ground } from './check.ts';
import type { Means } from './one-namespace.ts';

/** The operator's account as a client, and what it has asked so far: `create 201`. */
type Caller = { readonly client: KubeClient; readonly asked: string[]; close(): Promise<void> };

type Scene = { readonly ground: Ground; readonly namespace: string; readonly caller: Caller };

const ours = 'rootcause changes nothing but its own records';
const theirs = 'no uid is chosen here';
const limitMs = 60_000;

/** No other operator may run. */
export async function dryRun(ground: Ground, means: Means): Promise<Complaints> {
  const { cluster } = ground;
  const namespace = `${checkPrefix}dry-run`;
  const removals: (() => Promise<void>)[] = [];
  try {
    const account = await means.settle('base', namespace);
    removals.push(() => account.remove());
    const caller = await callerOf(account);
    removals.push(() => caller.close());
    const scene = { ground, namespace, caller };
    await create(
      cluster,
      deployment({ namespace, name: 'web', image: ground.images.root }),
      idlePod(namespace),
    );
    const without = await triedWithout(scene);
    const option = await installDryRuns(cluster, namespace);
    removals.push(() => option.remove());
    await grantTooMuch(scene, account);
    const held = await heldToDryRuns(scene);
    const accepted = await triedWith(scene);
    const records = await keepsRecords(scene, account, means);
    const policy = await refuseUids(cluster, namespace, theirs);
    removals.push(() => policy.remove());
    return [...without, ...held, ...accepted, ...records, ...(await refusedByOthers(scene))];
  } finally {
    await all(removals);
  }
}

/** One that fails keeps none of the others. */
async function all(removals: readonly (() => Promise<void>)[]): Promise<void> {
  const results = await Promise.allSettled(removals.map((remove) => remove()));
  const failure = results.find(({ status }) => status === 'rejected');
  if (failure?.status === 'rejected') throw failure.reason;
}

async function callerOf({ kubeconfig }: Account): Promise<Caller> {
  const asked: string[] = [];
  const onRequest = (verb: string, code: string) => void asked.push(`${verb} ${code}`);
  const transport = new Transport(await loadCluster({ kubeconfig }), { onRequest });
  return { client: new KubeClient(transport), asked, close: () => transport.close() };
}

/** No scheduler takes it, so that it stays as it is. */
function idlePod(namespace: string): object {
  const containers = [{ name: 'app', image: 'registry.example/none:1' }];
  const metadata = { name: 'idle', namespace };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { schedulerName: 'nobody', containers } };
}

/** The operator's own way of asking; rights are looked up anew each time. */
async function tried({ ground, namespace, caller: { client } }: Scene): Promise<DryRun> {
  const workload = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace, uid: '' };
  const containers = [{ name: 'app', securityContext: { runAsUser: 10_001 } }];
  const patch = { spec: { template: { spec: { containers } } } };
  const access = new AccessReviews(client, () => performance.now());
  const means = { client, discovery: new Discovery(client), access };
  const question = { ask: 'dryRun', workload, patchDigest: '', patch } as const;
  return (await askDryRun(question, means, ground.signal)).tried;
}

async function triedWithout(scene: Scene): Promise<Complaints> {
  const answer = await tried(scene);
  const { asked } = scene.caller;
  return [
    ...(answer.is === 'untried' && answer.because.includes('may not patch deployments')
      ? []
      : [`without the option a dry run is ${JSON.stringify(answer)}`]),
    ...(asked.join() === 'create 201' ? [] : [`without the option the API server was asked ${asked.join()}`]),
  ];
}

/** As by somebody's mistake: everything in the namespace. */
async function grantTooMuch({ ground, namespace }: Scene, { user }: Account): Promise<void> {
  const subject = user.split(':').slice(-2).join(':');
  const args = ['create', 'rolebinding', 'too-much', '--clusterrole=admin', `--serviceaccount=${subject}`];
  await ground.cluster.kubectl(['-n', namespace, ...args]);
}

/** Waits until the rights and the policy are in force; then nothing of this goes through. */
async function heldToDryRuns(scene: Scene): Promise<Complaints> {
  const { ground, namespace, caller } = scene;
  const { client } = caller;
  const { signal } = ground;
  const core = `/api/v1/namespaces/${namespace}`;
  const web = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'probe' } };
  const makeSecret = () => client.create(`${core}/secrets`, secret, signal);
  await demand('the policy', () => unrefused('create a Secret', makeSecret), { limitMs, signal });
  const labels = { metadata: { labels: { changed: 'yes' } } };
  const attempts = {
    'create a Secret': makeSecret,
    'patch a Deployment': () => client.patch(web, labels, signal),
    'scale a Deployment': () => client.patch(`${web}/scale`, { spec: { replicas: 0 } }, signal),
    'delete a Pod': () => client.remove(`${core}/pods/idle`, signal),
    'run a command in a Pod': () => client.create(`${core}/pods/idle/exec`, {}, signal),
  };
  const complaints: string[] = [];
  for (const [what, attempt] of Object.entries(attempts))
    complaints.push(...(await unrefused(what, attempt)));
  return complaints;
}

/** Complains unless the policy refuses it, in its own words. */
async function unrefused(what: string, attempt: () => Promise<unknown>): Promise<Complaints> {
  try {
    await attempt();
    return [`the account may ${what}`];
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const isOurs = error.code === 'forbidden' && error.said?.includes(ours) === true;
    return isOurs ? [] : [`to ${what} is answered with: ${error.message}`];
  }
}

type Spec = KubeObject & {
  readonly metadata: { readonly generation?: number; readonly deletionTimestamp?: string };
};

async function triedWith(scene: Scene): Promise<Complaints> {
  const { ground, namespace } = scene;
  const unaccepted = async () => {
    const answer = await tried(scene);
    return answer.is === 'accepted' ? [] : [`with the option a dry run is ${JSON.stringify(answer)}`];
  };
  const complaints = await until(unaccepted, { limitMs, signal: ground.signal });
  const web = await ground.cluster.read<Spec>(`/apis/apps/v1/namespaces/${namespace}/deployments/web`);
  const pod = await ground.cluster.read<Spec>(`/api/v1/namespaces/${namespace}/pods/idle`);
  const isSame = web?.metadata.generation === 1 && web.metadata.labels?.['changed'] === undefined;
  return [
    ...complaints,
    ...(isSame ? [] : [`the Deployment was changed: ${JSON.stringify(web?.metadata)}`]),
    ...(pod !== undefined && pod.metadata.deletionTimestamp === undefined ? [] : ['the Pod was deleted']),
  ];
}

/** The operator itself, under the policy: a lease, a Diagnosis, an Event. */
async function keepsRecords(
  { ground, namespace }: Scene,
  { kubeconfig }: Account,
  { start, stop }: Means,
): Promise<Complaints> {
  const { cluster, signal } = ground;
  const flags = ['--namespaces', namespace, '--leader-elect', '--lease-namespace', namespace];
  const operator = await start(flags, kubeconfig);
  const lacking = lacks(ground, namespace, 'Deployment/web', 'Failing');
  const unannounced = async () =>
    (await announced(ground, namespace, 'web')).has('Diagnosed') ? [] : ['no Event says Diagnosed'];
  const unwritten = async () => [...lacking(), ...(await unannounced())];
  const complaints = await until(unwritten, { limitMs, signal });
  const lease = await cluster.read(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/rootcause`);
  const refused = operator.log().filter((line) => /forbidden|denied/.test(line));
  const noLease = lease === undefined ? ['the operator holds no lease'] : [];
  return [...complaints, ...noLease, ...refused.slice(0, 3), ...(await stop())];
}

async function refusedByOthers(scene: Scene): Promise<Complaints> {
  const unrefusedYet = async () => {
    const answer = await tried(scene);
    const isRefused = answer.is === 'refused' && answer.because.includes(theirs);
    return isRefused ? [] : [`under a policy of others a dry run is ${JSON.stringify(answer)}`];
  };
  return until(unrefusedYet, { limitMs, signal: scene.ground.signal });
}
