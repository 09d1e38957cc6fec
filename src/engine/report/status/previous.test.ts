// The causes that led to the one of now: when a chapter ends, how many are kept, and what is said of them.

import { describe, expect, test } from '@jest/globals';

import type { DiagnosisStatus } from '../../model/diagnosis.ts';
import type { RecordedFinding } from '../../model/diagnosis.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { chainWords, previousCauses } from './previous.ts';

const finding = (cause: RecordedFinding['cause'], parts: Partial<RecordedFinding> = {}): RecordedFinding => ({
  cause,
  container: { name: 'app', type: 'Container' },
  message: `for ${cause}`,
  settings: [],
  image: { reference: 'web:1', resolution: 'NotAttempted' },
  ...parts,
});

const given = (was: Partial<DiagnosisStatus> | undefined): Snapshot =>
  ({
    now: '2026-11-22T12:00:00Z',
    ...(was && { recorded: { status: { firstSeenTime: '2026-11-22T11:00:00Z', findings: [], ...was } } }),
  }) as unknown as Snapshot;

const named = finding('NonNumericUser');
const denied = finding('NonRootPermissionDenied', {
  settings: [{ level: 'Pod', field: 'spec.securityContext.runAsUser', value: 10001, setBy: 'kubectl' }],
});

describe('what came before', () => {
  test('is the recorded cause, once there is another', () => {
    expect(previousCauses([denied], given({ state: 'Failing', findings: [named] }))).toEqual([
      {
        cause: 'NonNumericUser',
        container: named.container,
        message: 'for NonNumericUser',
        firstSeenTime: '2026-11-22T11:00:00Z',
        endedTime: '2026-11-22T12:00:00Z',
      },
    ]);
  });

  test('ended when it was resolved, where it was', () => {
    const was = { state: 'Resolved', resolvedTime: '2026-11-22T11:30:00Z', findings: [named] } as const;
    expect(previousCauses([denied], given(was))).toMatchObject([{ endedTime: '2026-11-22T11:30:00Z' }]);
  });

  test('is nothing for a first failure, and nothing new while the cause stays', () => {
    expect(previousCauses([named], given(undefined))).toEqual([]);
    expect(previousCauses([named], given({ state: 'Failing', findings: [named] }))).toEqual([]);
  });

  test('stays as it was while the cause of now stays', () => {
    const first = previousCauses([denied], given({ state: 'Failing', findings: [named] }));
    const later = previousCauses([denied], given({ state: 'Failing', findings: [denied], previous: first }));
    expect(later).toEqual(first);
  });

  test('is bounded, the newest first', () => {
    const old = Array.from({ length: 9 }, (_, index) => ({
      cause: 'ImageRunsAsRoot' as const,
      container: { name: `c${index}`, type: 'Container' as const },
      message: '',
      firstSeenTime: '',
      endedTime: '',
    }));
    const found = previousCauses([denied], given({ state: 'Failing', findings: [named], previous: old }));
    expect(found).toHaveLength(5);
    expect(found[0]?.cause).toBe('NonNumericUser');
  });
});

test('the sentence says what was set since', () => {
  const previous = previousCauses([denied], given({ state: 'Failing', findings: [named] }));
  expect(chainWords(previous, [denied])).toBe(
    ' Before that, container app failed with NonNumericUser; then runAsUser was set to 10001.',
  );
  expect(chainWords([], [denied])).toBe('');
});
