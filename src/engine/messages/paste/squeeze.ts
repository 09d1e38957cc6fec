// Text without what copying adds to it: white space, quote marks in front of lines, escapes, colours, curly quotes.
//
// People wrap, fold, quote and escape a line before they paste it, at any place, even inside a word. So sentences are
// compared with everything of that kind taken out; `origin` leads back to the text itself where it must be exact.

export type Squeezed = {
  /** The text as it came, bounded. */
  readonly raw: string;
  readonly text: string;
  /** The same with A to Z in lower case, to find sentences in. No other letter changes, so look-alikes stay unlike. */
  readonly lower: string;
  /** For each character of `text`, where it stands in `raw`. */
  readonly origin: readonly number[];
};

/** Only so much of a text is read, in characters. */
export const maxTextLength = 65_536;

/**
 * In this order: a new line with the blanks and the `>` behind it; other blanks; a blank that is written as an escape,
 * or a backslash before a quote or a blank; a colour of a terminal; then quotes in their other spellings.
 */
const noise =
  /\n[\s>]*|[^\S\n]+|\\{1,7}(?:[nrt]|(?=["'\s]))|\p{Cc}\[[0-9;]{0,16}m|(&quot;|&#34;|\\u0022|[“”])|(&#39;|&apos;|\\u0027|[‘’]|'')/gu;

export function squeeze(text: string): Squeezed {
  const raw = text.slice(0, maxTextLength);
  const origin: number[] = [];
  let squeezed = '';
  const keep = (part: string, at: number, step: number): void => {
    squeezed += part;
    for (let index = 0; index < part.length; index += 1) origin.push(at + index * step);
  };
  let done = 0;
  for (const found of raw.matchAll(noise)) {
    keep(raw.slice(done, found.index), done, 1);
    keep(found[1] ? '"' : found[2] ? "'" : '', found.index, 0);
    done = found.index + found[0].length;
  }
  keep(raw.slice(done), done, 1);
  return { raw, text: squeezed, lower: squeezed.replaceAll(/[A-Z]+/g, (part) => part.toLowerCase()), origin };
}

/** Where in the raw text a character of the squeezed text stands; its end for one past the last. */
export function originAt({ raw, origin }: Squeezed, at: number): number {
  return origin[at] ?? raw.length;
}
