// OpenShift's uid ranges: how they are written, and what is no range.

import { describe, expect, test } from '@jest/globals';

import { parseUidRange, takesAnyUid } from './openshift-range.ts';

describe('a uid range', () => {
  test.each([
    ['1000680000/10000', { first: 1_000_680_000, last: 1_000_689_999 }],
    ['1000-1999', { first: 1000, last: 1999 }],
    ['5/1', { first: 5, last: 5 }],
    [' 5-5 ', { first: 5, last: 5 }],
  ])('%s', (written, range) => {
    expect(parseUidRange(written)).toEqual(range);
  });

  test.each(['', '1000', '1000/', '2000-1000', '5/0', '-1/5', '1e3/5', '1/2/3', '99999999999/1'])(
    '%j is none',
    (written) => {
      expect(parseUidRange(written)).toBeUndefined();
    },
  );
});

test('only constraints that are known to take any uid do so', () => {
  expect(takesAnyUid('nonroot-v2')).toBe(true);
  expect(takesAnyUid('restricted-v2')).toBe(false);
  expect(takesAnyUid('ours')).toBe(false);
  expect(takesAnyUid(undefined)).toBe(false);
});
