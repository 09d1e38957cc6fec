import { expect, test } from '@jest/globals';
import { parseGoDurationMs } from './go-duration.ts';

test.each<[string, number]>([
  ['0', 0],
  ['0s', 0],
  ['12h', 43_200_000],
  ['1h30m', 5_400_000],
  ['6h0m0s', 21_600_000],
  ['1.5s', 1500],
  ['.5s', 500],
  ['300ms', 300],
  ['5us', 0.005],
  ['-1m', -60_000],
  ['+1m', 60_000],
])('%s is %d ms', (text, durationMs) => expect(parseGoDurationMs(text)).toBeCloseTo(durationMs, 9));

test.each(['', '-', '12', '12 h', 'h', '1d', '1h 2m', '.s', '1e3s', 'PT1H', '1h'.repeat(50)])(
  '%j is not a duration',
  (text) => expect(parseGoDurationMs(text)).toBeUndefined(),
);
