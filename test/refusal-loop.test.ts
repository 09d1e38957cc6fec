// The whole operator and an API server: pods that Pod Security refuses, so that there are none to look at.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { OperatorOptions } from '../src/operator/operator-options.ts';
import type { DiagnosisStatus } from '../src/engine/model/diagnosis.ts';
import { ApiServer } from './apiserver/api-server.ts';
import { forbidden } from './apiserver/faults.ts';
import { customKind } from './apiserver/resource.ts';
import { createdEvent, refused, type RefusalStory } from './apiserver/story-refusal.ts';
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
} from './apiserver/story.ts';
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

const later = '2026-01-02T04:00:00Z';
const latest = '2026-01-02T05:00:00Z';

const webSet = replicaSet('web-abc').of(deployment('web'));
const db = statefulSet('db').replicas(2);

const inShop = (of: Parameters<typeof refused>[0], last = later): RefusalStory =>
  refused(of).in('shop').last(last);

async function run(changes: Partial<OperatorOptions> = {}): Promise<RunningOperator> {
  operator = await startOperator(kubeconfig, { resyncSeconds: 1, ...changes });
  return operator;
}

function statusOf(name: string): DiagnosisStatus | undefined {
  return server.get('Diagnosis', 'shop', name)?.['status'] as DiagnosisStatus | undefined;
}

const isState = (name: string, state: string) => () => statusOf(name)?.state === state;
const isFailing = (name: string) => isState(name, 'Failing');

/** What was changed; asking about one's own rights is a creation, too. */
const writes = (): readonly string[] =>
  server
    .requests()
    .filter(({ verb }) => ['create', 'update', 'patch', 'delete'].includes(verb))
    .filter(({ resource }) => resource !== 'selfsubjectaccessreviews')
    .map(({ verb, resource, name }) => `${verb} ${resource}/${name}`);

/** How often a workload was looked at. */
const looksAt = (name: string): number =>
  server
    .requests()
    .filter(({ verb, resource, name: seen }) => verb === 'get' && resource === 'diagnoses' && seen === name)
    .length;

function expireEvents(): void {
  for (const event of server.list('Event', 'shop')) {
    if (event['reason'] === 'FailedCreate') server.remove('Event', 'shop', event.metadata.name);
  }
}

describe('a controller that may not create its pods', () => {
  test.each([
    ['deployment-web', webSet],
    ['replicaset-bare', replicaSet('bare')],
    ['replicationcontroller-old', replicationController('old')],
    ['statefulset-db', db],
    ['daemonset-agent', daemonSet('agent')],
    ['job-once', job('once')],
    ['cronjob-nightly', job('nightly-1').of(cronJob('nightly'))],
    ['widget.example.com-gear', statefulSet('gear-db').of(owner('example.com/v1', 'Widget', 'gear'))],
  ])('becomes a Diagnosis of its workload, announced once: %s', async (name, of) => {
    const { metrics } = await run();
    play(server, inShop(of));
    await until('the Diagnosis is there', isFailing(name));
    expect(statusOf(name)).toMatchObject({
      cause: 'PodSecurityViolation',
      findings: [{ cause: 'PodSecurityViolation', container: { name: 'app' } }],
    });
    expect(server.list('Diagnosis')).toHaveLength(1);
    await until('it is announced', () =>
      server.list('Event').some((event) => event['reason'] === 'Diagnosed'),
    );
    expect((await metrics()).get('rootcause_time_to_diagnosis_seconds_count')).toBe(1);
  });

  test('is found while pods of an earlier template run, and resolved when its own come', async () => {
    await run({ resyncSeconds: 3600 });
    play(
      server,
      pod('web-old-1')
        .in('shop')
        .of(replicaSet('web-old').of(deployment('web')))
        .running('app'),
    );
    play(server, inShop(webSet));
    await until('the Diagnosis is there', isFailing('deployment-web'));
    server.setStatus('Deployment', 'shop', 'web', { replicas: 1, readyReplicas: 1, updatedReplicas: 1 });
    server.setStatus('ReplicaSet', 'shop', 'web-abc', { replicas: 1 });
    play(server, pod('web-abc-1').in('shop').of(webSet).running('app'));
    await until('it is resolved', isState('deployment-web', 'Resolved'));
  });

  test('is resolved once its pods come, for which nothing but the next look is a sign', async () => {
    await run();
    play(server, inShop(db));
    await until('the Diagnosis is there', isFailing('statefulset-db'));
    server.setStatus('StatefulSet', 'shop', 'db', { replicas: 2, readyReplicas: 2, updatedReplicas: 2 });
    for (const name of ['db-0', 'db-1'])
      server.put(pod(name).in('shop').of(db).created(latest).running('app').pod());
    await until('it is resolved', isState('statefulset-db', 'Resolved'));
  });

  test('does not flap between attempts, and nothing is written', async () => {
    await run();
    play(server, inShop(db));
    await until('the Diagnosis is there', isFailing('statefulset-db'));
    await until('it has come to rest', () => looksAt('statefulset-db') >= 4);
    server.clearRequests();
    play(server, inShop(db, latest));
    await until('it is looked at again', () => looksAt('statefulset-db') >= 3);
    expect(writes()).toEqual([]);
    expect(isFailing('statefulset-db')()).toBe(true);
  });
});

describe('a restarted operator', () => {
  test('finds by their ReplicaSets what Events have forgotten', async () => {
    play(server, inShop(webSet).withoutEvents());
    await run();
    await until('the Diagnosis is there', isFailing('deployment-web'));
  });

  test('rewrites nothing, and keeps what is recorded where the Events are gone', async () => {
    // Neither images nor dry runs, whose answers come late and are written then.
    const only = {
      dryRun: false,
      images: { inspect: false, registries: [], bytesPerMinute: 0, pullSecrets: false },
    };
    const first = await run(only);
    play(server, inShop(db));
    await until('the Diagnosis is there', isFailing('statefulset-db'));
    await until('it has come to rest', () => looksAt('statefulset-db') >= 4);
    await first.stop();
    expireEvents();
    server.clearRequests();
    await run(only);
    await until('it is looked at', () => looksAt('statefulset-db') >= 3);
    // A failure as recent as this one is announced again, under the name that is taken.
    expect(writes().filter((write) => write !== 'create events/')).toEqual([]);
    expect(server.list('Event').filter(({ reason }) => reason === 'Diagnosed')).toHaveLength(1);
  });
});

describe('nobody is accused', () => {
  const quiet = async (name: string): Promise<void> => {
    await until('it is looked at', () => looksAt(name) >= 1);
    play(server, inShop(statefulSet('witness')));
    await until('another is diagnosed', isFailing('statefulset-witness'));
    expect(server.list('Diagnosis').map(({ metadata }) => metadata.name)).toEqual(['statefulset-witness']);
  };

  test('who has been scaled to zero since', async () => {
    await run();
    play(server, inShop(statefulSet('db').replicas(0)));
    await quiet('statefulset-db');
  });

  test('whose refused ReplicaSet was superseded, and wants no pods any more', async () => {
    await run();
    play(server, inShop(webSet.replicas(0)));
    server.setStatus('ReplicaSet', 'shop', 'web-abc', { replicas: 0 });
    server.setStatus('Deployment', 'shop', 'web', { replicas: 0 });
    await quiet('deployment-web');
  });

  test('whose pod was created since, and is gone again', async () => {
    server.put(createdEvent(statefulSet('db'), 'shop', latest));
    await run();
    play(server, inShop(statefulSet('db')));
    await quiet('statefulset-db');
  });

  test('whose pods are refused by a quota', async () => {
    await run();
    const because = 'forbidden: exceeded quota: pods, requested: pods=1, used: pods=2, limited: pods=2';
    play(server, inShop(statefulSet('db')).because(because), inShop(statefulSet('witness')));
    await until('another is diagnosed', isFailing('statefulset-witness'));
    expect(looksAt('statefulset-db')).toBe(0);
  });
});

describe('an account that may not', () => {
  const may = (resource: string) =>
    forbidden({
      when: (seen) => seen.resource === resource && seen.verb !== 'create' && seen.verb !== 'get',
      times: 10_000,
    });

  test('read Events finds what conditions tell', async () => {
    server.inject(may('events'));
    await run();
    play(server, inShop(webSet), inShop(db));
    await until('the Diagnosis is there', isFailing('deployment-web'));
    expect(server.list('Diagnosis')).toHaveLength(1);
  });

  test('list ReplicaSets, as one whose rights are of an earlier version, finds what Events tell', async () => {
    server.inject(may('replicasets'));
    await run();
    play(server, inShop(webSet), inShop(db), pod('tool').in('shop').waiting('app', imageRunsAsRoot()));
    await until('all are there', () =>
      ['deployment-web', 'statefulset-db', 'pod-tool'].every((name) => isFailing(name)()),
    );
    expect(await (await fetch(`${operator?.url}/readyz`)).text()).toContain('kind ReplicaSet');
  });
});
