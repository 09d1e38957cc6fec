// Searches bytes for phrases, so that only what holds one is parsed.

import { none } from './json-bytes.ts';

/** Without needles everything is a hit. */
export function hasNeedle(bytes: Buffer, needles: readonly string[]): boolean {
  return needles.length === 0 || needles.some((needle) => bytes.includes(needle));
}

/** Says whether a needle lies between two positions; asked in ascending order, it searches each byte once. */
export function searcher(bytes: Buffer, needles: readonly string[]): (start: number, end: number) => boolean {
  if (needles.length === 0) return () => true;
  const next = needles.map((needle) => bytes.indexOf(needle));
  return (start, end) =>
    needles.some((needle, i) => {
      let at = next[i] ?? none;
      if (at !== none && at < start) at = bytes.indexOf(needle, start);
      next[i] = at;
      return at !== none && at + needle.length <= end;
    });
}
