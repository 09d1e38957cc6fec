// Takes off what tables, diffs, comments and spreadsheets put around a text before it was pasted.

import { maxTextLength, squeeze, type Squeezed } from './squeeze.ts';

/** The border of Terraform's boxes, a bullet, the mark of a diff or of a comment. */
const gutter = /^[ \t]*(?:[│┃║╷╵•·|*+#-]|\/\/)(?:[ \t]+|$)/gm;

export function pastedText(text: string): Squeezed {
  return squeeze(quotedPlainly(text.slice(0, maxTextLength)).replaceAll(gutter, ' '));
}

/** Spreadsheets double the quotes; some programs put other ones. */
function quotedPlainly(text: string): string {
  if (/podsecurity ?""/i.test(text)) return text.replaceAll('""', '"');
  return /podsecurity ?['`]/i.test(text) ? text.replaceAll(/['`]/g, '"') : text;
}

/** The first character of the squeezed text that stands at or behind a place of the raw one. */
export function squeezedAt({ origin }: Squeezed, raw: number): number {
  let low = 0;
  let high = origin.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((origin[middle] ?? 0) < raw) low = middle + 1;
    else high = middle;
  }
  return low;
}
