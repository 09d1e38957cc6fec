// What a Diagnosis says, and how large it may become.

import { describe, expect, test } from '@jest/globals';

import type { DiagnosisStatus } from '../../model/diagnosis.ts';
import type { Finding, Verdict, WorkloadReadiness } from '../../model/finding.ts';
import type { Fix } from '../../model/fix.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { diagnosisStatus } from './diagnosis-status.ts';

const finding: Finding = {
  cause: 'NonNumericUser',
  container: { name: 'app', type: 'Container' },
  message:
    'container has runAsNonRoot and image has non-numeric user (appuser), cannot verify user is non-root',
  settings: [
    {
      level: 'Pod',
      field: 'spec.template.spec.securityContext.runAsNonRoot',
      value: true,
      setBy: { is: 'manager', name: 'helm' },
    },
  ],
  image: { reference: 'registry.example/web:1', user: 'appuser', resolution: 'NotAttempted' },
};
const verdict: Verdict = {
  findings: [finding],
  failingPods: 2,
  failingPodsCounted: 2,
  nodes: ['node-1'],
  stuckSince: '2026-11-22T11:50:00Z',
};
const fix: Fix = {
  type: 'ImageChange',
  certainty: 'Template',
  summary: 'USER <uid of appuser> in the image',
  alternatives: [],
  checks: [],
  followUp: [],
};
const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'u-1' };
const snapshot: Snapshot = {
  key: 'Deployment/shop/web',
  now: '2026-11-22T12:00:00Z',
  workload: {
    ref,
    incomplete: false,
    desired: 2,
    ready: 0,
  },
  pods: [],
  nodes: [],
  podsTotal: 3,
  answers: [],
  remembered: {},
};
const readiness: WorkloadReadiness = { isReady: true, olderPods: 0, isProved: true };
const nothingFound: Verdict = {
  findings: [],
  failingPods: 0,
  failingPodsCounted: 0,
  nodes: [],
};

function recordedAs(status: DiagnosisStatus, now = '2026-11-22T12:10:00Z'): Snapshot {
  const workloadRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const spec = { workloadRef };
  return {
    ...snapshot,
    now,
    recorded: { name: 'deployment-web', namespace: 'shop', uid: 'd-1', generation: 1, spec, status },
  };
}

function failing(): DiagnosisStatus {
  const status = diagnosisStatus({ verdict, readiness }, { fix }, snapshot);
  if (!status) throw new Error('no status');
  return status;
}

test('says in one sentence what is wrong, what decides it and who set that', () => {
  expect(failing().summary).toBe(
    'Container app cannot start: runAsNonRoot is true (pod level, set by helm), but its image registry.example/web:1 ' +
      'sets USER to a name (appuser), and the kubelet can only verify a numeric UID.',
  );
});

test('counts pods and names the workload for the columns', () => {
  expect(failing()).toMatchObject({
    state: 'Failing',
    workload: 'Deployment/web',
    cause: 'NonNumericUser',
    pods: { failing: 2, total: 3, summary: '2/3' },
    firstSeenTime: '2026-11-22T12:00:00Z',
    impact: { desired: 2, ready: 0, nodes: ['node-1'], stuckSince: '2026-11-22T11:50:00Z' },
  });
});

test('says the same again, whatever the clock says, while nothing changed', () => {
  const again = diagnosisStatus(
    { verdict: { ...verdict, stuckSince: '2026-11-22T12:05:00Z' }, readiness },
    { fix },
    recordedAs(failing()),
  );
  expect(again).toEqual(failing());
});

test('a new failure after a resolved one starts its own time', () => {
  const was = diagnosisStatus({ verdict: nothingFound, readiness }, {}, recordedAs(failing()));
  const again =
    was && diagnosisStatus({ verdict, readiness }, { fix }, recordedAs(was, '2026-11-22T13:00:00Z'));
  expect(again?.firstSeenTime).toBe('2026-11-22T13:00:00Z');
  expect(again).not.toHaveProperty('resolvedTime');
});

describe('without findings', () => {
  test('a failing record becomes a resolved one that remembers what it was', () => {
    const status = diagnosisStatus({ verdict: nothingFound, readiness }, {}, recordedAs(failing()));
    expect(status).toMatchObject({
      state: 'Resolved',
      resolvedTime: '2026-11-22T12:10:00Z',
      cause: 'NonNumericUser',
      pods: { failing: 0, total: 3, summary: '0/3' },
    });
    expect(status?.conditions.find(({ type }) => type === 'Resolved')).toMatchObject({ status: 'True' });
    expect(status).not.toHaveProperty('fix');
  });

  test('a resolved record stays as it is', () => {
    const was = diagnosisStatus({ verdict: nothingFound, readiness }, {}, recordedAs(failing()));
    expect(
      was &&
        diagnosisStatus({ verdict: nothingFound, readiness }, {}, recordedAs(was, '2026-11-22T14:00:00Z')),
    ).toEqual(was);
  });

  test('nothing recorded, nothing to say', () => {
    expect(diagnosisStatus({ verdict: nothingFound, readiness }, {}, snapshot)).toBeUndefined();
  });
});

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('however much a workload holds', () => {
  const many = Array.from({ length: 40 }, (_, index) => ({
    ...finding,
    container: {
      name: `container-${String(index).padStart(2, '0')}`.padEnd(63, 'x'),
      type: 'Container' as const,
    },
    message: 'ü'.repeat(512),
    image: { ...finding.image, reference: `registry.example/${'long/'.repeat(40)}web:1` },
  }));
  const patch = { spec: 'x'.repeat(10_000) };
  const manyFindings = { ...verdict, findings: many };
  const alternatives = many.map(({ container }) => ({
    summary: `container ${container.name}`,
    certainty: 'TestFirst' as const,
  }));

  test('the status stays small, keeps the patch whole and counts what it leaves out', () => {
    const status = diagnosisStatus(
      { verdict: manyFindings, readiness },
      { fix: { ...fix, patch, alternatives, hardenedPatch: patch } },
      snapshot,
    );
    expect(sizeOf(status)).toBeLessThan(30_000);
    expect(status?.fix?.patch).toBe(`spec: ${patch.spec}\n`);
    const left = many.length - (status?.findings.length ?? 0);
    expect(left).toBeGreaterThan(0);
    expect(status?.summary).toContain('There are 39 more findings.');
    expect(status?.summary).toContain(
      `${left} more findings are not shown (size limit). The hardened patch is not shown (size limit). ` +
        '40 alternatives are not shown (size limit).',
    );
  });

  test('what a person acts on is left out last: the alternatives go before the hardened patch, and that before a finding', () => {
    const large = { summary: 'x'.repeat(500), certainty: 'TestFirst' as const, patch };
    const planned = { fix: { ...fix, patch, hardenedPatch: patch, alternatives: [large, large] } };
    const status = diagnosisStatus({ verdict, readiness }, planned, snapshot);
    expect(status?.fix).toMatchObject({ patch: expect.any(String), hardenedPatch: expect.any(String) });
    expect(status?.summary).toMatch(/ 2 alternatives are not shown \(size limit\)\.$/);
    const two = { ...verdict, findings: many.slice(0, 4) };
    const less = diagnosisStatus(
      { verdict: two, readiness },
      { fix: { ...fix, patch, hardenedPatch: patch } },
      snapshot,
    );
    const long = { spec: 'x'.repeat(16_000) };
    const least = diagnosisStatus(
      { verdict: two, readiness },
      { fix: { ...fix, patch: long, hardenedPatch: long } },
      snapshot,
    );
    expect([less, least].map((one) => one?.findings.length)).toEqual([4, 4]);
    expect(less?.fix).toHaveProperty('hardenedPatch');
    expect(least?.fix).not.toHaveProperty('hardenedPatch');
    expect(least?.summary).toMatch(/ The hardened patch is not shown \(size limit\)\.$/);
  });

  test('no more findings are listed than the schema takes, however small they are', () => {
    const small = Array.from({ length: 70 }, (_, index) => ({
      ...finding,
      container: { name: `c${index}`, type: 'Container' as const },
      message: '',
      settings: [],
    }));
    const status = diagnosisStatus(
      { verdict: { ...verdict, findings: small }, readiness },
      { fix },
      snapshot,
    );
    expect(status?.findings).toHaveLength(64);
    expect(status?.summary).toMatch(/ 6 more findings are not shown \(size limit\)\.$/);
  });

  test('one finding that is left out is one', () => {
    const fitting = many.map((_, count) =>
      diagnosisStatus(
        { verdict: { ...verdict, findings: many.slice(0, count + 1) }, readiness },
        { fix },
        snapshot,
      ),
    );
    const short = fitting.find((status, index) => status?.findings.length === index);
    expect(short?.summary).toMatch(/ 1 more finding is not shown \(size limit\)\.$/);
  });

  test('the first finding is never left out, and a patch that no Diagnosis can hold is not offered', () => {
    const command = { do: 'patch', workload: ref, patch } as const;
    const whole = diagnosisStatus(
      { verdict: manyFindings, readiness },
      { fix: { ...fix, command, patch: { spec: 'x'.repeat(16_000) } } },
      snapshot,
    );
    expect(whole?.fix?.patch).toHaveLength(16_007);
    const fixed = { ...fix, patch: { spec: 'x'.repeat(17_000) }, command };
    const status = diagnosisStatus({ verdict: manyFindings, readiness }, { fix: fixed }, snapshot);
    expect(status?.findings.length).toBeGreaterThan(0);
    expect(status?.fix).toMatchObject({ type: 'Manual', summary: fix.summary });
    expect(status?.fix).not.toHaveProperty('patch');
    expect(status?.fix).not.toHaveProperty('digest');
    expect(status?.fix).not.toHaveProperty('command');
    expect(status?.summary).toContain('The patch is not shown (size limit).');
  });

  test('lone surrogates in a hostile name do not break the count', () => {
    const hostile = { ...finding, message: '\ud800' };
    expect(
      diagnosisStatus({ verdict: { ...verdict, findings: [hostile] }, readiness }, { fix }, snapshot)
        ?.findings,
    ).toHaveLength(1);
  });
});
