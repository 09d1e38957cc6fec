// When a workload that no longer fails works, and what is said until then.

import { describe, expect, test } from '@jest/globals';

import type { Workload, Snapshot } from '../model/snapshot.ts';
import {
  container,
  cronJob,
  deployment,
  inPod,
  initContainer,
  job,
  named,
  snapshot,
  type SnapshotBuilder,
} from '../../../test/snapshot.ts';
import { readinessSentence } from '../report/status/readiness-sentence.ts';
import { diagnose } from './diagnose.ts';

const fixed = { runAsNonRoot: true, runAsUser: 10001 };
const web = (): SnapshotBuilder => snapshot().of(deployment('web')).declaring(fixed, container('app'));

/** With numbers as the status of the workload has them. */
function readiness(given: SnapshotBuilder, workload: Partial<Workload> = {}, more: Partial<Snapshot> = {}) {
  const built = given.build();
  if (!built.workload) throw new Error('a workload is needed');
  const counts = { desired: 1, ready: 0, updated: 1 };
  return diagnose({ ...built, ...more, workload: { ...built.workload, ...counts, ...workload } }).readiness;
}

const said = (...given: Parameters<typeof readiness>): string => readinessSentence(readiness(...given));

describe('a workload is ready', () => {
  const running = web().pod((pod) => pod.with(container('app').running()));

  test('where all pods that it wants are ready and of the template of now', () => {
    expect(readiness(running, { ready: 1 }).isReady).toBe(true);
    expect(readiness(running, { desired: 2, ready: 1 }).isReady).toBe(false);
    expect(readiness(running, { ready: 1, updated: 0 }).isReady).toBe(false);
  });

  test('where it wants none', () => {
    expect(readiness(web(), { desired: 0 }).isReady).toBe(true);
    expect(readiness(web(), { rollout: { isSuspended: true } }).isReady).toBe(true);
  });

  test('where a partition or OnDelete keeps older pods on purpose', () => {
    const two = { desired: 2, ready: 2, updated: 1 };
    expect(readiness(running, { ...two, rollout: { partition: 1 } }).isReady).toBe(true);
    expect(readiness(running, { ...two, rollout: { strategy: 'OnDelete' } }).isReady).toBe(true);
    expect(readiness(running, two).isReady).toBe(false);
  });

  test('as a Job, however many of its pods run at once', () => {
    const once = snapshot()
      .of(job('once'))
      .declaring(fixed, container('app'))
      .pod((pod) => pod.with(container('app').running()));
    expect(readiness(once, { desired: 3, ready: 1 }).isReady).toBe(true);
  });

  test('as a custom resource, by its pods: where it counts them is not known', () => {
    const gadget = (state: 'running' | 'waiting'): SnapshotBuilder =>
      snapshot()
        .of({ apiVersion: 'example.com/v1', kind: 'Gadget', name: 'g', path: 'spec.template.spec' })
        .pod((pod) => pod.with(state === 'running' ? container('app').running() : container('app')));
    expect(readiness(gadget('running'), { desired: 3 })).toMatchObject({ isReady: true });
    expect(said(gadget('waiting'), { desired: 3 })).toBe(
      'All pods pass the check; not ready: a pod has no node yet.',
    );
  });

  test('as a CronJob, once the newest run has not failed', () => {
    const nightly = (...exitCodes: readonly number[]): SnapshotBuilder =>
      exitCodes.reduce(
        (given, code, run) =>
          given.pod((pod) =>
            pod
              .createdAt(`1${run}:00:00`)
              .finished()
              .with(container('app').terminated(code).lastFailed('', 'Error')),
          ),
        snapshot().of(cronJob('nightly')).declaring(fixed, container('app')),
      );
    expect(readiness(nightly(1, 0), { ready: 1 }).isReady).toBe(true);
    const failed = readiness(nightly(0, 1), { ready: 1 });
    expect(failed).toMatchObject({ isReady: false, obstacle: { is: 'exits', container: 'app' } });
  });

  test('not while an older pod still fails', () => {
    const older = web()
      .pod((pod) => pod.madeFrom('olderTemplate').with(container('app').waiting(inPod(named('appuser')))))
      .pod((pod) => pod.with(container('app').running()));
    expect(said(older, { desired: 1, ready: 1 })).toBe(
      'The template has changed; 1 of 1 ready: 1 pod has an older template.',
    );
  });
});

describe('what is in the way', () => {
  const crashed = container('app').crashLooping().lastFailed('', 'Error');

  test.each([
    [
      'All pods pass the check; 0 of 1 ready: container app exits with 128.',
      web().pod((pod) => pod.with(crashed)),
    ],
    [
      'All pods pass the check; 0 of 1 ready: container app waits (ImagePullBackOff).',
      web().pod((pod) => pod.on('node-1').with(container('app').waiting('', 'ImagePullBackOff'))),
    ],
    [
      'All pods pass the check; 0 of 1 ready: a pod is starting or fails its readiness probe.',
      web().pod((pod) => pod.on('node-1').with(container('app').waiting('', 'ContainerCreating'))),
    ],
    [
      'All pods pass the check; 0 of 1 ready: a pod has no node yet.',
      web().pod((pod) => pod.with(container('app'))),
    ],
  ])('%s', (words, given) => {
    expect(said(given)).toBe(words);
  });

  test('is the quota, or whatever else refuses the pods, in the words of the API server', () => {
    const createFailures = [
      {
        owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1' },
        message: 'pods "web-1-x" is forbidden:\nexceeded quota: pods',
      },
    ];
    expect(said(web(), {}, { createFailures })).toBe(
      'All pods pass the check; 0 of 1 ready: pods cannot be created (pods "web-1-x" is forbidden: exceeded quota: pods).',
    );
  });

  test('is the pause of a rollout', () => {
    expect(said(web(), { rollout: { isPaused: true } })).toContain(': the rollout is paused.');
  });

  test('is never an init container that ended well at the second try', () => {
    const done = initContainer('wait').terminated(0).lastFailed('', 'Error');
    const given = web().pod((pod) =>
      pod.on('node-1').with(done, container('app').waiting('', 'ContainerCreating')),
    );
    expect(said(given)).not.toContain('exits');
  });

  test('is the same between two crashes, when the pod is ready for a moment', () => {
    const between = container('app').running().startedAt('11:59:50').lastFailed('', 'Error').restarted(5);
    const given = web().pod((pod) => pod.with(between));
    expect(said(given, { ready: 1 })).toBe(
      'All pods pass the check; 0 of 1 ready: container app exits with 128.',
    );
    const longAgo = container('app').running().startedAt('11:00:00').lastFailed('', 'Error').restarted(5);
    expect(
      readiness(
        web().pod((pod) => pod.with(longAgo)),
        { ready: 1 },
      ).isReady,
    ).toBe(true);
  });
});

describe('that the failure has passed is proved', () => {
  const before = named('appuser');
  const recorded = web().recorded(
    '11:00:00',
    diagnose(
      web()
        .pod((pod) => pod.with(container('app').waiting(inPod(before))))
        .build(),
    ).verdict.findings,
  );

  test('by a container that has begun to run, not by a pod that only exists', () => {
    expect(readiness(recorded.pod((pod) => pod.with(container('app').running()))).isProved).toBe(true);
    expect(readiness(recorded.pod((pod) => pod.with(container('app')))).isProved).toBe(false);
    expect(readiness(recorded).isProved).toBe(false);
  });

  test('but not by a new start of a program that lacked a permission', () => {
    const { findings } = diagnose(
      web()
        .pod((pod) => pod.with(container('app').waiting(inPod(before))))
        .build(),
    ).verdict;
    const denied = findings.map((one) => ({ ...one, cause: 'NonRootPermissionDenied' as const }));
    const again = web()
      .recorded('11:00:00', denied)
      .pod((pod) => pod.with(container('app').crashLooping().startedAt('11:59:00')));
    expect(readiness(again).isProved).toBe(false);
  });
});
