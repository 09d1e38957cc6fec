// What is still to be done after a change: for each kind of workload, with the command.

import { describe, expect, test } from '@jest/globals';

import { manifestOf } from '../../../../test/snapshot.ts';
import type { ManagedBy } from '../../model/fix.ts';
import type { Rollout, Workload } from '../../model/snapshot.ts';
import type { Pod } from '../../model/pod.ts';
import { followUpOf, manifestAdvice, quoted, sourceAdvice } from './follow-up.ts';

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
  security: {},
  containers: [],
  manifest: manifestOf({}, []),
  ...(job !== undefined && { controller: { apiVersion: 'batch/v1', kind: 'Job', name: job } }),
});

const failing = [pod('web-1'), pod('web-0')];

describe('after the template has changed', () => {
  test('a Deployment needs nothing, unless its rollout is paused', () => {
    expect(followUpOf(workload('Deployment'), failing)).toEqual([]);
    expect(followUpOf(workload('Deployment', { isPaused: true }), failing)).toEqual([
      'Its rollout is paused: kubectl -n shop rollout resume deployment/web',
    ]);
  });

  test('an ordered StatefulSet stays stuck until its broken pod is deleted', () => {
    const [step] = followUpOf(workload('StatefulSet'), failing);
    expect(step).toMatch(/never became ready.*: kubectl -n shop delete pod web-0 web-1$/);
  });

  test('a parallel StatefulSet goes on by itself', () => {
    expect(followUpOf(workload('StatefulSet', { podManagement: 'Parallel' }), failing)).toEqual([]);
  });

  test('pods below the partition of a StatefulSet keep the old template', () => {
    const [first] = followUpOf(workload('StatefulSet', { partition: 2 }), failing);
    expect(first).toContain('below partition 2');
  });

  test.each(['StatefulSet', 'DaemonSet'])('OnDelete of a %s leaves the pods to a person', (kind) => {
    expect(followUpOf(workload(kind, { strategy: 'OnDelete' }), failing)).toEqual([
      'Its update strategy is OnDelete, so delete the pods yourself: kubectl -n shop delete pod web-0 web-1',
    ]);
  });

  test('a rolling DaemonSet needs nothing', () => {
    expect(followUpOf(workload('DaemonSet'), failing)).toEqual([]);
  });

  test('a bare ReplicaSet keeps its pods', () => {
    expect(followUpOf(workload('ReplicaSet', {}, { selector: 'app=web' }), failing)).toEqual([
      "Its pods keep the old template, so delete them: kubectl -n shop delete pods -l 'app=web'",
    ]);
  });

  test('the stuck Job of a CronJob is deleted, and what it blocks is said', () => {
    const [step] = followUpOf(workload('CronJob', { concurrency: 'Forbid' }), [
      pod('a', 'web-1'),
      pod('b', 'web-1'),
    ]);
    expect(step).toMatch(/Forbid.*blocks every later run: kubectl -n shop delete job web-1$/);
  });

  test('a suspended CronJob runs again only when somebody wants it to', () => {
    expect(followUpOf(workload('CronJob', { isSuspended: true }), [])).toEqual([
      'It is suspended: no run starts until spec.suspend is false.',
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
    expect(followUpOf(workload('StatefulSet', {}, { ref }), failing)).toEqual([]);
  });
});

test('what was applied from a file is to be changed there as well', () => {
  const marks = {
    labels: {},
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '' },
    managers: [],
  };
  expect(manifestAdvice(workload('Deployment', {}, { marks }))).toHaveLength(1);
  expect(manifestAdvice(workload('Deployment'))).toEqual([]);
});

test.each<ManagedBy>([
  { tool: 'ArgoCD', name: 'shop' },
  { tool: 'Flux', name: 'shop', namespace: 'flux-system' },
  { tool: 'Helm', name: 'shop', namespace: 'shop' },
  { tool: 'Operator', name: 'Widget.example.com/shop' },
])('the advice for $tool names what writes the object, and its source', (manager) => {
  expect(sourceAdvice(manager)).toContain('shop');
  expect(sourceAdvice(manager)).toContain('make the change in');
});

test('a selector is quoted for a shell', () => {
  expect(quoted("tier in (a),x='y'")).toBe(`'tier in (a),x='\\''y'\\'''`);
});
