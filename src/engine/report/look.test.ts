import { expect, test } from '@jest/globals';

import { wrapped } from './look.ts';

test('a sentence is wrapped between words, and later lines are indented further', () => {
  expect(wrapped('  one two three four', 12)).toEqual(['  one two', '    three', '    four']);
  expect(wrapped('  one two', 12)).toEqual(['  one two']);
});

test('a word that is too long stands alone, and nothing is wrapped where no width is known', () => {
  expect(wrapped('  a registry.example/shop/web:1.4 b', 12)).toEqual([
    '  a',
    '    registry.example/shop/web:1.4',
    '    b',
  ]);
  expect(wrapped('x '.repeat(100), undefined)).toEqual(['x '.repeat(100)]);
});
