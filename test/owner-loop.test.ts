// Whose pod is this: owners that change, that cannot be read, that are none, and what that costs others.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { OperatorOptions } from '../src/operator/operator-options.ts';
import type { DiagnosisStatus } from '../src/engine/model/diagnosis.ts';
import { ApiError } from './apiserver/api-error.ts';
import { ApiServer } from './apiserver/api-server.ts';
import type { Fault } from './apiserver/faults.ts';
import {
  forbidden,
  htmlPage,
  internalError,
  radioSilence,
  tooManyRequests,
  unavailable,
} from './apiserver/faults.ts';
import type { Fields } from './apiserver/object.ts';
import { customKind } from './apiserver/resource.ts';
import {
  cronJob,
  deployment,
  imageRunsAsRoot,
  job,
  owner,
  play,
  pod,
  replicaSet,
  statefulSet,
} from './apiserver/story.ts';
import type { OwnerStory } from './apiserver/story-owners.ts';
import type { PodStory } from './apiserver/story.ts';
import { refused } from './apiserver/story-refusal.ts';
import type { RunningOperator } from './operator.ts';
import { startOperator, until } from './operator.ts';

let server: ApiServer;
let kubeconfig: string;
let operator: RunningOperator | undefined;

beforeEach(async () => {
  server = new ApiServer({ bookmarkIntervalMs: 50, resources: [customKind('example.com/v1', 'Widget')] });
  ({ kubeconfig } = await server.start());
});

afterEach(async () => {
  await operator?.stop();
  operator = undefined;
  await server.stop();
});

async function run(changes: Partial<OperatorOptions> = {}): Promise<RunningOperator> {
  operator = await startOperator(kubeconfig, { resyncSeconds: 1, ...changes });
  return operator;
}

const web = deployment('web');
const webSet = replicaSet('web-abc').of(web);
const gear = owner('example.com/v1', 'Widget', 'gear');

const failing = (name: string, of: OwnerStory): PodStory =>
  pod(name).in('shop').of(of).waiting('app', imageRunsAsRoot());

const statusOf = (name: string): DiagnosisStatus | undefined =>
  server.get('Diagnosis', 'shop', name)?.['status'] as DiagnosisStatus | undefined;

const isFailing = (name: string) => () => statusOf(name)?.state === 'Failing';
const isGone = (name: string) => () => server.get('Diagnosis', 'shop', name) === undefined;

const announced = (reason: string): number =>
  server.list('Event').filter((event) => event['reason'] === reason).length;

/** Changes the owner references of an object, and nothing else. */
function own(kind: string, name: string, ...ownerReferences: readonly Fields[]): void {
  const object = server.get(kind, 'shop', name);
  if (!object) throw new Error(`There is no ${kind} ${name}.`);
  server.put({ ...object, metadata: { ...object.metadata, ownerReferences } });
}

function putWidget(): void {
  const [widget] = failing('other', gear).objects();
  if (!widget) throw new Error('no Widget');
  server.put({ ...widget, spec: {} });
}

const gets = (resource: string): number =>
  server.requests().filter((request) => request.verb === 'get' && request.resource === resource).length;

describe('a workload that gets another owner', () => {
  test('is diagnosed under a custom resource that adopts it, and under its own name once it is let go', async () => {
    await run();
    play(server, failing('web-abc-1', webSet));
    await until('it is diagnosed', isFailing('deployment-web'));
    putWidget();
    own('Deployment', 'web', gear.reference('shop'));
    await until('the Diagnosis of the Widget is there', isFailing('widget.example.com-gear'));
    await until('the old one is gone', isGone('deployment-web'));
    expect(statusOf('widget.example.com-gear')?.pods.summary).toBe('1/1');
    own('Deployment', 'web');
    await until('it is back', isFailing('deployment-web'));
    await until('that of the Widget is gone', isGone('widget.example.com-gear'));
    expect(announced('Resolved')).toBe(0);
  });

  test('is diagnosed under the CronJob that adopts it', async () => {
    await run();
    play(server, failing('n-1', job('nightly-1')));
    await until('it is diagnosed', isFailing('job-nightly-1'));
    const [cron] = failing('other', job('nightly-1').of(cronJob('nightly'))).objects();
    if (!cron) throw new Error('no CronJob');
    server.put(cron);
    own('Job', 'nightly-1', cronJob('nightly').reference('shop'));
    await until('the Diagnosis of the CronJob is there', isFailing('cronjob-nightly'));
    await until('the old one is gone', isGone('job-nightly-1'));
    expect(announced('Resolved')).toBe(0);
  });

  test('is found again when its pods are orphaned, and when the same manifest is applied again', async () => {
    await run();
    play(server, failing('web-abc-1', webSet));
    await until('it is diagnosed', isFailing('deployment-web'));
    own('ReplicaSet', 'web-abc');
    server.remove('Deployment', 'shop', 'web');
    await until('the orphan is diagnosed', isFailing('replicaset-web-abc'));
    const [again] = failing('other', webSet).objects();
    if (!again) throw new Error('no Deployment');
    server.put({ ...again, metadata: { ...again.metadata, uid: 'a-new-one' } });
    own('ReplicaSet', 'web-abc', { ...web.reference('shop'), uid: 'a-new-one' });
    await until('it is diagnosed again', isFailing('deployment-web'));
    await until('the orphan has no Diagnosis any more', isGone('replicaset-web-abc'));
    expect(announced('Resolved')).toBe(0);
  });

  test('is found again when it was replaced before its orphans were looked at', async () => {
    await run();
    play(server, failing('web-abc-1', webSet));
    await until('it is diagnosed', isFailing('deployment-web'));
    const [again] = failing('other', webSet).objects();
    if (!again) throw new Error('no Deployment');
    own('ReplicaSet', 'web-abc');
    server.remove('Deployment', 'shop', 'web');
    server.put({ ...again, metadata: { ...again.metadata, uid: 'a-new-one' } });
    own('ReplicaSet', 'web-abc', { ...web.reference('shop'), uid: 'a-new-one' });
    await until('its Diagnosis belongs to the new one', () => {
      const [reference] = (server.get('Diagnosis', 'shop', 'deployment-web')?.metadata['ownerReferences'] ??
        []) as readonly Fields[];
      return reference?.['uid'] === 'a-new-one' && isFailing('deployment-web')();
    });
  });
});

test('a Diagnosis that an orphaning deletion has left without an owner belongs to the new workload again', async () => {
  await run();
  play(server, failing('web-abc-1', webSet));
  await until('it is diagnosed', isFailing('deployment-web'));
  const orphan = server.get('Diagnosis', 'shop', 'deployment-web');
  if (!orphan) throw new Error('no Diagnosis');
  server.put({ ...orphan, metadata: { ...orphan.metadata, ownerReferences: [] } });
  await until('it has its owner again', () => {
    const owners = server.get('Diagnosis', 'shop', 'deployment-web')?.metadata['ownerReferences'];
    return JSON.stringify(owners)?.includes(JSON.stringify(web.reference('shop')['uid'])) ?? false;
  });
});

describe('what was lost', () => {
  test.each([
    ['a pod shows', 'deployments', 'deployment-web', failing('web-abc-1', webSet)],
    ['only an Event shows', 'statefulsets', 'statefulset-db', refused(statefulSet('db')).in('shop')],
  ])('and %s is found by the full pass, without any news', async (_, resource, name, story) => {
    await run();
    play(server, story);
    await until('it is diagnosed', isFailing(name));
    // For a moment there is no such workload: the record goes, and nothing tells that this was wrong.
    const lie = server.inject(notFound(resource));
    await until('the record is gone', isGone(name));
    lie.lift();
    await until('it is diagnosed again', isFailing(name));
  });
});

describe('many pods of one controller', () => {
  test('are one lookup', async () => {
    play(server, ...Array.from({ length: 100 }, (_, index) => failing(`web-abc-${index}`, webSet)));
    await run({ resyncSeconds: 60 });
    await until('all are counted', () => statusOf('deployment-web')?.pods.summary === '100/100');
    expect(gets('replicasets')).toBeLessThanOrEqual(2);
    expect(gets('pods')).toBe(0);
  });
});

describe('more pods than are looked into', () => {
  test('are counted all the same: failing ones as failing, healthy ones as pods', async () => {
    const bad = Array.from({ length: 700 }, (_, index) => failing(`web-abc-${index}`, webSet));
    const fine = Array.from({ length: 300 }, (_, index) =>
      pod(`web-abc-a${index}`).in('shop').of(webSet).running('app'),
    );
    play(server, ...bad, ...fine);
    const { metrics } = await run({ resyncSeconds: 60 });
    await until('all are counted', () => statusOf('deployment-web')?.pods.summary === '700/1000');
    const samples = await metrics();
    const series = 'rootcause_failing_pods{namespace="shop",kind="Deployment",name="web"}';
    expect(samples.get(series)).toBe(700);
    expect(statusOf('deployment-web')?.findings).toHaveLength(1);
  });
});

describe('an owner reference that leads nowhere', () => {
  test.each([
    ['shell text as a kind', { kind: 'service;touch /tmp/x;: ' }],
    ['a line break in its name', { name: 'n\nname: injected' }],
    ['a path as a name', { name: '../../secrets/x' }],
    ['a kind of 3,000 letters', { kind: 'K'.repeat(3_000) }],
    ['a version that is none', { apiVersion: 'a/b/c' }],
    ['the kind __proto__', { kind: '__proto__' }],
    ['the kind constructor', { apiVersion: 'v1', kind: 'constructor' }],
    ['a kind that the cluster does not have', { apiVersion: 'example.com/v1', kind: 'Gadget' }],
  ])('with %s leaves the object itself as the workload, incomplete', async (_, odd) => {
    await run();
    const [set, ...rest] = failing('odd-1', replicaSet('odd')).objects();
    if (!set) throw new Error('no owner');
    const reference = {
      apiVersion: 'v1',
      kind: 'Service',
      name: 'web',
      uid: 'u-1',
      controller: true,
      ...odd,
    };
    server.put({ ...set, metadata: { ...set.metadata, ownerReferences: [reference] } });
    for (const object of rest) server.put(object);
    await until('it is diagnosed', isFailing('replicaset-odd'));
    expect(statusOf('replicaset-odd')).toMatchObject({ ownerIncomplete: true, workload: 'ReplicaSet/odd' });
    expect(server.list('Diagnosis')).toHaveLength(1);
    expect(server.requests().filter(({ path }) => /\.\.|secrets|touch/.test(path))).toEqual([]);
  });

  test('to owners that own each other ends at one of them', async () => {
    await run();
    play(server, failing('web-abc-1', webSet));
    own('Deployment', 'web', webSet.reference('shop'));
    await until('it is diagnosed', isFailing('deployment-web'));
    await until('it is the only one', () => server.list('Diagnosis').length === 1);
  });
});

describe('an API group in trouble', () => {
  const ofGroup: Fault['when'] = ({ path }) => path.includes('example.com');
  const always = { when: ofGroup, times: 100_000 };

  test.each([
    ['refuses', forbidden(always)],
    ['fails', internalError(always)],
    ['is not available', unavailable(always)],
    ['is throttled', tooManyRequests(1, always)],
    ['hangs', radioSilence(always)],
    ['answers in HTML', htmlPage(200, always)],
  ])('that %s keeps no other workload waiting', async (_, fault) => {
    server.inject(fault);
    const widgets = Array.from({ length: 10 }, (__, index) =>
      failing(
        `gear-${index}-0`,
        statefulSet(`gear-${index}`).of(owner('example.com/v1', 'Widget', `w-${index}`)),
      ),
    );
    const others = Array.from({ length: 50 }, (__, index) =>
      failing(`db-${index}-0`, statefulSet(`db-${index}`)),
    );
    const nightly = failing('n-1', job('nightly-1').of(cronJob('nightly')));
    play(server, ...widgets, ...others, nightly);
    const { metrics } = await run({ resyncSeconds: 60 });
    await until('all others are diagnosed', () =>
      Array.from({ length: 50 }, (__, index) => isFailing(`statefulset-db-${index}`)()).every(Boolean),
    );
    await until('so is a CronJob beside them', isFailing('cronjob-nightly'));
    const asked = server.requests().filter(ofGroup).length;
    expect(asked).toBeLessThan(60);
    if (fault.name === '403') return;
    await until('the trouble is counted', async () => {
      const samples = await metrics();
      return (samples.get('rootcause_reconciles_total{outcome="apiGroupTrouble"}') ?? 0) > 0;
    });
  });

  test('does not hide what belongs to it once it answers again', async () => {
    const trouble = server.inject(internalError(always));
    await run();
    play(server, failing('gear-0', statefulSet('gear').of(gear)));
    putWidget();
    await until('it was asked', () => server.requests().some(ofGroup));
    trouble.lift();
    await until('it is diagnosed', isFailing('widget.example.com-gear'));
    expect(statusOf('widget.example.com-gear')?.ownerIncomplete).toBe(false);
  });
});

function notFound(resource: string): Fault {
  return {
    name: '404',
    when: (request) => request.resource === resource && request.verb === 'get',
    times: 100_000,
    refusal: new ApiError(404, 'NotFound', `${resource} "web" not found`),
  };
}
