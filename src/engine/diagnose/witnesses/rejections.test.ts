// Whose pods Pod Security does not admit now: by conditions, Events and the record.

import { describe, expect, test } from '@jest/globals';

import { at, container, cronJob, deployment, snapshot } from '../../../../test/snapshot.ts';
import type { Finding } from '../../model/finding.ts';
import type { Snapshot, Workload } from '../../model/snapshot.ts';
import type { CreateFailure } from '../../model/create-failure.ts';
import type { CreateFailuresAnswer } from '../../model/question.ts';
import { diagnose } from '../diagnose.ts';
import { createFailuresQuestion } from './create-failures.ts';

const statefulSet = { ...deployment('db'), kind: 'StatefulSet' };
const app = container('app');

const words = 'pods "db-0" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true (…)';

/** A StatefulSet that wants two pods and has none, unless it is told otherwise. */
function refusedSet(workload: Partial<Workload> = {}, change: Partial<Snapshot> = {}): Snapshot {
  return of(snapshot().of(statefulSet).build(), { desired: 2, ...workload }, change);
}

function of(base: Snapshot, workload: Partial<Workload>, change: Partial<Snapshot> = {}): Snapshot {
  const { template } = snapshot().of(statefulSet).declaring({}, app).build().workload ?? {};
  if (!base.workload || !template) throw new Error('no workload');
  return { ...base, ...change, workload: { template, ...base.workload, ...workload } };
}

function withPods(base: Snapshot, ...createdTimes: readonly string[]): Snapshot {
  const { pods, podsTotal } = createdTimes
    .reduce((built, time) => built.pod((pod) => pod.createdAt(time).with(app.running())), snapshot())
    .build();
  return { ...base, pods, podsTotal };
}

const finishedPods = (base: Snapshot): Snapshot => ({
  ...base,
  pods: base.pods.map((pod) => ({ ...pod, finished: true })),
});

/** What Events say, the last at this time; nothing without a time. */
function told(base: Snapshot, time?: string, rest: Partial<CreateFailuresAnswer> = {}): Snapshot {
  if (!base.workload) throw new Error('no workload');
  const { ref } = base.workload;
  const owner = { apiVersion: ref.apiVersion, kind: ref.kind, name: ref.name };
  const createFailures = time === undefined ? [] : [{ owner, message: words, lastTime: at(time) }];
  const answer = {
    question: { ask: 'createFailures', workload: ref } as const,
    createFailures,
    ...rest,
  };
  return { ...base, answers: [answer] };
}

/** A Diagnosis says so since that time. */
function recorded(base: Snapshot, time: string, state: 'Failing' | 'Resolved' = 'Failing'): Snapshot {
  const finding: Finding = JSON.parse(
    JSON.stringify({
      cause: 'PodSecurityViolation',
      container: { name: 'app', type: 'Container' },
      message: '',
      settings: [],
      image: { reference: 'registry.example/app:1', resolution: 'NotNeeded' },
    }),
  );
  const { recorded: diagnosis } = snapshot().of(statefulSet).recorded(time, [finding], state).build();
  return diagnosis ? { ...base, recorded: diagnosis } : base;
}

const asks = (given: Snapshot): boolean => createFailuresQuestion(given).length > 0;
const isAccused = (given: Snapshot): boolean => diagnose(given).verdict.findings.length > 0;

const condition: CreateFailure = {
  owner: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
  message: words,
};

describe('a condition', () => {
  const web = of(snapshot().of(deployment('web')).build(), { desired: 2 }, { createFailures: [condition] });

  test('holds, also while pods of an earlier template run', () => {
    expect(isAccused(web)).toBe(true);
    expect(isAccused(withPods(web, '10:00:00', '10:00:00'))).toBe(true);
  });

  test('accuses no workload that wants no pods', () => {
    expect(isAccused(of(web, { desired: 0 }))).toBe(false);
  });

  test('of a workload that is gone does not count', () => {
    const { workload: _gone, ...rest } = web;
    expect(isAccused(rest)).toBe(false);
  });

  test.each([
    ['apps/v1', 'Deployment'],
    ['apps/v1', 'ReplicaSet'],
    ['v1', 'ReplicationController'],
    ['v1', 'Pod'],
  ])(
    'that a %s %s does not have says that its pods are admitted: neither Events nor the record count',
    (apiVersion, kind) => {
      const bare = of(
        snapshot()
          .of({ ...deployment('web'), apiVersion, kind })
          .build(),
        { desired: 2 },
      );
      expect(asks(bare)).toBe(false);
      expect(isAccused(told(bare, '11:00:00'))).toBe(false);
      expect(isAccused(recorded(bare, '11:00:00'))).toBe(false);
    },
  );

  test('may not have been read: then the Events of a Deployment are asked for, too', () => {
    const unread = of(snapshot().of(deployment('web')).build(), { incomplete: true });
    expect(asks(unread)).toBe(true);
    expect(isAccused(told(unread, '11:00:00'))).toBe(true);
  });

  test('is not expected of another API group, whatever the kind', () => {
    const kruise = { ...deployment('web'), apiVersion: 'apps.kruise.io/v1beta1', kind: 'StatefulSet' };
    expect(asks(of(snapshot().of(kruise).build(), { desired: 2 }))).toBe(true);
  });
});

describe('the question', () => {
  test('is asked while pods are missing, once', () => {
    expect(createFailuresQuestion(refusedSet())).toEqual([
      { ask: 'createFailures', workload: expect.objectContaining({ kind: 'StatefulSet', name: 'db' }) },
    ]);
    expect(asks(withPods(refusedSet(), '10:00:00'))).toBe(true);
    expect(asks(withPods(refusedSet(), '10:00:00', '10:00:00'))).toBe(false);
    expect(asks(told(refusedSet()))).toBe(false);
    expect(asks(told(refusedSet(), undefined, { because: 'forbidden' }))).toBe(false);
  });

  test('is asked of what wants an unknown number of pods only while it has none', () => {
    const nightly = of(snapshot().of(cronJob('nightly')).build(), {});
    expect(asks(nightly)).toBe(true);
    expect(asks(withPods(nightly, '10:00:00'))).toBe(false);
  });

  test('takes no pod that has ended for one of those that are wanted', () => {
    const nightly = of(snapshot().of(cronJob('nightly')).build(), {});
    expect(asks(finishedPods(withPods(nightly, '10:00:00', '10:05:00')))).toBe(true);
  });

  test('is not asked of what is suspended, scaled to zero or gone', () => {
    expect(asks(refusedSet({ desired: 0 }))).toBe(false);
    expect(asks(refusedSet({ rollout: { isSuspended: true } }))).toBe(false);
    const { workload: _gone, ...rest } = refusedSet();
    expect(asks(rest)).toBe(false);
  });
});

describe('an Event', () => {
  test('holds while pods are missing and none was created since', () => {
    expect(isAccused(told(refusedSet(), '11:00:00'))).toBe(true);
    expect(isAccused(told(withPods(refusedSet(), '10:59:59'), '11:00:00'))).toBe(true);
    expect(isAccused(told(withPods(refusedSet(), '11:00:00'), '11:00:00'))).toBe(false);
    expect(isAccused(told(withPods(refusedSet(), '10:00:00', '11:00:01'), '11:00:00'))).toBe(false);
  });

  test('holds no more once every pod is there, or none is wanted', () => {
    expect(isAccused(told(withPods(refusedSet(), '10:00:00', '10:00:00'), '11:00:00'))).toBe(false);
    expect(isAccused(told(refusedSet({ desired: 0 }), '11:00:00'))).toBe(false);
    expect(isAccused(told(refusedSet({ rollout: { isSuspended: true } }), '11:00:00'))).toBe(false);
  });

  test('counts as soon as the last run of a Job has ended and the next is not admitted', () => {
    const job = of(
      snapshot()
        .of({ ...cronJob('once'), kind: 'Job' })
        .build(),
      { desired: 1 },
    );
    expect(isAccused(told(finishedPods(withPods(job, '10:00:00')), '11:00:00'))).toBe(true);
    expect(isAccused(told(finishedPods(withPods(job, '11:00:05')), '11:00:00'))).toBe(false);
  });

  test('without a time is the condition of a ReplicaSet further down, which holds as it is', () => {
    const widget = of(
      snapshot()
        .of({ ...deployment('gear'), apiVersion: 'example.com/v1', kind: 'Widget' })
        .build(),
      {},
    );
    const createFailures = [condition];
    expect(isAccused(told(widget, undefined, { createFailures }))).toBe(true);
  });
});

describe('what is recorded', () => {
  test('holds while Events are not read yet, may not be read, or have expired', () => {
    const set = recorded(refusedSet(), '11:00:00');
    expect(isAccused(set)).toBe(true);
    expect(isAccused(told(set, undefined, { because: 'forbidden' }))).toBe(true);
    expect(isAccused(told(set))).toBe(true);
  });

  test('does not hold against Events that tell of an end, nor against pods', () => {
    const set = recorded(refusedSet(), '11:00:00');
    expect(isAccused(told(set, undefined, { over: true }))).toBe(false);
    expect(isAccused(withPods(set, '10:59:59'))).toBe(true);
    expect(isAccused(withPods(set, '11:00:00'))).toBe(false);
    expect(isAccused(withPods(set, '10:00:00', '10:00:00'))).toBe(false);
    expect(isAccused(told(withPods(set, '10:30:00'), '10:30:00'))).toBe(false);
  });

  test('does not outlive the Events where it is not known how many pods are wanted', () => {
    const nightly = recorded(of(snapshot().of(cronJob('nightly')).build(), {}), '11:00:00');
    expect(isAccused(nightly)).toBe(true);
    expect(isAccused(told(nightly, undefined, { because: 'forbidden' }))).toBe(true);
    expect(isAccused(told(nightly))).toBe(false);
  });

  test('does not hold for what wants no pods, is gone, or had another cause', () => {
    expect(isAccused(recorded(refusedSet({ desired: 0 }), '11:00:00'))).toBe(false);
    expect(isAccused(recorded(refusedSet(), '11:00:00', 'Resolved'))).toBe(false);
    const { workload: _gone, ...rest } = recorded(refusedSet(), '11:00:00');
    expect(isAccused(rest)).toBe(false);
    const other = snapshot().of(statefulSet).recorded('11:00:00', []).build();
    expect(isAccused(of(other, { desired: 2 }))).toBe(false);
    expect(isAccused(refusedSet())).toBe(false);
  });
});
