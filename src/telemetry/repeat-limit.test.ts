import { expect, test } from '@jest/globals';

import { RepeatLimit } from './repeat-limit.ts';

test('the same is written after one minute, then after two, and anything new at once', () => {
  let nowMs = 0;
  const limit = new RepeatLimit(() => nowMs);
  const minutes: number[] = [];
  for (let minute = 0; minute < 8; minute += 1) {
    nowMs = minute * 60_000;
    if (limit.allows('Pod', 'forbidden')) minutes.push(minute);
    expect(limit.allows('Pod', 'forbidden')).toBe(false);
  }
  expect(minutes).toEqual([0, 1, 3, 7]);
  expect([limit.allows('Event', 'forbidden'), limit.allows('Pod', 'garbage')]).toEqual([true, true]);
  expect([limit.allows('Event', 'forbidden'), limit.allows('Pod', 'garbage')]).toEqual([false, false]);
});
