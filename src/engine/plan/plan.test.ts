// The decision table of plan.ts, row by row.

import { describe, expect, test } from '@jest/globals';

import type { Action } from '../model/action.ts';
import type { Diagnosis, DiagnosisStatus } from '../model/diagnosis.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { WorkloadRef } from '../model/workload.ts';
import { plan } from './plan.ts';

const now = '2026-11-22T12:00:00Z';
const policy = { settleSeconds: 30, keepResolvedSeconds: 3600, countsSeconds: 10 };
const web: WorkloadRef = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  uid: 'u-1',
};

const failing: DiagnosisStatus = {
  observedGeneration: 1,
  state: 'Failing',
  workload: 'Deployment/web',
  cause: 'ImageRunsAsRoot',
  summary: 'Container app cannot start.',
  pods: { failing: 2, total: 2, summary: '2/2' },
  firstSeenTime: '2026-11-22T11:00:00Z',
  ownerIncomplete: false,
  findings: [
    {
      cause: 'ImageRunsAsRoot',
      container: { name: 'app', type: 'Container' },
      message: 'container has runAsNonRoot and image will run as root',
      settings: [],
      image: { reference: 'web:1', resolution: 'NotAttempted' },
    },
  ],
  impact: { nodes: ['node-1'] },
  conditions: [],
};
const resolved: DiagnosisStatus = { ...failing, state: 'Resolved', resolvedTime: '2026-11-22T11:30:00Z' };
const notReady: DiagnosisStatus = {
  ...failing,
  state: 'NotReady',
  summary: 'All pods pass the check; 0 of 1 ready: container app exits with 1.',
  findings: [],
};
const otherCause: DiagnosisStatus = {
  ...failing,
  cause: 'NonRootPermissionDenied',
  findings: failing.findings.map((one) => ({ ...one, cause: 'NonRootPermissionDenied' })),
};
const fewerPods: DiagnosisStatus = { ...failing, pods: { failing: 1, total: 2, summary: '1/2' } };

function recorded(status?: DiagnosisStatus): Diagnosis {
  const workloadRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const found = {
    name: 'deployment-web',
    namespace: 'shop',
    uid: 'd-1',
    generation: 1,
    spec: { workloadRef },
  };
  return status ? { ...found, status } : found;
}

function snapshot(parts: Partial<Snapshot>): Snapshot {
  return {
    key: 'Deployment/shop/web',
    now,
    workload: { ref: web, incomplete: false },
    pods: [],
    nodes: [],
    podsTotal: 0,
    answers: [],
    remembered: {},
    ...parts,
  };
}

function done(actions: readonly Action[]): readonly string[] {
  return actions.map((action) => {
    if (action.do === 'writeStatus') return `write ${action.status.state}`;
    return action.do === 'announce' ? `announce ${action.event.reason}` : action.do;
  });
}

type Row = {
  readonly when: string;
  readonly isAsking?: boolean;
  readonly isProved?: boolean;
  readonly status?: DiagnosisStatus;
  readonly given?: Partial<Snapshot>;
  readonly then: readonly string[];
  readonly againSeconds?: number;
};

const rows: readonly Row[] = [
  {
    when: 'failing, nothing recorded',
    status: failing,
    then: ['create', 'announce Diagnosed', 'write Failing'],
  },
  {
    when: 'failing, created but never written',
    status: failing,
    given: { recorded: recorded() },
    then: ['announce Diagnosed', 'write Failing'],
  },
  {
    when: 'failing again after it was resolved',
    status: failing,
    given: { recorded: recorded(resolved) },
    then: ['announce Diagnosed', 'write Failing'],
  },
  { when: 'failing as recorded', status: failing, given: { recorded: recorded(failing) }, then: [] },
  {
    when: 'failing as recorded, for an earlier object of that name or without an owner',
    status: failing,
    given: { recorded: { ...recorded(failing), ownerUid: '' } },
    then: ['create'],
  },
  {
    when: 'failing as recorded, for this object',
    status: failing,
    given: { recorded: { ...recorded(failing), ownerUid: web.uid } },
    then: [],
  },
  {
    when: 'quiet, because its failing pods have moved to another workload',
    status: resolved,
    given: { recorded: recorded(failing), movedTo: [] },
    then: ['remove'],
  },
  {
    when: 'failing as recorded, with the keys in the order of the API server',
    status: failing,
    given: {
      recorded: recorded(Object.fromEntries(Object.entries(failing).toReversed()) as DiagnosisStatus),
    },
    then: [],
  },
  {
    when: 'failing for another cause',
    status: { ...failing, cause: 'NonNumericUser' },
    given: { recorded: recorded(failing), remembered: { wroteTime: now } },
    then: ['write Failing'],
  },
  {
    when: 'only numbers differ, and this process has not written yet',
    status: fewerPods,
    given: { recorded: recorded(failing) },
    then: ['write Failing'],
  },
  {
    when: 'only numbers differ, four seconds after the last write',
    status: fewerPods,
    given: { recorded: recorded(failing), remembered: { wroteTime: '2026-11-22T11:59:56Z' } },
    then: [],
    againSeconds: 6,
  },
  {
    when: 'only numbers differ, long after the last write',
    status: fewerPods,
    given: { recorded: recorded(failing), remembered: { wroteTime: '2026-11-22T11:59:40Z' } },
    then: ['write Failing'],
  },
  {
    when: 'failing, and muted: recorded, not announced',
    status: failing,
    given: { mutedUntil: '2026-12-01T00:00:00Z' },
    then: ['create', 'write Failing'],
  },
  {
    when: 'ready for the first time',
    status: resolved,
    given: { recorded: recorded(failing) },
    then: [],
    againSeconds: 30,
  },
  {
    when: 'ready for less than the settle time',
    status: resolved,
    given: { recorded: recorded(failing), remembered: { readySince: '2026-11-22T11:59:50Z' } },
    then: [],
    againSeconds: 20,
  },
  {
    when: 'ready for the settle time',
    status: resolved,
    given: { recorded: recorded(failing), remembered: { readySince: '2026-11-22T11:59:30Z' } },
    then: ['announce Resolved', 'write Resolved'],
    againSeconds: 3600,
  },
  {
    when: 'not ready, and it is proved that the failure has passed',
    status: notReady,
    given: { recorded: recorded(failing) },
    isProved: true,
    then: ['write NotReady'],
  },
  {
    when: 'not ready, and the failure is only no longer seen',
    status: notReady,
    given: { recorded: recorded(failing), remembered: { quietSince: '2026-11-22T11:59:50Z' } },
    then: [],
    againSeconds: 20,
  },
  {
    when: 'not ready for as long as it was recorded as such',
    status: notReady,
    given: { recorded: recorded(notReady) },
    then: [],
  },
  {
    when: 'not ready for another reason than recorded, a moment after the last write',
    status: { ...notReady, summary: 'All pods pass the check; 0 of 1 ready: container app exits with 2.' },
    given: { recorded: recorded(notReady), remembered: { wroteTime: '2026-11-22T11:59:58Z' } },
    then: [],
    againSeconds: 8,
  },
  {
    when: 'failing again after it was not ready',
    status: failing,
    given: { recorded: recorded(notReady) },
    then: ['announce Diagnosed', 'write Failing'],
  },
  {
    when: 'failing with another cause',
    status: otherCause,
    given: { recorded: recorded(failing) },
    then: ['announce Diagnosed', 'write Failing'],
  },
  {
    when: 'failing with another cause, whose fix is not known yet',
    status: otherCause,
    given: { recorded: recorded(failing) },
    isAsking: true,
    then: ['write Failing'],
    againSeconds: 5,
  },
  {
    when: 'a fix that has been awaited for long enough',
    status: failing,
    given: { recorded: recorded(failing), remembered: { unannouncedSince: '2026-11-22T11:59:50Z' } },
    isAsking: true,
    then: ['announce Diagnosed'],
  },
  {
    when: 'a fix that has come',
    status: failing,
    given: { recorded: recorded(failing), remembered: { unannouncedSince: '2026-11-22T11:59:58Z' } },
    then: ['announce Diagnosed'],
  },
  {
    when: 'a failure that has passed before it was announced',
    status: notReady,
    given: { recorded: recorded(failing), remembered: { unannouncedSince: '2026-11-22T11:59:58Z' } },
    isProved: true,
    then: ['announce Diagnosed', 'write NotReady'],
  },
  {
    when: 'a failure that another process may have recorded without announcing it',
    status: { ...failing, firstSeenTime: '2026-11-22T11:59:50Z' },
    given: { recorded: recorded({ ...failing, firstSeenTime: '2026-11-22T11:59:50Z' }) },
    then: ['announce Diagnosed'],
  },
  {
    when: 'resolved, and kept for the time being',
    status: resolved,
    given: { recorded: recorded(resolved) },
    then: [],
    againSeconds: 1800,
  },
  {
    when: 'resolved long enough ago',
    status: resolved,
    given: { recorded: recorded({ ...resolved, resolvedTime: '2026-11-22T10:59:00Z' }) },
    then: ['remove'],
  },
  { when: 'quiet, and the record was never written', given: { recorded: recorded() }, then: ['remove'] },
  { when: 'quiet, nothing recorded', then: [] },
];

describe('plan', () => {
  test.each(rows)('$when', ({ status, given = {}, then, againSeconds, ...judged }) => {
    const decided = plan(status, snapshot(given), policy, judged);
    expect(done(decided.actions)).toEqual(then);
    expect(decided.requeueAfterSeconds).toBe(againSeconds);
  });

  test('a workload that is gone takes its diagnosis with it', () => {
    const { workload: _gone, ...gone } = snapshot({ recorded: recorded(failing) });
    expect(done(plan(resolved, gone, policy).actions)).toEqual(['remove']);
    const { recorded: _none, ...never } = gone;
    expect(plan(undefined, never, policy).actions).toEqual([]);
  });

  test('the same occasion is announced under the same name, another one under another', () => {
    const idOf = (status: DiagnosisStatus, given: Partial<Snapshot>) => {
      const announced = plan(status, snapshot(given), policy).actions.find(
        (action) => action.do === 'announce',
      );
      return announced?.do === 'announce' ? announced.event.id : undefined;
    };
    const first = idOf(failing, {});
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(idOf({ ...failing, firstSeenTime: now }, { now: '2026-11-22T12:00:09Z' })).toBe(first);
    expect(idOf(failing, { recorded: recorded(resolved) })).not.toBe(first);
  });

  test('a damaged time settles nothing for ever', () => {
    const decided = plan(
      resolved,
      snapshot({ recorded: recorded({ ...resolved, resolvedTime: 'soon' }) }),
      policy,
    );
    expect(done(decided.actions)).toEqual(['remove']);
  });
});
