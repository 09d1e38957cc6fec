// Owners that are no built-in kind: Argo Rollouts, with a template of their own or another's, and DeploymentConfigs.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { ApiServer } from '../../test/apiserver/api-server.ts';
import { internalError } from '../../test/apiserver/faults.ts';
import { customKind } from '../../test/apiserver/resource.ts';
import {
  deployment,
  imageRunsAsRoot,
  owner,
  play,
  pod,
  replicaSet,
  replicationController,
} from '../../test/apiserver/story.ts';
import type { OwnerStory } from '../../test/apiserver/story-owners.ts';
import { refused } from '../../test/apiserver/story-refusal.ts';
import { clusterOf } from '../../test/operator.ts';
import { diagnose } from '../engine/diagnose/diagnose.ts';
import type { Snapshot } from '../engine/model/snapshot.ts';
import { keyOf } from '../engine/model/workload.ts';
import { KubeClient } from '../kube/api/client.ts';
import { Discovery } from '../kube/api/discovery.ts';
import { Transport } from '../kube/api/transport.ts';
import { askCreateFailures } from './ask/ask-create-failures.ts';
import { observe } from './observe.ts';
import { linkOf, Owners, podRef } from './owners.ts';

const signal = AbortSignal.timeout(60_000);
const rollout = owner('argoproj.io/v1alpha1', 'Rollout', 'web').replicas(3, 1);
const config = owner('apps.openshift.io/v1', 'DeploymentConfig', 'web');

let server: ApiServer;
let transport: Transport;
let client: KubeClient;
let owners: Owners;

beforeEach(async () => {
  server = new ApiServer();
  server.register(customKind('argoproj.io/v1alpha1', 'Rollout'));
  server.register(customKind('apps.openshift.io/v1', 'DeploymentConfig'));
  const { kubeconfig } = await server.start();
  transport = new Transport(await clusterOf(kubeconfig));
  client = new KubeClient(transport);
  owners = new Owners(client, new Discovery(client), () => performance.now());
});

afterEach(async () => {
  await transport.close();
  await server.stop();
});

/** The Deployment `web`, without pods of its own, and the Rollout that takes its template. */
function delegate(): void {
  const [object] = deployment('web').replicas(0).objects('shop', templateOf('web'));
  const [user] = rollout.objects('shop', {});
  if (!object || !user) throw new Error('no objects');
  const workloadRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', scaleDown: 'onsuccess' };
  server.put(object);
  server.put({ ...user, spec: { replicas: 3, paused: true, workloadRef } });
}

const templateOf = (app: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
});

async function look(): Promise<Snapshot> {
  const object = server.list('Pod')[0] ?? server.list('ReplicaSet')[0];
  const kind =
    object?.kind === 'Pod'
      ? { apiVersion: 'v1', kind: 'Pod' }
      : { apiVersion: 'apps/v1', kind: 'ReplicaSet' };
  const { ref: workload } = await owners.topOf(object, { ...kind, name: '' }, signal);
  const target = { key: keyOf(workload), workload, remembered: {} };
  return observe(target, { client, owners, nowMs: () => Date.parse('2026-11-22T03:00:00Z') }, signal);
}

const waiting = (of: OwnerStory) => pod('web-1').in('shop').of(of).waiting('app', imageRunsAsRoot());

describe('a pod', () => {
  test('of a Rollout is diagnosed under the Rollout', async () => {
    play(server, waiting(replicaSet('web-abc').of(rollout)));
    expect(await look()).toMatchObject({
      key: 'Rollout.argoproj.io/shop/web',
      podsTotal: 1,
      workload: { desired: 3, ready: 1, template: { path: 'spec.template.spec' } },
    });
  });

  test('of a DeploymentConfig is found by the labels of its selector', async () => {
    play(server, waiting(replicationController('web-1').of(config)));
    const [object] = server.list('DeploymentConfig');
    if (!object) throw new Error('no object');
    server.put({ ...object, spec: { ...Object(object['spec']), selector: { app: 'web' }, triggers: [] } });
    expect(await look()).toMatchObject({
      key: 'DeploymentConfig.apps.openshift.io/shop/web',
      podsTotal: 1,
      workload: { selector: 'app=web', rollout: { waitsFor: 'start' } },
    });
  });

  test('of a Rollout with another template is diagnosed under the Deployment that has it', async () => {
    play(server, waiting(replicaSet('web-abc').of(rollout)));
    delegate();
    expect(await look()).toMatchObject({
      key: 'Deployment/shop/web',
      podsTotal: 1,
      workload: {
        desired: 3,
        ready: 1,
        rollout: { isPaused: true },
        runBy: { kind: 'Rollout', name: 'web' },
        template: { manifest: { spec: { containers: [{ name: 'app' }] } } },
      },
    });
  });
});

describe('a pod that may not be created', () => {
  test('is the failure of the Deployment whose template a Rollout takes', async () => {
    play(server, refused(replicaSet('web-abc').of(rollout)).in('shop'));
    delegate();
    const { questions } = diagnose(await look());
    const question = questions.find(({ ask }) => ask === 'createFailures');
    if (question?.ask !== 'createFailures') throw new Error('Events are not asked');
    const answer = await askCreateFailures(question, { client, owners }, signal);
    const { verdict } = diagnose({ ...(await look()), answers: [answer] });
    expect(verdict.findings).toMatchObject([{ cause: 'PodSecurityViolation' }]);
  });
});

describe('a Deployment without pods', () => {
  test('is not asked for a Rollout where the cluster has none, or where they may not be listed', async () => {
    const [object] = deployment('idle').replicas(0).objects('shop', templateOf('idle'));
    if (!object) throw new Error('no object');
    const { metadata } = server.put(object);
    const ref = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'idle',
      namespace: 'shop',
      uid: String(metadata.uid),
    };
    expect(await owners.runnerOf({ ref, incomplete: false }, signal)).toBeUndefined();
  });
});

describe('while an API group does not answer', () => {
  const chain = replicaSet('web-abc').of(rollout);
  const object = pod('web-1').in('shop').of(chain).waiting('app', imageRunsAsRoot()).pod();
  const trouble = { when: ({ path }: { path: string }) => path.includes('argoproj.io'), times: 10_000 };
  let nowMs: number;

  beforeEach(() => {
    nowMs = 0;
    play(server, pod('web-1').in('shop').of(chain).waiting('app', imageRunsAsRoot()));
    owners = new Owners(client, new Discovery(client), () => nowMs, { deadlineMs: 1_500 });
  });

  const top = () => owners.topOf(object, podRef, signal);

  test('the owner is not known at first, and after a while it is what the reference says, incomplete', async () => {
    server.inject(internalError(trouble));
    await expect(top()).rejects.toMatchObject({ apiGroup: 'argoproj.io' });
    expect(keyOf(owners.knownTopOf(linkOf(object, podRef)))).toBe('Rollout.argoproj.io/shop/web');
    nowMs = 30_000;
    expect(await top()).toMatchObject({ ref: { kind: 'Rollout', name: 'web' }, incomplete: true });
  });

  test('what was read before stays what is known', async () => {
    const gadget = customKind('example.com/v1', 'Gadget');
    server.register(gadget);
    const [above] = owner('example.com/v1', 'Gadget', 'g').objects('shop', {});
    const live = server.get('Rollout', 'shop', 'web');
    if (!above || !live) throw new Error('no owners');
    server.put(above);
    const reference = owner('example.com/v1', 'Gadget', 'g').reference('shop');
    server.put({ ...live, metadata: { ...live.metadata, ownerReferences: [reference] } });
    expect(await top()).toMatchObject({ ref: { kind: 'Gadget' }, incomplete: false });
    server.inject(internalError(trouble));
    nowMs = 400_000;
    await expect(top()).rejects.toMatchObject({ apiGroup: 'argoproj.io' });
    expect(await owners.likelyTopOf(linkOf(object, podRef), signal)).toMatchObject({ kind: 'Gadget' });
    nowMs = 440_000;
    expect(await top()).toMatchObject({ ref: { kind: 'Gadget' } });
  });
});
