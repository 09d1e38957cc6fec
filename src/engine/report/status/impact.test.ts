// What a Diagnosis says of the things around its pods, and when it keeps what it said.

import { describe, expect, test } from '@jest/globals';

import type { Impact } from '../../model/diagnosis.ts';
import type { Verdict } from '../../model/finding.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Dependents } from '../../model/question.ts';
import { impactAfter, impactOf } from './impact.ts';

const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'u-1' };
const snapshot: Snapshot = {
  key: 'Deployment/shop/web',
  now: '2026-11-22T12:00:00Z',
  workload: { ref, incomplete: false, desired: 2, ready: 0 },
  pods: [],
  nodes: [],
  podsTotal: 2,
  answers: [],
  remembered: {},
};
const verdict: Verdict = {
  findings: [],
  failingPods: 2,
  failingPodsCounted: 2,
  nodes: ['node-1'],
  stuckSince: '2026-11-22T11:50:00Z',
};
const counts = { desired: 2, ready: 0, nodes: ['node-1'], stuckSince: '2026-11-22T11:50:00Z' };
const around: Dependents = {
  services: ['web'],
  ingresses: ['public'],
  disruptionBudgets: [],
  autoscalers: ['web'],
  unread: [],
};

function answered(dependents: Dependents, sameImage?: readonly string[]): Snapshot {
  const question = { ask: 'dependents', workload: ref, labels: {} } as const;
  return { ...snapshot, answers: [{ question, dependents }], ...(sameImage && { sameImage }) };
}

describe('the impact', () => {
  test('counts, until it is known what depends on the pods', () => {
    expect(impactOf(snapshot, verdict, undefined)).toEqual(counts);
  });

  test('names what was found, and an empty list where there is nothing', () => {
    expect(impactOf(answered(around, []), verdict, undefined)).toEqual({
      ...counts,
      services: ['web'],
      ingresses: ['public'],
      disruptionBudgets: [],
      autoscalers: ['web'],
      sameImage: [],
    });
  });

  test('says nothing of a kind that could not be read, and names it', () => {
    const unread = ['horizontalpodautoscalers', 'services'];
    const impact = impactOf(
      answered({ ...around, services: [], autoscalers: [], unread }),
      verdict,
      undefined,
    );
    expect(impact).toEqual({ ...counts, disruptionBudgets: [], unread });
  });

  test('still names Services where only their endpoints could not be read', () => {
    const impact = impactOf(answered({ ...around, unread: ['endpointslices'] }), verdict, undefined);
    expect(impact).toMatchObject({ services: ['web'], ingresses: ['public'], unread: ['endpointslices'] });
  });

  const was: Impact = {
    nodes: ['node-0'],
    services: ['old'],
    unread: ['ingresses'],
    sameImage: ['lab/Deployment/web'],
    stuckSince: '2026-11-22T10:00:00Z',
  };

  test('keeps what was recorded until it is read again', () => {
    expect(impactOf(snapshot, verdict, was)).toEqual({
      ...counts,
      services: ['old'],
      unread: ['ingresses'],
      sameImage: ['lab/Deployment/web'],
      stuckSince: '2026-11-22T10:00:00Z',
    });
  });

  test('takes a new answer whole, and nothing of the old one', () => {
    const impact = impactOf(answered(around, ['shop/Deployment/api']), verdict, was);
    expect(impact).toMatchObject({ services: ['web'], sameImage: ['shop/Deployment/api'] });
    expect(impact).not.toHaveProperty('unread');
  });

  test('is gone with the failure, but for the counts', () => {
    expect(impactAfter(answered(around, ['shop/Deployment/api']))).toEqual({
      desired: 2,
      ready: 0,
      nodes: [],
    });
  });

  test('stays small however long the names are', () => {
    const long = Array.from({ length: 10 }, (_none, index) => `${index}`.repeat(253));
    const full = { services: long, ingresses: long, disruptionBudgets: long, autoscalers: long, unread: [] };
    const impact = impactOf(answered(full, long), verdict, undefined);
    expect(impact.ingresses).toEqual([long[0]]);
    expect(JSON.stringify(impact).length).toBeLessThan(2_000);
  });
});
