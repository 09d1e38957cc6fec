// What depends on the pods of a workload, as the API server's lists tell it, and what may not be listed.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { ApiServer } from '../../../test/apiserver/api-server.ts';
import { ApiError } from '../../../test/apiserver/api-error.ts';
import { forbidden, lists, unavailable } from '../../../test/apiserver/faults.ts';
import type { Fields } from '../../../test/apiserver/object.ts';
import { KubeClient } from '../../kube/api/client.ts';
import { Transport } from '../../kube/api/transport.ts';
import type { Dependents, DependentsQuestion } from '../../engine/model/question.ts';
import { askDependents } from './ask-dependents.ts';

const never = new AbortController().signal;
const question: DependentsQuestion = {
  ask: 'dependents',
  workload: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'u-1' },
  labels: { app: 'web', tier: 'front' },
};

let server: ApiServer;
let transport: Transport;

beforeEach(async () => {
  server = new ApiServer();
  const { url } = await server.start();
  const authorize = async () => ({ headers: {}, tls: {} });
  transport = new Transport({ server: url, namespace: 'default', authorize }, { timeoutMs: 5000 });
});

afterEach(async () => {
  await transport.close();
  await server.stop();
});

async function around(asked = question): Promise<Dependents> {
  return (await askDependents(asked, new KubeClient(transport), never)).dependents;
}

function put(apiVersion: string, kind: string, name: string, spec: Fields, namespace = 'shop'): void {
  server.put({ apiVersion, kind, metadata: { name, namespace }, spec });
}

function service(name: string, spec: Fields = { selector: { app: 'web' } }, namespace = 'shop'): void {
  put('v1', 'Service', name, spec, namespace);
}

function slice(name: string, of: string, ...conditions: readonly Fields[]): void {
  const labels = { 'kubernetes.io/service-name': of };
  const endpoints = conditions.map((each) => ({ addresses: ['10.0.0.1'], conditions: each }));
  const metadata = { name, namespace: 'shop', labels };
  server.put({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    endpoints,
  });
}

function ingress(name: string, ...services: readonly string[]): void {
  const paths = services.map((each) => ({ path: `/${each}`, backend: { service: { name: each } } }));
  put('networking.k8s.io/v1', 'Ingress', name, { rules: [{ host: 'shop.example', http: { paths } }] });
}

const budget = (name: string, spec: Fields): void => put('policy/v1', 'PodDisruptionBudget', name, spec);

const autoscaler = (name: string, scaleTargetRef: Fields): void =>
  put('autoscaling/v2', 'HorizontalPodAutoscaler', name, { scaleTargetRef });

test('where there is nothing, nothing is named', async () => {
  expect(await around()).toEqual({
    services: [],
    ingresses: [],
    disruptionBudgets: [],
    autoscalers: [],
    unread: [],
  });
});

describe('a Service', () => {
  test('that selects the pods is named, and no other', async () => {
    service('web');
    service('front', { selector: { tier: 'front' } });
    service('api', { selector: { app: 'api' } });
    service('all', { selector: {} });
    service('by-hand', {});
    service('outside', { type: 'ExternalName', externalName: 'x.example', selector: { app: 'web' } });
    service('elsewhere', { selector: { app: 'web' } }, 'lab');
    expect((await around()).services).toEqual(['front', 'web']);
  });

  test('that has a ready endpoint left is not', async () => {
    service('web');
    slice('web-1', 'web', { ready: false });
    service('shared');
    slice('shared-1', 'shared', { ready: false });
    slice('shared-2', 'shared', { ready: false }, { ready: true, serving: true });
    service('old');
    slice('old-1', 'old', {});
    expect((await around()).services).toEqual(['web']);
  });

  test('whose only endpoints are not ready, however it publishes them, is', async () => {
    service('web', { selector: { app: 'web' }, publishNotReadyAddresses: true });
    slice('web-1', 'web', { ready: true, serving: false, terminating: false });
    service('leaving');
    slice('leaving-1', 'leaving', { ready: false, serving: true, terminating: true });
    expect((await around()).services).toEqual(['leaving', 'web']);
  });

  test('only those of these Services are asked for their endpoints', async () => {
    service('web');
    service('api', { selector: { app: 'api' } });
    slice('api-1', 'api', { ready: true });
    await around();
    const asked = server.requests().filter(({ resource }) => resource === 'endpointslices');
    expect(asked.map(({ parameters }) => parameters['labelSelector'])).toEqual([
      'kubernetes.io/service-name in (web)',
    ]);
  });

  test('of a hundred ten are named, the first by name, and less than all are read', async () => {
    for (let index = 0; index < 600; index += 1) service(`web-${String(index).padStart(3, '0')}`);
    const { services } = await around();
    expect(services).toHaveLength(10);
    expect(services[0]).toBe('web-000');
  });
});

describe('an Ingress', () => {
  test('that leads to one of these Services is named', async () => {
    service('web');
    service('api', { selector: { app: 'api' } });
    ingress('public', 'api', 'web');
    ingress('inner', 'api');
    put('networking.k8s.io/v1', 'Ingress', 'default', { defaultBackend: { service: { name: 'web' } } });
    put('networking.k8s.io/v1', 'Ingress', 'bucket', { defaultBackend: { resource: { name: 'web' } } });
    expect((await around()).ingresses).toEqual(['default', 'public']);
  });

  test('is not asked for where no Service is down', async () => {
    service('web');
    slice('web-1', 'web', { ready: true });
    ingress('public', 'web');
    expect((await around()).ingresses).toEqual([]);
    expect(server.requests().filter(({ resource }) => resource === 'ingresses')).toEqual([]);
  });
});

test('a budget is named if it selects the pods, also by expressions or by selecting everything', async () => {
  budget('web', { selector: { matchLabels: { app: 'web' } } });
  budget('fronts', {
    selector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['front', 'edge'] }] },
  });
  budget('everything', { selector: {} });
  budget('nothing', {});
  budget('api', { selector: { matchLabels: { app: 'api' } } });
  expect((await around()).disruptionBudgets).toEqual(['everything', 'fronts', 'web']);
});

test('an autoscaler is named if it scales this workload, and not one of the same name', async () => {
  autoscaler('web', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' });
  autoscaler('short', { kind: 'Deployment', name: 'web' });
  autoscaler('older', { apiVersion: 'apps/v1beta2', kind: 'Deployment', name: 'web' });
  autoscaler('set', { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web' });
  autoscaler('custom', { apiVersion: 'example.com/v1', kind: 'Deployment', name: 'web' });
  autoscaler('api', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' });
  expect((await around()).autoscalers).toEqual(['older', 'short', 'web']);
});

describe('what may not be listed', () => {
  const refuse = (plural: string): void =>
    void server.inject(forbidden({ when: lists(plural), times: 1_000 }));

  test('is said, kind by kind, and the others are told all the same', async () => {
    service('web');
    ingress('public', 'web');
    budget('web', { selector: {} });
    refuse('ingresses');
    refuse('horizontalpodautoscalers');
    expect(await around()).toEqual({
      services: ['web'],
      ingresses: [],
      disruptionBudgets: ['web'],
      autoscalers: [],
      unread: ['horizontalpodautoscalers', 'ingresses'],
    });
  });

  test('of endpoints leaves all Services that select the pods', async () => {
    service('web');
    slice('web-1', 'web', { ready: true });
    refuse('endpointslices');
    expect(await around()).toMatchObject({ services: ['web'], unread: ['endpointslices'] });
  });

  test('of anything leaves an answer that names nothing', async () => {
    service('web');
    server.inject(forbidden({ when: lists(), times: 1_000 }));
    expect(await around()).toEqual({
      services: [],
      ingresses: [],
      disruptionBudgets: [],
      autoscalers: [],
      unread: ['horizontalpodautoscalers', 'poddisruptionbudgets', 'services'],
    });
  });

  test('because the cluster has no such kind is the same', async () => {
    const refusal = new ApiError(404, 'NotFound', 'the server could not find the requested resource');
    server.inject({ name: '404', when: lists('horizontalpodautoscalers'), times: 1_000, refusal });
    expect((await around()).unread).toEqual(['horizontalpodautoscalers']);
  });

  test('only for now is an error, since the next look may find it', async () => {
    server.inject(unavailable({ when: lists('poddisruptionbudgets'), times: 1_000 }));
    await expect(around()).rejects.toMatchObject({ code: 'serverError', temporary: true });
  });
});
