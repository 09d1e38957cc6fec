// The whole operator and an API server on which many workloads fail at once: each is diagnosed soon and written seldom.

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import type { DiagnosisStatus } from '../src/engine/model/diagnosis.ts';
import { ApiServer } from './apiserver/api-server.ts';
import type { KubeObject } from './apiserver/object.ts';
import { refused } from './apiserver/story-refusal.ts';
import {
  daemonSet,
  deployment,
  imageRunsAsRoot,
  job,
  play,
  pod,
  replicaSet,
  statefulSet,
} from './apiserver/story.ts';
import type { RunningOperator } from './operator.ts';
import { startOperator, until } from './operator.ts';

let server: ApiServer;
let kubeconfig: string;
let operator: RunningOperator | undefined;

beforeEach(async () => {
  server = new ApiServer({ bookmarkIntervalMs: 50 });
  ({ kubeconfig } = await server.start());
});

afterEach(async () => {
  await operator?.stop();
  operator = undefined;
  await server.stop();
});

const many = 60;
const numbers = Array.from({ length: many }, (_none, at) => at);

const isFailing = ({ status }: KubeObject): boolean =>
  (status as DiagnosisStatus | undefined)?.state === 'Failing';

const failing = (): number => server.list('Diagnosis', 'shop').filter(isFailing).length;

/** How often the status of each Diagnosis was written. */
function statusWrites(): readonly number[] {
  const counts = new Map<string, number>();
  for (const { resource, subresource, name = '' } of server.requests())
    if (resource === 'diagnoses' && subresource === 'status') counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts.values()];
}

/** Reconciles of a workload, each of which reads its Diagnosis once. */
function reconciles(): readonly number[] {
  const counts = new Map<string, number>();
  for (const { verb, resource, name = '' } of server.requests())
    if (verb === 'get' && resource === 'diagnoses') counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts.values()];
}

const makers = { statefulSet, daemonSet, job } as const;

test.each(['statefulSet', 'daemonSet', 'job'] as const)(
  'whose every %s is refused its pods',
  async (kind) => {
    for (const at of numbers) play(server, refused(makers[kind](`w-${at}`)).in('shop'));
    operator = await startOperator(kubeconfig);
    await until(`all ${many} are diagnosed`, () => failing() === many, 60_000);
    expect(Math.max(...statusWrites())).toBeLessThanOrEqual(3);
    expect(Math.max(...reconciles())).toBeLessThanOrEqual(4);
  },
  90_000,
);

test('whose every Deployment has a pod that fails', async () => {
  for (const at of numbers)
    play(
      server,
      pod(`w-${at}-abc-1`)
        .in('shop')
        .of(replicaSet(`w-${at}-abc`).of(deployment(`w-${at}`)))
        .waiting('app', imageRunsAsRoot()),
    );
  operator = await startOperator(kubeconfig);
  await until(`all ${many} are diagnosed`, () => failing() === many, 60_000);
  expect(Math.max(...statusWrites())).toBeLessThanOrEqual(3);
  expect(Math.max(...reconciles())).toBeLessThanOrEqual(4);
}, 90_000);
