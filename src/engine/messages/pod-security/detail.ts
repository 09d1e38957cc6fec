// Reads the parenthesis behind a reason: what it names, and the words as the API server wrote them.

import { isLabel } from '../kubelet/kubelet-suffix.ts';
import { originAt, type Squeezed } from '../paste/squeeze.ts';
import { knownReasonAt } from './reasons.ts';
import { listOf, phraseOf } from './phrases.ts';

export type Detail = {
  readonly text: string;
  readonly isOfPod: boolean;
  /** In the order of the text, each once. */
  readonly containers: readonly string[];
  /** Behind its closing parenthesis, in the squeezed text. */
  readonly end: number;
  /** True where the closing parenthesis is missing. */
  readonly isCut: boolean;
};

const maxContainers = 100;
/** A name in an annotation's key, of the times before the fields. */
const annotations =
  /container\.(?:seccomp\.security\.alpha|apparmor\.security\.beta)\.kubernetes\.io\/([a-z0-9-]{1,63})=/g;
const podSets =
  /^pod(?:must|and|set)|(?<!container\.)seccomp\.security\.alpha\.kubernetes\.io\/pod=|^spec\.securitycontext\./;

/** @param open where the opening parenthesis stands, in the squeezed text */
export function readDetail(paste: Squeezed, open: number, isExact: boolean): Detail {
  const closing = closingOf(paste, open, isExact);
  const runs = runsIn(paste, open + 1, closing ?? paste.text.length);
  const foreign = closing === undefined || isExact ? -1 : runs.findIndex(isForeign);
  const kept = foreign < 0 ? runs : [...runs.slice(0, foreign), firstLineOf(runs[foreign])];
  const isCut = closing === undefined || foreign >= 0;
  const said = kept.map(({ text }) => text).join('"');
  const text = isExact
    ? between(paste, open, closing ?? paste.text.length)
    : kept.map(written).join('"').trim();
  return {
    text: isCut ? marked(text) : text,
    isOfPod: podSets.test(said.toLowerCase()),
    containers: containersIn(kept, said),
    end: closing === undefined || isCut ? paste.text.length : closing + 1,
    isCut,
  };
}

/**
 * The first closing parenthesis outside quotes where a list can go on. Values are not escaped, so one with a quote in it
 * leaves the rest of the text quoted; then it is the first before a known reason, or the last character.
 */
function closingOf(paste: Squeezed, open: number, isExact: boolean): number | undefined {
  const { text, lower } = paste;
  let isQuoted = false;
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === '"') isQuoted = !isQuoted;
    else if (text[at] === ')' && !isQuoted && mayEnd(text[at + 1], isExact)) return at;
  }
  for (let at = text.indexOf('),', open); at >= 0; at = text.indexOf('),', at + 1))
    if (knownReasonAt(lower, at + 2)) return at;
  return (isQuoted || isExact) && text.endsWith(')') ? text.length - 1 : undefined;
}

const mayEnd = (next: string | undefined, isExact: boolean): boolean =>
  isExact ? next === undefined || next === ',' : next !== '(';

/** A piece between two quotes: a value, or the words between values. */
type Run = { readonly isValue: boolean; readonly text: string; readonly raw: string };

function runsIn(paste: Squeezed, from: number, to: number): readonly Run[] {
  const pieces = paste.text.slice(from, to).split('"');
  let at = from;
  return pieces.map((text, index) => {
    const raw = between(paste, at - 1, at + text.length)
      .replace(restOfQuote, '')
      .replace(/[\\&]+$/, '');
    at += text.length + 1;
    return { isValue: index % 2 === 1, text, raw };
  });
}

const between = (paste: Squeezed, before: number, end: number): string =>
  paste.raw.slice(originAt(paste, before) + 1, originAt(paste, end));

/** What is left of a quote that is written as an entity or an escape. */
const restOfQuote = /^(?:quot;|#34;|u0022)/;

/** Other words that go on in a new line belong to another message: the detail was cut at the end of its line. */
const isForeign = ({ isValue, text, raw }: Run, _: number, { length }: readonly Run[]): boolean =>
  !isValue &&
  raw.trim().includes('\n') &&
  phraseOf(text) === undefined &&
  (listOf(text) === undefined || (length > 1 && !text.includes(',')));

const firstLineOf = (run: Run | undefined): Run => {
  const line = run?.raw.split('\n', 1)[0]?.trimEnd() ?? '';
  return { isValue: false, text: line.replaceAll(/\s+/g, ''), raw: line };
};

function written({ isValue, text, raw }: Run): string {
  if (isValue) return /[\n\\]|\s\s/.test(raw) ? text : raw;
  return phraseOf(text) ?? (/[\n\\]/.test(raw) ? (listOf(text) ?? flowing(raw)) : flowing(raw));
}

const flowing = (raw: string): string => raw.replaceAll(/(?:\s|\\+[nrt])+/g, ' ');

const marked = (text: string): string => (text === '' ? text : `${text.replace(/(?:\.{2,3}|…)$/, '')}…`);

function containersIn(runs: readonly Run[], said: string): readonly string[] {
  const found: string[] = [];
  let isNaming = false;
  for (const [index, { isValue, text }] of runs.entries()) {
    const isClosed = index < runs.length - 1;
    if (!isValue) isNaming = /containers?$/i.test(text) || (isNaming && text === ',');
    else if (isNaming && isClosed) found.push(text);
  }
  const annotated = Array.from(said.matchAll(annotations), ([, name = '']) => name);
  const names = [...found, ...(runs.length === 1 ? unquotedIn(runs[0]?.raw ?? '') : []), ...annotated];
  return [...new Set(names.filter(isLabel))].slice(0, maxContainers);
}

/** Where all quotes were lost on the way. */
function unquotedIn(raw: string): readonly string[] {
  const names = /\bcontainers? ([a-z0-9-]{1,63}(?:, [a-z0-9-]{1,63})*) (?:must|uses?|set)\b/.exec(
    flowing(raw),
  );
  return names?.[1]?.split(', ') ?? [];
}
