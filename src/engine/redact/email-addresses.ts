// Takes out e-mail addresses.

import { mark } from './marker.ts';

/** The @, as it is or as addresses escape it, and the domain behind it, which ends in a word of letters. */
const atDomain =
  /(?:@|%40)([\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})(?:\.[\p{L}\p{N}-]{1,63}){0,8}\.\p{L}{2,24})(?![\p{L}\p{N}-])/gu;
const ofLocalPart = /[\p{L}\p{N}_.+~-]/u;
const maxLocalLength = 64;

export function emailAddresses(text: string): string {
  let kept = '';
  let from = 0;
  for (const { index, 0: found } of text.matchAll(atDomain)) {
    const start = startOfLocalPart(text, Math.max(from, index - maxLocalLength), index);
    if (start === index) continue;
    kept += text.slice(from, start) + mark('e-mail address');
    from = index + found.length;
  }
  return kept + text.slice(from);
}

function startOfLocalPart(text: string, from: number, end: number): number {
  let start = end;
  while (start > from && ofLocalPart.test(text[start - 1] ?? '')) start -= 1;
  return start;
}
