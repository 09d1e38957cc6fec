// Where a value ends: at its closing quote however often that is escaped, at a bracket, at the next pair, with its line.

import { endOfMarker } from './marker.ts';

export type Extent = { readonly start: number; readonly end: number };

type SecretSetting = {
  /** Whether a sentence may go on here instead of a value: `token: permission denied`. */
  readonly isProse: boolean;
  /** Whether the value is all of the line. */
  readonly isWholeLine: boolean;
  /** Whether the value is that of a header, whose first word may be a scheme, or that of a cookie. */
  readonly header?: 'authorization' | 'cookie';
  /** The quote that was open before the name, and so ends the value. */
  readonly until: string | undefined;
};

/** The value that begins at `at`; undefined: nothing that could be one, or one that was taken out before. */
export function valueAt(text: string, at: number, setting: SecretSetting): Extent | undefined {
  const from = setting.header === 'authorization' ? behindScheme(text, at) : at;
  if (endOfMarker(text, from) !== undefined) return undefined;
  if (from > at) return { start: from, end: endOfWord(text, from) };
  const value = quoted(text, from) ?? unquoted(text, from, setting);
  return value && value.end > value.start && !isHarmless(text, value) ? value : undefined;
}

function unquoted(text: string, at: number, setting: SecretSetting): Extent | undefined {
  if (setting.isProse && startsSentence(text.slice(at, at + maxSentenceStart))) return undefined;
  return bracketed(text, at) ?? blockOf(text, at) ?? bare(text, at, setting);
}

const maxSentenceStart = 1024;

const openingQuote = /(\\*)(["'`])/y;

/** A quote that is open at the end of what stands before a name. */
export function closing(text: string, start: number): string | undefined {
  return /(?:^|[\s=([{,])(["'])$/.exec(text.slice(Math.max(0, start - 2), start))?.[1];
}

function quoted(text: string, at: number): Extent | undefined {
  openingQuote.lastIndex = at;
  const opening = openingQuote.exec(text);
  if (!opening) return undefined;
  const start = openingQuote.lastIndex;
  if (endOfMarker(text, start) !== undefined) return { start, end: start };
  return { start, end: endOfQuoted(text, start, opening[1]?.length ?? 0, opening[2] ?? '') };
}

/** A quote inside JSON inside JSON has one, three, seven backslashes before it; one more level is part of the value. */
function endOfQuoted(text: string, start: number, backslashes: number, quote: string): number {
  let run = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\n' || character === '\r') return at;
    if (character === quote && run % (2 * (backslashes + 1)) === backslashes) return at - backslashes;
    run = character === '\\' ? run + 1 : 0;
  }
  return text.length;
}

/** `Authorization:[Bearer …]` of Go, `secrets: [a, b]` of YAML. */
function bracketed(text: string, at: number): Extent | undefined {
  if (text[at] !== '[') return undefined;
  if (endOfMarker(text, at + 1) !== undefined) return { start: at, end: at };
  const length = text.slice(at, at + 8192).search(/[\]\r\n]/);
  return { start: at + 1, end: length < 0 ? Math.min(text.length, at + 8192) : at + length };
}

const blockMark = /[|>][+-]?[1-9]?[ \t]*(\r?\n)/y;

/** The lines of a block of YAML: those that are indented more than the line of its name. */
function blockOf(text: string, at: number): Extent | undefined {
  blockMark.lastIndex = at;
  if (!blockMark.test(text)) return undefined;
  const start = blockMark.lastIndex;
  const indent = indentOf(text, text.lastIndexOf('\n', at - 1) + 1);
  let end = start;
  while (end < text.length && (indentOf(text, end) > indent || /\s/.test(text[end] ?? ''))) {
    const next = text.indexOf('\n', end);
    if (indentOf(text, end) <= indent) break;
    end = next < 0 ? text.length : next + 1;
  }
  const first = start + indentOf(text, start);
  if (endOfMarker(text, first) !== undefined) return { start, end: start };
  return { start: first, end: text[end - 1] === '\n' ? end - 1 : end };
}

function indentOf(text: string, at: number): number {
  let end = at;
  while (text[end] === ' ' || text[end] === '\t') end += 1;
  return end - at;
}

function bare(text: string, at: number, { isWholeLine, until, header }: SecretSetting): Extent | undefined {
  if (/[{}\s]/.test(text[at] ?? '\n')) return undefined;
  if (header === 'cookie') return { start: at, end: endOfCookies(text, at) };
  return { start: at, end: isWholeLine ? endOfLine(text, at, until) : endOfWord(text, at) };
}

/** Pairs with a semicolon and a blank between them. */
function endOfCookies(text: string, at: number): number {
  const pairs = /[^\s;"']+(?:; ?[^\s;"']+)*/y;
  pairs.lastIndex = at;
  return pairs.test(text) ? pairs.lastIndex : at;
}

function endOfLine(text: string, at: number, until: string | undefined): number {
  const stop = until === '"' ? /["\r\n]/g : until === "'" ? /['\r\n]/g : /[\r\n]/g;
  stop.lastIndex = at;
  return stop.exec(text)?.index ?? text.length;
}

const pairEnd =
  /[\s<>]|["'`](?![A-Za-z0-9])|\\{1,8}["'nrt]|[&;,|](?=\s|$|[&;,|]|[A-Za-z_][\w.-]{0,64}\s?[=:])/g;

/** Up to a blank, a quote, or a mark with the next pair behind it; marks at the end are not the value's. */
function endOfWord(text: string, at: number): number {
  pairEnd.lastIndex = at;
  const end = pairEnd.exec(text)?.index ?? text.length;
  const marks = /[\])},.:;]{1,8}$/.exec(text.slice(Math.max(at + 1, end - 8), end))?.[0].length ?? 0;
  return end - marks;
}

const scheme = /(?:Basic|Bearer|Digest|Negotiate|NTLM|Token|Key|ApiKey|AWS4-HMAC-SHA256)[ \t]{1,8}/iy;

function behindScheme(text: string, at: number): number {
  scheme.lastIndex = at;
  return scheme.test(text) ? scheme.lastIndex : at;
}

const nothing =
  /^(?:\*+|x{3,}|<[^>]*>|\$\{[^}]*\}|\$\([^)]*\)|null|nil|none|true|false|undefined|redacted|\[?FILTERED\]?)$/i;

const isHarmless = (text: string, { start, end }: Extent): boolean =>
  end - start < 64 && nothing.test(text.slice(start, end));

/** Words that a sentence about a secret goes on with; no one's password. */
const sentenceWords = new Set(
  (
    'a access an and are as at authentication bad bind but by cannot cant caused certificate chmod chown command ' +
    'connect connection could couldnt create creating decode decoding denied dial directory does empty eacces enoent ' +
    'eperm erofs errno error exec expected expired fail failed failure fetch fetching file for forbidden found from get has ' +
    'have http https illegal in invalid io is java key length line listen load loading lookup lstat malformed mismatch ' +
    'missing mkdir must needs no none not of on only open opening operation or org parse parsing path permission post ' +
    'read readdir reading refused remote rename request required revoked rpc server should signature stat the this ' +
    'timeout tls to token too unable unauthorized unexpected unknown unlink unsupported use user using value verify ' +
    'was were will with wrong write writing x509 you your'
  ).split(' '),
);
const plainPath = /^(?:\.{0,2}\/[\w.@+-]{1,64}){1,24}["':,;)]*(?:\s|$)/;

function startsSentence(line: string): boolean {
  const first = /^[^\w/]{0,4}([A-Za-z0-9']{1,32})(?=[:;,.)\]]{0,2}(?:["\\\s]|$))/.exec(line)?.[1] ?? '';
  return sentenceWords.has(first.toLowerCase().replaceAll("'", '')) || plainPath.test(line);
}
