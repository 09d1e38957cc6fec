// What all answers have in common when they are printed.

import { printable } from '../platform/data/printable.ts';

/** One JSON object over several lines, with every invisible character by its number. */
export const jsonText = (answer: object): string =>
  `${JSON.stringify(answer, undefined, 2).replaceAll(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)}\n`;

const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');

/** Any user can write names and messages, and a terminal obeys the control characters in them. */
export const visible = (text: string): string =>
  text
    .split('\n')
    .map((line) => printable(line, Infinity))
    .join('\n');
