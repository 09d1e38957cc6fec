import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { printable, printableLine } from './printable.ts';

test('what is not visible becomes a replacement character, or a space within a line', () => {
  const hostile = ' a\u001b[31m\nb\u202e\u200bc\ud800 ';
  expect(printable(hostile, 100)).toBe(' a\uFFFD[31m\uFFFDb\uFFFD\uFFFDc\uFFFD ');
  expect(printableLine(hostile)).toBe('a [31m b c');
});

test('a line is visible, and no longer than its bound', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, max) => {
      const line = printableLine(text, max);
      expect(Array.from(line).length).toBeLessThanOrEqual(max);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
  );
});
