// From what the watches see to the workload that is reconciled.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { ApiServer } from '../../test/apiserver/api-server.ts';
import { forbidden, lists } from '../../test/apiserver/faults.ts';
import { customKind } from '../../test/apiserver/resource.ts';
import { refused } from '../../test/apiserver/story-refusal.ts';
import {
  cronJob,
  daemonSet,
  deployment,
  imageRunsAsRoot,
  job,
  owner,
  play,
  pod,
  replicaSet,
  replicationController,
  statefulSet,
} from '../../test/apiserver/story.ts';
import { until } from '../../test/operator.ts';
import { KubeClient } from '../kube/api/client.ts';
import { Discovery } from '../kube/api/discovery.ts';
import { Transport } from '../kube/api/transport.ts';
import type { WorkloadKey } from '../engine/model/workload.ts';
import { askCreateFailures } from '../observe/ask/ask-create-failures.ts';
import { observe } from '../observe/observe.ts';
import { Owners } from '../observe/owners.ts';
import { OwnerEnqueuer } from './owner-enqueuer.ts';
import { KeyedQueue } from './queue.ts';
import { SharedImages } from '../observe/shared-images.ts';
import { collections } from '../observe/collections.ts';
import { CollectionWatch } from './collection-watch.ts';
import { TrackedWorkloads } from './tracked-workloads.ts';

const webSet = replicaSet('web-abc').of(deployment('web'));

let server: ApiServer;
let transport: Transport;
let stop: AbortController;
let enqueuer: OwnerEnqueuer;
let running: readonly Promise<void>[];
let index: TrackedWorkloads;
let reconciled: WorkloadKey[];
let queue: KeyedQueue;
let dropped: string[];

beforeEach(async () => {
  server = new ApiServer({ bookmarkIntervalMs: 50, resources: [customKind('example.com/v1', 'Widget')] });
  const { url } = await server.start();
  const authorize = async () => ({ headers: {}, tls: {} });
  transport = new Transport({ server: url, namespace: 'default', authorize }, { timeoutMs: 5000 });
  stop = new AbortController();
  reconciled = [];
  dropped = [];
  running = [];
  index = new TrackedWorkloads(() => performance.now());
});

afterEach(async () => {
  stop.abort();
  await queue.stop();
  await Promise.all(running);
  await transport.close();
  await server.stop();
});

const sources = () => {
  const client = new KubeClient(transport);
  const owners = new Owners(client, new Discovery(client), () => performance.now());
  return { client, owners, nowMs: () => Date.now() };
};

/** Watches as the operator does, all kinds at once, and notes which workloads are reconciled. */
function watch(namespaces: readonly string[] = []): void {
  const means = sources();
  queue = new KeyedQueue({
    run: async (key, signal) => {
      enqueuer.track(key);
      const snapshot = await observe(target(key), means, signal);
      await enqueuer.reconciled(snapshot, false, signal);
      if (!snapshot.movedTo) reconciled.push(key);
    },
    workers: 4,
    restMs: 0,
    retry: { firstMs: 1, mostMs: 1, newsMs: 1 },
    onError: () => undefined,
  });
  enqueuer = new OwnerEnqueuer({
    owners: means.owners,
    tracked: index,
    answers: { drop: (key, ask, podUid) => void dropped.push([key, ask, podUid].join(' ').trim()) },
    sharedImages: new SharedImages(() => true),
    queue,
    isWatched: (namespace) => namespace !== 'kube-system',
    fullPassMs: 3_600_000,
  });
  const watches = (namespaces.length > 0 ? namespaces : ['']).flatMap((namespace) =>
    collections.map(
      (collection) =>
        new CollectionWatch({
          transport,
          collection,
          namespace,
          showsCrashes: () => false,
          silenceMs: 150_000,
          onChange: (id, now, before) => enqueuer.changed(id, now, before),
          onRestart: () => undefined,
          onException: () => undefined,
        }),
    ),
  );
  running = watches.map((one) => one.run(stop.signal));
}

/** As it would be reconciled now. */
function target(key: WorkloadKey) {
  const workload = index.workloadOf(key);
  if (!workload) throw new Error(`${key} is not tracked`);
  return { key, workload, diagnosisName: 'x', remembered: {} };
}

const isReconciled = (key: WorkloadKey) => () => reconciled.includes(key);

describe('a workload whose pods are refused is reconciled', () => {
  test.each([
    ['StatefulSet/shop/db', statefulSet('db')],
    ['DaemonSet/shop/agent', daemonSet('agent')],
    ['Job/shop/once', job('once')],
    ['CronJob/shop/nightly', job('nightly-1').of(cronJob('nightly'))],
    ['ReplicaSet/shop/bare', replicaSet('bare')],
    ['ReplicationController/shop/old', replicationController('old')],
    ['Deployment/shop/web', webSet],
    ['Widget.example.com/shop/gear', statefulSet('gear').of(owner('example.com/v1', 'Widget', 'gear'))],
  ])('%s, by an Event about the controller that tried', async (key, of) => {
    server.inject(forbidden({ when: lists('replicasets'), times: 1_000 }));
    watch();
    play(server, refused(of).in('shop'));
    await until('it is reconciled', isReconciled(key));
    expect(new Set(reconciled)).toEqual(new Set([key]));
    expect(index.workloadOf(key)).toMatchObject({ namespace: 'shop' });
    expect(index.takeShownMs(key)).toBeDefined();
  });

  test('after a restart by its ReplicaSet, when the Events are gone', async () => {
    play(server, refused(webSet).in('shop').withoutEvents());
    watch();
    await until('it is reconciled', isReconciled('Deployment/shop/web'));
    expect(index.takeShownMs('Deployment/shop/web')).toBeDefined();
  });

  test('once more a moment later, for the condition of a Deployment follows that of its ReplicaSet', async () => {
    watch();
    const [web, set] = refused(webSet).in('shop').withoutEvents().objects();
    if (!web || !set) throw new Error('no owners');
    server.put({ ...web, status: {} });
    server.put(set);
    await until('it is reconciled', isReconciled('Deployment/shop/web'));
    server.put(web);
    index.forget('Deployment/shop/web');
    reconciled = [];
    await until('it is reconciled again', isReconciled('Deployment/shop/web'));
    expect(index.workloadOf('Deployment/shop/web')).toBeDefined();
  });

  test('with each new Event, and what was answered before is asked anew', async () => {
    watch();
    play(server, refused(statefulSet('db')).in('shop'));
    await until('it is reconciled', isReconciled('StatefulSet/shop/db'));
    reconciled = [];
    dropped = [];
    play(server, refused(statefulSet('db')).in('shop').last('2026-01-02T04:00:00Z'));
    await until('it is reconciled again', isReconciled('StatefulSet/shop/db'));
    expect(dropped).toContain('StatefulSet/shop/db createFailures');
  });

  test('when its ReplicaSet is refused no longer, and when it is gone', async () => {
    play(server, refused(webSet).in('shop').withoutEvents());
    play(server, refused(replicaSet('bare')).in('shop').withoutEvents());
    watch();
    await until(
      'the first is reconciled',
      () => reconciled.filter((key) => key === 'Deployment/shop/web').length === 2,
    );
    await until(
      'the other is reconciled',
      () => reconciled.filter((key) => key === 'ReplicaSet/shop/bare').length === 2,
    );
    reconciled = [];
    server.setStatus('ReplicaSet', 'shop', 'web-abc', { replicas: 1 });
    await until('the first is reconciled again', isReconciled('Deployment/shop/web'));
    server.remove('ReplicaSet', 'shop', 'bare');
    await until('the other is reconciled again', isReconciled('ReplicaSet/shop/bare'));
    expect(reconciled).toEqual(['Deployment/shop/web', 'ReplicaSet/shop/bare']);
  });

  test('in the namespaces that are watched, and in no other', async () => {
    watch(['shop', 'lab']);
    play(server, refused(statefulSet('db')).in('other'), refused(statefulSet('db')).in('kube-system'));
    play(server, refused(replicaSet('bare')).in('lab').withoutEvents());
    play(server, refused(statefulSet('db')).in('shop'));
    await until('one is reconciled', isReconciled('StatefulSet/shop/db'));
    await until('the other is reconciled', isReconciled('ReplicaSet/lab/bare'));
    expect(reconciled.filter((key) => !/\/(shop|lab)\//.test(key))).toEqual([]);
  });

  test('apart from a pod of the same name as its ReplicaSet', async () => {
    play(server, refused(replicaSet('web')).in('shop').withoutEvents());
    play(server, pod('web').in('shop').waiting('app', imageRunsAsRoot()));
    watch();
    await until('both are reconciled', () =>
      ['ReplicaSet/shop/web', 'Pod/shop/web'].every((key) => reconciled.includes(key)),
    );
    reconciled = [];
    server.remove('Pod', 'shop', 'web');
    await until('the pod is reconciled', isReconciled('Pod/shop/web'));
  });
});

describe('no workload is reconciled', () => {
  test('for an Event of another reason, a failure of another cause, or one that names no object', async () => {
    watch();
    play(server, refused(statefulSet('quota')).in('shop').because('forbidden: exceeded quota: pods=2'));
    const [odd] = refused(statefulSet('odd')).in('shop').objects().slice(-1);
    if (!odd) throw new Error('no Event');
    server.put({ ...odd, reason: 'Failed' });
    const hostile = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      name: '../../secrets/x',
      namespace: 'shop',
      uid: 'u',
    };
    server.put({ ...odd, metadata: { name: 'hostile', namespace: 'shop' }, involvedObject: hostile });
    play(server, refused(statefulSet('db')).in('shop'));
    await until('the one that is refused is reconciled', isReconciled('StatefulSet/shop/db'));
    expect(reconciled.filter((key) => /quota|odd/.test(key))).toEqual([]);
    expect(server.requests().filter(({ path }) => path.includes('..') || path.includes('/secrets/'))).toEqual(
      [],
    );
  });

  test('for a ReplicaSet that only mentions a refusal', async () => {
    const [set] = pod('x').in('shop').of(replicaSet('loud')).objects();
    if (!set) throw new Error('no owner');
    server.put({ ...set, metadata: { ...set.metadata, annotations: { note: 'it violates PodSecurity' } } });
    play(server, refused(replicaSet('bare')).in('shop').withoutEvents());
    watch();
    await until('the one that is refused is reconciled', isReconciled('ReplicaSet/shop/bare'));
    expect(reconciled).not.toContain('ReplicaSet/shop/loud');
  });
});

describe('the snapshot of a refused workload', () => {
  test('has what the condition says, and a template to look into, though there is no pod', async () => {
    play(server, refused(webSet).in('shop').withoutEvents());
    watch();
    await until('it is reconciled', isReconciled('Deployment/shop/web'));
    const snapshot = await observe(target('Deployment/shop/web'), sources(), stop.signal);
    expect(snapshot).toMatchObject({
      podsTotal: 0,
      createFailures: [{ owner: { kind: 'Deployment', name: 'web' } }],
      workload: {
        template: { manifest: { spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] } } },
      },
    });
    expect(snapshot.workload).not.toHaveProperty('createFailures');
  });

  test('of a custom kind has the template of what it made, once Events say who is refused', async () => {
    const gear = owner('example.com/v1', 'Widget', 'gear');
    play(server, refused(statefulSet('gear-db').of(gear)).in('shop'));
    server.put({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { ...server.get('Widget', 'shop', 'gear')?.metadata, name: 'gear', namespace: 'shop' },
      spec: {},
    });
    watch();
    const key = 'Widget.example.com/shop/gear';
    await until('it is reconciled', isReconciled(key));
    const before = await observe(target(key), sources(), stop.signal);
    expect(before.workload).not.toHaveProperty('template');
    const { workload } = target(key);
    const answer = await askCreateFailures(
      { ask: 'createFailures', workload, lacksTemplate: true },
      sources(),
      stop.signal,
    );
    expect(answer.template).toMatchObject({
      path: 'spec.template.spec',
      manifest: { spec: { containers: [{ name: 'app' }] } },
    });
  });
});

test('What is tracked of a workload may be forgotten: its key is enough, with what the watches hold', async () => {
  index = new TrackedWorkloads(() => performance.now(), 1);
  watch();
  const gear = statefulSet('gear').of(owner('example.com/v1', 'Widget', 'gear'));
  play(
    server,
    ...[webSet, gear, statefulSet('db')].map((of, each) =>
      pod(`p-${each}`).in('shop').of(of).waiting('app', imageRunsAsRoot()),
    ),
  );
  const keys = ['Deployment/shop/web', 'Widget.example.com/shop/gear', 'StatefulSet/shop/db'];
  const isEach = (): boolean => keys.every((key) => reconciled.includes(key));
  await until('each is reconciled', isEach);
  reconciled = [];
  for (const key of keys) queue.add(key);
  await until('each is reconciled again', isEach);
});
