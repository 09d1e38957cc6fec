// Equal lines that follow each other.

import { expect, test } from '@jest/globals';

import { foldedLines } from './folded-lines.ts';

test('are one line, with a count', () => {
  expect(foldedLines('a\na\nab\na\na\na')).toEqual({ lines: ['a', 'ab', 'a'], times: [2, 1, 3] });
});

test('are kept where they are empty, and the last line break is kept', () => {
  expect(foldedLines('a\n\n\nb\n')).toEqual({ lines: ['a', '', '', 'b', ''], times: [1, 1, 1, 1, 1] });
  expect(foldedLines('')).toEqual({ lines: [''], times: [1] });
});
