// What all answers have in common when they are printed.

import { printable } from '../platform/data/printable.ts';

/** One JSON object over several lines. */
export const jsonText = (answer: object): string => `${JSON.stringify(answer, undefined, 2)}\n`;

/** Any user can write names and messages, and a terminal obeys the control characters in them. */
export const visible = (text: string): string =>
  text
    .split('\n')
    .map((line) => printable(line, Infinity))
    .join('\n');
