// What is still to be done after a change: for each kind of workload, with the command.

import { describe, expect, test } from '@jest/globals';

import { manifestOf } from '../../../../test/snapshot.ts';
import type { ManagedBy } from '../../model/fix.ts';
import type { Rollout, Workload } from '../../model/snapshot.ts';
import type { Pod } from '../../model/pod.ts';
import type { ObjectRef } from '../../model/workload.ts';
import { stepText } from '../../report/status/recorded-fix.ts';
import { sourceSteps, stepsAfter } from './follow-up.ts';

const workload = (kind: string, rollout: Rollout = {}, parts: Partial<Workload> = {}): Workload => ({
  ref: {
    apiVersion: kind.endsWith('Job') ? 'batch/v1' : 'apps/v1',
    kind,
    namespace: 'shop',
    name: 'web',
    uid: 'u',
  },
  incomplete: false,
  rollout,
  ...parts,
});

const pod = (name: string, job?: string): Pod => ({
  name,
  namespace: 'shop',
  uid: name,
  createdTime: '2026-11-22T10:00:00Z',
  manifest: manifestOf({}, []),
  ...(job !== undefined && { controller: { apiVersion: 'batch/v1', kind: 'Job', name: job } }),
});

const stepsFor = (
  changed: Workload,
  failingPods: readonly Pod[],
  refused: readonly ObjectRef[] = [],
): readonly string[] =>
  stepsAfter({ workload: changed, failing: failingPods, refused }).map((step) =>
    stepText(step, { namespace: 'shop' }),
  );

const failing = [pod('web-1'), pod('web-0')];

describe('after the template has changed', () => {
  test('a Deployment needs nothing, unless its rollout is paused', () => {
    expect(stepsFor(workload('Deployment'), failing)).toEqual([]);
    expect(stepsFor(workload('Deployment', { isPaused: true }), failing)).toEqual([
      'The rollout is paused: kubectl -n shop rollout resume deployment/web',
    ]);
  });

  test('a Rollout is resumed by its field, and promoted where it waits for that', () => {
    const ref = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Rollout',
      namespace: 'shop',
      name: 'web',
      uid: 'u',
    };
    expect(stepsFor(workload('Rollout', {}, { ref }), failing)).toEqual([]);
    const steps = stepsFor(workload('Rollout', { isPaused: true, waitsFor: 'promotion' }, { ref }), failing);
    expect(steps).toEqual([
      `The rollout is paused: kubectl -n shop patch rollouts.argoproj.io/web --type=merge -p '{"spec":{"paused":false}}'`,
      'The rollout pauses until you promote it: kubectl argo rollouts -n shop promote web',
    ]);
    const delegated = workload('Deployment', { isPaused: true }, { runBy: { ...ref, name: 'canary' } });
    expect(stepsFor(delegated, failing)[0]).toContain('patch rollouts.argoproj.io/canary ');
  });

  test('a DeploymentConfig without a trigger for it is rolled out by hand', () => {
    const ref = {
      apiVersion: 'apps.openshift.io/v1',
      kind: 'DeploymentConfig',
      namespace: 'shop',
      name: 'web',
      uid: 'u',
    };
    expect(stepsFor(workload('DeploymentConfig', { waitsFor: 'start' }, { ref }), failing)).toEqual([
      'There is no ConfigChange trigger, so start the rollout: oc -n shop rollout latest dc/web',
    ]);
  });

  test('an ordered StatefulSet stays stuck until its broken pod is deleted', () => {
    const [step] = stepsFor(workload('StatefulSet'), failing);
    expect(step).toMatch(/was never ready.*: kubectl -n shop delete pod web-0 web-1$/);
  });

  test.each([
    ['StatefulSet', {}],
    ['DaemonSet', { strategy: 'OnDelete' as const }],
    ['ReplicaSet', {}],
  ])('a %s without pods has none to delete', (kind, rollout) => {
    expect(stepsFor(workload(kind, rollout), [])).toEqual([]);
  });

  test('a parallel StatefulSet needs nothing', () => {
    expect(stepsFor(workload('StatefulSet', { podManagement: 'Parallel' }), failing)).toEqual([]);
  });

  test('pods below the partition of a StatefulSet keep the old template', () => {
    const [first] = stepsFor(workload('StatefulSet', { partition: 2 }), failing);
    expect(first).toContain('below partition 2');
  });

  test.each(['StatefulSet', 'DaemonSet'])('OnDelete of a %s leaves the pods to a person', (kind) => {
    expect(stepsFor(workload(kind, { strategy: 'OnDelete' }), failing)).toEqual([
      'The update strategy is OnDelete, so delete the pods: kubectl -n shop delete pod web-0 web-1',
    ]);
  });

  test('a rolling DaemonSet needs nothing', () => {
    expect(stepsFor(workload('DaemonSet'), failing)).toEqual([]);
  });

  test('a bare ReplicaSet keeps its pods, which are deleted by name: other pods may have the same labels', () => {
    expect(stepsFor(workload('ReplicaSet', {}, { selector: 'app=web' }), failing)).toEqual([
      'The pods keep the old template, so delete them: kubectl -n shop delete pod web-0 web-1',
    ]);
  });

  test('of many pods as many are named as one command takes, and it says how many there are', () => {
    const many = Array.from({ length: 30 }, (_, index) => pod(`web-${index}`));
    const [step] = stepsFor(workload('ReplicaSet'), [...many, { ...pod('web-x'), alike: 9 }]);
    expect(step).toContain('so delete them (20 of 40; repeat for the rest): kubectl');
    expect(step?.match(/web-\d+/g)).toHaveLength(20);
  });

  test('the stuck Job of a CronJob is deleted, and what it blocks is said', () => {
    const [step] = stepsFor(workload('CronJob', { concurrency: 'Forbid' }), [
      pod('a', 'web-1'),
      pod('b', 'web-1'),
    ]);
    expect(step).toMatch(/Forbid it blocks later runs; delete it: kubectl -n shop delete job web-1$/);
  });

  test('a Job of a CronJob that may not create its pods is deleted as well', () => {
    const refused = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'web-29' }];
    const [step] = stepsFor(workload('CronJob', { concurrency: 'Forbid' }), [], refused);
    expect(step).toMatch(/Forbid it blocks later runs; delete it: kubectl -n shop delete job web-29$/);
  });

  test('a static pod is a file on its node: nothing is replaced in the cluster', () => {
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web', uid: 'u' };
    const mirror = workload('Pod', {}, { ref, isStatic: true });
    expect(stepsFor(mirror, [{ ...pod('web'), node: 'node-1' }])).toEqual([
      'This is a static pod: make the change in its file on node node-1 (by default in /etc/kubernetes/manifests), and the kubelet makes the pod again.',
    ]);
  });

  test('a suspended CronJob runs again only when it is resumed', () => {
    expect(stepsFor(workload('CronJob', { isSuspended: true }), [])).toEqual([
      'The CronJob is suspended: no run starts until spec.suspend is false.',
    ]);
  });

  test('nothing is said of a kind that is not built in', () => {
    const ref = {
      apiVersion: 'apps.kruise.io/v1',
      kind: 'StatefulSet',
      namespace: 'shop',
      name: 'web',
      uid: 'u',
    };
    expect(stepsFor(workload('StatefulSet', {}, { ref }), failing)).toEqual([]);
  });
});

test('what was applied from a file is to be changed there as well', () => {
  const marks = {
    labels: {},
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '' },
    managers: [],
  };
  expect(stepsFor(workload('Deployment', {}, { marks }), [])).toHaveLength(1);
  expect(stepsFor(workload('Deployment'), [])).toEqual([]);
});

test.each<ManagedBy>([
  { tool: 'ArgoCD', name: 'shop' },
  { tool: 'Flux', name: 'shop', namespace: 'flux-system' },
  { tool: 'Helm', name: 'shop', namespace: 'shop' },
  { tool: 'Operator', name: 'Widget.example.com/shop' },
])('the advice for $tool names what writes the object, and its source', (manager) => {
  expect(sourceSteps(manager)[0]?.text).toContain('shop');
  expect(sourceSteps(manager)[0]?.text).toContain('make the change in');
});
