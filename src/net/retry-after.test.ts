import { expect, test } from '@jest/globals';
import { retryAfterMs } from './retry-after.ts';

test.each([
  ['7', 7000],
  [' 0 ', 0],
  ['Thu, 01 Jan 1970 00:00:09 GMT', 9000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', undefined],
  ['-1', undefined],
  ['2026', 2_026_000],
  ['99999999999', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After %j means %s ms', (header, expected) => {
  expect(retryAfterMs(header, 0)).toBe(expected);
});
