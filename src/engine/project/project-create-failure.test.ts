// What controllers say of pods that they may not create, as a real cluster recorded it.

import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { violatesRestricted } from '../../../test/apiserver/story-refusal.ts';
import { listAt, objectAt, textAt } from '../platform/data/field.ts';
import {
  projectFailedCreate,
  projectRejectedReplicaSet,
  createFailuresIn,
  rejectedController,
  podSecurityNeedle,
} from './project-create-failure.ts';
import { projectWorkload } from './project-workload.ts';

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' };
const oneJob = { apiVersion: 'batch/v1', kind: 'Job' };

const recording: unknown = JSON.parse(
  readFileSync(new URL('../../../cases/recordings/podsecurity-refused.json', import.meta.url), 'utf8'),
);

function ownerOf(kind: string): Readonly<Record<string, unknown>> {
  return objectAt(listAt(recording, 'owners').find((owner) => textAt(owner, 'kind') === kind));
}

const failed = listAt(recording, 'events').filter((event) => textAt(event, 'reason') === 'FailedCreate');
const condition = (change: object): object => ({
  conditions: [{ type: 'ReplicaFailure', status: 'True', message: violatesRestricted, ...change }],
});

describe('a condition', () => {
  test('of a Deployment and of its ReplicaSet is the same failure', () => {
    const [message] = (createFailuresIn(ownerOf('Deployment')) ?? []).map((refusal) => refusal.message);
    expect(message).toMatch(
      /^pods "web-685d9bf7f6-hkttl" is forbidden: violates PodSecurity "restricted:latest": /,
    );
    expect(createFailuresIn(ownerOf('Deployment'))).toEqual([
      { owner: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, message },
    ]);
    expect(createFailuresIn(ownerOf('ReplicaSet'))).toEqual([
      { owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-685d9bf7f6' }, message },
    ]);
    expect(projectWorkload(deployment, ownerOf('Deployment')).createFailures).toHaveLength(1);
  });

  test.each([
    ['is over', condition({ status: 'False' })],
    ['has another reason', condition({ message: 'exceeded quota' })],
    ['is of another type', condition({ type: 'Progressing' })],
    ['is none', { conditions: 'ReplicaFailure' }],
    ['has no message', condition({ message: 1 })],
  ])('that %s is no refusal', (_name, status) => {
    expect(createFailuresIn({ ...ownerOf('Deployment'), status })).toBeUndefined();
  });

  test('of any other kind is not known to mean anything', () => {
    const status = condition({});
    expect(createFailuresIn({ ...ownerOf('Deployment'), kind: 'StatefulSet', status })).toBeUndefined();
    expect(
      createFailuresIn({ ...ownerOf('Deployment'), apiVersion: 'example.com/v1', status }),
    ).toBeUndefined();
    expect(
      createFailuresIn({ ...ownerOf('Deployment'), apiVersion: 'v1', kind: 'ReplicationController', status }),
    ).toHaveLength(1);
    expect(createFailuresIn(undefined)).toBeUndefined();
  });

  test('is taken over up to a bound', () => {
    const status = condition({ message: `${podSecurityNeedle} ${'x'.repeat(1 << 20)}` });
    expect(createFailuresIn({ ...ownerOf('Deployment'), status })?.[0]?.message).toHaveLength(16_384);
  });
});

describe('a ReplicaSet', () => {
  test('whose pods are rejected is its metadata, as far as it leads to its owner', () => {
    const { kind: _kind, apiVersion: _apiVersion, ...item } = ownerOf('ReplicaSet');
    const found = projectRejectedReplicaSet(item);
    expect(found?.metadata).toMatchObject({
      name: 'web-685d9bf7f6',
      namespace: 'podsecurity-refused',
      ownerReferences: [{ kind: 'Deployment', name: 'web' }],
    });
    expect(JSON.stringify(found)).not.toContain('managedFields');
  });

  test('that only mentions a rejection does not count', () => {
    const metadata = {
      ...objectAt(ownerOf('ReplicaSet'), 'metadata'),
      annotations: { note: violatesRestricted },
    };
    expect(projectRejectedReplicaSet({ ...ownerOf('ReplicaSet'), metadata, status: {} })).toBeUndefined();
  });
});

describe('an Event', () => {
  test('names the controller, what it said and when it last did, also when it sums up others', () => {
    expect(projectFailedCreate(failed[0])).toMatchObject({
      controller: {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'web-685d9bf7f6',
        namespace: 'podsecurity-refused',
        uid: '470f98c2-70d8-453a-9d8e-9420eefce5d0',
      },
      lastTime: '2026-11-22T01:38:44Z',
    });
    const summed = failed.find((event) => (textAt(event, 'message') ?? '').startsWith('(combined'));
    expect(projectFailedCreate(summed)?.message).toContain(podSecurityNeedle);
    expect(failed.map(rejectedController)).not.toContain(undefined);
  });

  test('of another reason, about a pod, or about nothing, is none of ours', () => {
    const event = objectAt(failed[0]);
    const about = objectAt(event, 'involvedObject');
    for (const change of [
      { reason: 'SuccessfulCreate' },
      { involvedObject: { ...about, kind: 'Pod' } },
      { involvedObject: { ...about, uid: '' } },
      { involvedObject: { ...about, namespace: 1 } },
      { involvedObject: null },
    ]) {
      expect(projectFailedCreate({ ...event, ...change })).toBeUndefined();
    }
    expect(projectFailedCreate(undefined)).toBeUndefined();
  });

  test('of a failure that Pod Security did not cause leads nowhere', () => {
    const event = {
      ...objectAt(failed[0]),
      message: 'Error creating: pods "x" is forbidden: exceeded quota',
    };
    expect(projectFailedCreate(event)).toBeDefined();
    expect(rejectedController(event)).toBeUndefined();
  });
});

describe('the template', () => {
  test('tells where its images would be looked for, and on whose behalf', () => {
    const containers = [{ name: 'app', image: `registry.example/app:${'1'.repeat(2000)}` }];
    const imagePullSecrets = Array.from({ length: 50 }, (_none, index) => ({ name: `pull-${index}` }));
    const spec = { template: { spec: { containers, serviceAccountName: 'shopper', imagePullSecrets } } };
    const { template } = projectWorkload(deployment, { spec });
    expect(template).toMatchObject({
      serviceAccount: 'shopper',
      manifest: { spec: { containers: [{ name: 'app' }] } },
    });
    expect(template?.manifest.spec.containers[0]?.image).toHaveLength(1024);
    expect(template?.pullSecrets).toHaveLength(20);
    const bare = projectWorkload(deployment, { spec: { template: { spec: { containers } } } }).template;
    expect(bare).not.toHaveProperty('serviceAccount');
    expect(bare).not.toHaveProperty('pullSecrets');
  });
});

describe('a Job', () => {
  test('that has ended wants no pods any more', () => {
    const job = (type: string, status: string): object => ({
      spec: { parallelism: 3 },
      status: { conditions: [{ type, status }] },
    });
    expect(projectWorkload(oneJob, job('Complete', 'True')).desired).toBe(0);
    expect(projectWorkload(oneJob, job('Failed', 'True')).desired).toBe(0);
    expect(projectWorkload(oneJob, job('Failed', 'False')).desired).toBe(3);
    expect(projectWorkload(oneJob, job('Suspended', 'True')).desired).toBe(3);
  });
});
