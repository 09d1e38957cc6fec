// Cuts a text into parts that our readers can take, and these into parts that say one thing each.

import { originAt, type Squeezed } from '../../messages/paste/squeeze.ts';

/** Lines of a text, and which of its lines is the first. */
type Part = { readonly text: string; readonly line: number };

/** Our readers take 65536 characters. */
const maxLength = 60_000;
/** A sentence that one window cuts stands whole in the next. */
const overlap = 4000;

/** Windows that overlap, each of whole lines unless a single line is longer. */
export function windowsOf(lines: readonly string[]): readonly Part[] {
  const windows: Part[] = [];
  let from = 0;
  while (from < lines.length) {
    const to = from + Math.max(1, fitting(lines.slice(from, from + maxLength), maxLength));
    windows.push(...pieces(lines.slice(from, to).join('\n'), from));
    if (to === lines.length) break;
    from = Math.max(from + 1, to - Math.max(1, fitting(lines.slice(from, to).toReversed(), overlap)));
  }
  return windows;
}

/** How many of these lines fit into so many characters. */
function fitting(lines: readonly string[], most: number): number {
  let length = 0;
  const over = lines.findIndex((line) => {
    length += line.length + 1;
    return length > most;
  });
  return over < 0 ? lines.length : over;
}

function pieces(text: string, line: number): readonly Part[] {
  if (text.length <= maxLength) return [{ text, line }];
  const step = maxLength - overlap;
  const count = Math.ceil((text.length - overlap) / step);
  return Array.from({ length: count }, (_, at) => ({
    text: text.slice(at * step, at * step + maxLength),
    line,
  }));
}

/** Where a sentence stands in a squeezed text, in characters. */
export type Span = { readonly start: number; readonly end: number };

/** A part that holds one sentence, or several of one line, and the lines of the first. */
type Piece = { readonly text: string; readonly from: number; readonly to: number };

/**
 * @param paste the part as a reader keeps it: line by line the same, if not character by character
 * @param spans in the order of the text; without any, the part is one piece
 */
export function piecesAt({ text, line }: Part, paste: Squeezed, spans: readonly Span[]): readonly Piece[] {
  if (spans.length === 0) return [{ text, from: line, to: line }];
  const starts = [0, ...Array.from(paste.raw.matchAll(/\n/g), ({ index }) => index + 1)];
  const lineOf = (at: number): number => lineAt(starts, originAt(paste, at));
  const places = spans
    .map(({ start, end }) => ({ from: lineOf(start), to: lineOf(Math.max(start, end - 1)) }))
    .filter(({ from }, at, all) => at === 0 || from > (all[at - 1]?.to ?? -1));
  const lines = text.split('\n');
  return places.map(({ from, to }, at) => ({
    text: lines.slice((places[at - 1]?.to ?? -1) + 1, places[at + 1]?.from).join('\n'),
    from: line + from,
    to: line + to,
  }));
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}
