// What is remembered of a workload between two reconciles.

import { describe, expect, test } from '@jest/globals';

import { TrackedWorkloads } from './tracked-workloads.ts';

const key = 'Deployment/shop/web';
const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'u-1' };
const quiet = { isQuiet: true, isReady: true, wrote: false, unannouncedSince: undefined };

function tracked(): TrackedWorkloads {
  const workloads = new TrackedWorkloads(() => 0);
  workloads.note(key, web);
  return workloads;
}

describe('since when nothing fails', () => {
  test('is the first time that it was seen, until something fails again', () => {
    const workloads = tracked();
    workloads.remember(key, { ...quiet, now: '2026-11-22T12:00:00Z' });
    workloads.remember(key, { ...quiet, now: '2026-11-22T12:00:20Z' });
    expect(workloads.remembered(key).readySince).toBe('2026-11-22T12:00:00Z');
    workloads.remember(key, { ...quiet, isQuiet: false, now: '2026-11-22T12:00:30Z' });
    expect(workloads.remembered(key)).toEqual({});
  });

  test('stays where a reconcile could not decide it', () => {
    const workloads = tracked();
    workloads.remember(key, { ...quiet, now: '2026-11-22T12:00:00Z' });
    workloads.remember(key, { ...quiet, isQuiet: undefined, now: '2026-11-22T12:00:20Z' });
    expect(workloads.remembered(key).readySince).toBe('2026-11-22T12:00:00Z');
  });

  test('and what is still to be announced stays as well', () => {
    const workloads = tracked();
    const unannouncedSince = '2026-11-22T12:00:00Z';
    workloads.remember(key, { ...quiet, isQuiet: false, unannouncedSince, now: unannouncedSince });
    workloads.remember(key, { ...quiet, isQuiet: undefined, now: '2026-11-22T12:00:02Z' });
    expect(workloads.remembered(key)).toEqual({ unannouncedSince });
  });

  test('begins anew where the clock was set back', () => {
    const workloads = tracked();
    workloads.remember(key, { ...quiet, now: '2026-11-23T12:00:00Z' });
    workloads.remember(key, { ...quiet, now: '2026-11-22T12:00:01Z' });
    expect(workloads.remembered(key).readySince).toBe('2026-11-22T12:00:01Z');
  });

  test('is not ready before its pods are', () => {
    const workloads = tracked();
    workloads.remember(key, { ...quiet, isReady: false, now: '2026-11-22T12:00:00Z' });
    expect(workloads.remembered(key)).toEqual({ quietSince: '2026-11-22T12:00:00Z' });
  });
});
