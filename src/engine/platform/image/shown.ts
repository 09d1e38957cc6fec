// Text out of an image as part of a sentence.

import { printable } from '../data/printable.ts';

/** Characters of one name or path in a sentence. */
const longest = 120;

export const shown = (text: string): string => printable(text, longest);
