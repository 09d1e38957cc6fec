// Which pods are history: what the template of now no longer has fails no workload.

import { describe, expect, test } from '@jest/globals';

import type { PodBuilder, SnapshotBuilder } from '../../../test/snapshot.ts';
import {
  barePod,
  container,
  cronJob,
  deployment,
  inPod,
  named,
  replicaSet,
  snapshot,
} from '../../../test/snapshot.ts';
import { diagnose } from './diagnose.ts';

const failing = container('app').waiting(inPod(named('appuser')));
const fixed = { runAsNonRoot: true, runAsUser: 10001 };
const unfixed = { runAsNonRoot: true };

function judged(given: SnapshotBuilder) {
  const { verdict, older, failing: current } = diagnose(given.build());
  return { findings: verdict.findings.length, older: older.length, failing: current.length };
}

const made =
  (from: 'currentTemplate' | 'olderTemplate') =>
  (pod: PodBuilder): PodBuilder =>
    pod.madeFrom(from).with(failing);

describe('a pod of a Deployment', () => {
  const web = () => snapshot().of(deployment('web'));

  test('of an older template is history where the template has another user now', () => {
    const given = web().declaring(fixed, container('app')).pod(made('olderTemplate'));
    expect(judged(given)).toEqual({ findings: 0, older: 1, failing: 0 });
  });

  test('of an older template still counts where the template has the same that failed', () => {
    const given = web().declaring(unfixed, container('app')).pod(made('olderTemplate'));
    expect(judged(given)).toEqual({ findings: 1, older: 0, failing: 1 });
  });

  test('of an older template is history where its container has another image or name now', () => {
    for (const now of [container('app').image('registry.example/app:2'), container('renamed')])
      expect(judged(web().declaring(unfixed, now).pod(made('olderTemplate'))).older).toBe(1);
  });

  test('of the current template counts whatever admission has changed in it', () => {
    const given = web()
      .declaring(fixed, container('app').image('registry.example/app:2'))
      .pod(made('currentTemplate'));
    expect(judged(given)).toEqual({ findings: 1, older: 0, failing: 1 });
  });

  test('counts where its revision is not known', () => {
    const given = web()
      .declaring(fixed, container('app'))
      .pod((pod) => pod.with(failing));
    expect(judged(given).findings).toBe(1);
  });

  test('of the current template says what is shown first, also where an older pod is younger', () => {
    const given = web()
      .declaring(unfixed, container('app'))
      .pod((pod) => made('olderTemplate')(pod).createdAt('11:00:00'))
      .pod(made('currentTemplate'));
    expect(diagnose(given.build()).failing.map(({ name }) => name)).toEqual(['web-1', 'web-0']);
  });
});

describe('a pod of a kind without revisions', () => {
  test.each([
    ['ReplicaSet', replicaSet('bare')],
    ['CronJob', cronJob('nightly')],
  ])('is history where the template of its %s contradicts it', (_kind, ref) => {
    const pod = (one: PodBuilder): PodBuilder => one.with(failing);
    expect(judged(snapshot().of(ref).declaring(fixed, container('app')).pod(pod)).older).toBe(1);
    expect(judged(snapshot().of(ref).declaring(unfixed, container('app')).pod(pod)).older).toBe(0);
  });

  test('is history where the template has another container in place of the one that fails', () => {
    const given = snapshot()
      .of(replicaSet('bare'))
      .declaring(unfixed, container('renamed'))
      .pod((pod) => pod.with(failing));
    expect(judged(given)).toEqual({ findings: 0, older: 1, failing: 0 });
  });

  test('counts where an admission webhook takes its image from a mirror', () => {
    const mirrored = failing.image('mirror.example/proxy/app:1');
    const given = snapshot()
      .of(replicaSet('bare'))
      .declaring(unfixed, container('app'))
      .pod((pod) => pod.with(mirrored));
    expect(judged(given)).toEqual({ findings: 1, older: 0, failing: 1 });
  });

  test('counts where admission has added the setting that decides', () => {
    const given = snapshot()
      .of(replicaSet('bare'))
      .declaring({}, container('app'))
      .pod((pod) => pod.with(failing));
    expect(judged(given).findings).toBe(1);
  });
});

test('a bare Pod is never history', () => {
  const given = snapshot()
    .of(barePod('web-0'))
    .declaring(fixed, container('app').image('registry.example/app:2'))
    .pod((pod) => pod.with(failing));
  expect(judged(given).findings).toBe(1);
});
