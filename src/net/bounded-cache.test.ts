import { expect, test } from '@jest/globals';
import { BoundedCache } from './bounded-cache.ts';

test('A value is kept for its time and no longer', () => {
  let nowMs = 0;
  const cache = new BoundedCache<string>(10, () => nowMs);
  cache.set('a', 'x', 5);
  nowMs = 4;
  expect(cache.get('a')).toBe('x');
  nowMs = 5;
  expect(cache.get('a')).toBeUndefined();
});

test.each([0, -1, Number.NaN])('A life of %d keeps nothing, and forgets what was there', (lifeMs) => {
  const cache = new BoundedCache<string>(10, () => 0);
  cache.set('a', 'x', 5);
  cache.set('a', 'y', lifeMs);
  expect(cache.get('a')).toBeUndefined();
});

test('Of more values than fit, the least recently used goes first', () => {
  const cache = new BoundedCache<string>(2, () => 0);
  cache.set('a', 'x', 5);
  cache.set('b', 'x', 5);
  cache.get('a');
  cache.set('c', 'x', 5);
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual(['x', undefined, 'x']);
});
