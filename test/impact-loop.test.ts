// The whole operator and an API server: what a failure takes down stands in the Diagnosis, and is not written twice.

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import type { OperatorOptions } from '../src/operator/operator-options.ts';
import type { DiagnosisStatus } from '../src/engine/model/diagnosis.ts';
import { ApiServer } from './apiserver/api-server.ts';
import { forbidden, lists, unavailable } from './apiserver/faults.ts';
import {
  deployment,
  imageRunsAsRoot,
  play,
  pod,
  replicaSet,
  windowsAdministrator,
} from './apiserver/story.ts';
import type { RunningOperator } from './operator.ts';
import { startOperator, until } from './operator.ts';

let server: ApiServer;
let kubeconfig: string;
let operator: RunningOperator | undefined;

beforeEach(async () => {
  server = new ApiServer();
  ({ kubeconfig } = await server.start());
  const metadata = { name: 'web', namespace: 'shop' };
  server.put({ apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: 'web' } } });
});

afterEach(async () => {
  await operator?.stop();
  operator = undefined;
  await server.stop();
});

async function run(changes: Partial<OperatorOptions> = {}): Promise<RunningOperator> {
  operator = await startOperator(kubeconfig, changes);
  return operator;
}

/** A pod of a Deployment, all of whose pods have the same image. */
function broken(of = 'web', ordinal = 1) {
  return pod(`${of}-abc-${ordinal}`)
    .in('shop')
    .of(replicaSet(`${of}-abc`).of(deployment(of)))
    .waiting('app', imageRunsAsRoot());
}

function statusOf(of = 'web'): DiagnosisStatus | undefined {
  return server.get('Diagnosis', 'shop', `deployment-${of}`)?.['status'] as DiagnosisStatus | undefined;
}

const impactOf = (of = 'web') => statusOf(of)?.impact;

const asked = (plural: string): number =>
  server.requests().filter(({ verb, resource }) => verb === 'list' && resource === plural).length;

const statusWrites = (): number =>
  server
    .requests()
    .filter(({ resource, subresource }) => resource === 'diagnoses' && subresource === 'status').length;

test('a Service that leads nowhere is named, a kind that may not be listed is said, in at most two writes', async () => {
  server.inject(forbidden({ when: lists('ingresses'), times: 1_000 }));
  play(server, broken());
  await run();
  await until('the Service is named', () => impactOf()?.services?.[0] === 'web');
  expect(impactOf()).toMatchObject({
    services: ['web'],
    disruptionBudgets: [],
    autoscalers: [],
    unread: ['ingresses'],
  });
  expect(impactOf()).not.toHaveProperty('ingresses');
  expect(statusWrites()).toBeLessThanOrEqual(2);
});

/** Of a Windows container no image is read: nothing else is asked than what depends on the pod. */
function brokenOnWindows() {
  const windowsOptions = { runAsUserName: 'ContainerAdministrator' };
  return pod('web-abc-1')
    .in('shop')
    .of(replicaSet('web-abc').of(deployment('web')))
    .securityContext({ runAsNonRoot: true, windowsOptions })
    .waiting('app', windowsAdministrator('runAsUserName', 'ContainerAdministrator'));
}

test('a restart asks again, and writes nothing', async () => {
  play(server, brokenOnWindows());
  const first = await run();
  await until('the Service is named', () => impactOf()?.services?.[0] === 'web');
  await first.stop();
  const { resourceVersion } = server.get('Diagnosis', 'shop', 'deployment-web')?.metadata ?? {};
  server.clearRequests();
  const { metrics } = await run();
  await until('it is asked again', () => asked('services') >= 1);
  await until(
    'it is reconciled with the answer',
    async () => ((await metrics()).get('rootcause_reconciles_total{outcome="unchanged"}') ?? 0) >= 1,
  );
  expect(statusWrites()).toBe(0);
  expect(server.get('Diagnosis', 'shop', 'deployment-web')?.metadata.resourceVersion).toBe(resourceVersion);
});

test('a workload names those that fail with the same image, and they name it when they are written again', async () => {
  play(server, broken('web'));
  await run({ resyncSeconds: 1 });
  await until('one is diagnosed', () => statusOf('web')?.state === 'Failing');
  play(server, broken('api'));
  await until('the other names it', () => impactOf('api')?.sameImage?.[0] === 'shop/Deployment/web');
  play(server, broken('web', 2));
  await until('it names the other', () => impactOf('web')?.sameImage?.[0] === 'shop/Deployment/api');
});

test('trouble with what is around the pods delays no diagnosis, and passes', async () => {
  const trouble = server.inject(unavailable({ when: lists('services'), times: 1_000 }));
  play(server, broken());
  const { metrics } = await run();
  await until('it is diagnosed', () => statusOf()?.state === 'Failing');
  await until(
    'the trouble is counted',
    async () => ((await metrics()).get('rootcause_reconciles_total{outcome="error"}') ?? 0) >= 1,
  );
  expect((await metrics()).get('rootcause_reconciles_total{outcome="diagnosed"}')).toBe(1);
  expect((await metrics()).get('rootcause_diagnoses{namespace="shop",cause="ImageRunsAsRoot"}')).toBe(1);
  trouble.lift();
  await until('the Service is named', () => impactOf()?.services?.[0] === 'web', 40_000);
}, 60_000);

test('what a failure took down is not said of one that is mended', async () => {
  play(server, broken());
  await run();
  await until('the Service is named', () => impactOf()?.services?.[0] === 'web');
  server.remove('Pod', 'shop', 'web-abc-1');
  server.setStatus('Deployment', 'shop', 'web', { replicas: 2, readyReplicas: 2, updatedReplicas: 2 });
  await until('it is resolved', () => statusOf()?.state === 'Resolved');
  expect(impactOf()).not.toHaveProperty('services');
});
