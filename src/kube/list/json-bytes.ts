// Finds its way through JSON bytes without parsing them: where values end, what a member is called.
//
// Positions in, positions out; `none` stands for "this is not JSON as far as I can see", whereupon the caller lets
// JSON.parse decide. For text that JSON.parse accepts, what is found here is what JSON.parse would find, as long as no
// object says the same key twice.

import { WireError } from './wire-error.ts';

export const none = -1;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const newline = 0x0a;

/** The next position that is not white space. */
export function afterSpace(bytes: Uint8Array, at: number): number {
  let i = at;
  for (let c = bytes[i]; c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09; c = bytes[i]) i += 1;
  return i;
}

/** The position behind the string that opens at `at`. */
function endOfString(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== quote) return none;
  for (let i = at + 1; i < bytes.length; i += 1) {
    const c = bytes[i];
    if (c === quote) return i + 1;
    if (c === backslash) i += 1;
  }
  return none;
}

/** The position behind the value that begins at `at`. */
export function endOfValue(bytes: Uint8Array, at: number): number {
  const c = bytes[at];
  if (c === quote) return endOfString(bytes, at);
  return c === openBrace || c === openBracket ? endOfNest(bytes, at) : endOfScalar(bytes, at);
}

function endOfNest(bytes: Uint8Array, at: number): number {
  let depth = 0;
  for (let i = at; i < bytes.length; i += 1) {
    const c = bytes[i];
    if (c === quote) {
      i = endOfString(bytes, i) - 1;
      if (i < 0) return none;
    } else if (c === openBrace || c === openBracket) {
      depth += 1;
    } else if (c === closeBrace || c === closeBracket) {
      depth -= 1;
      if (depth === 0) return i + 1;
    }
  }
  return none;
}

/** Finds the end of one object or array whose bytes come in pieces. */
export class NestEnd {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /** The position behind it, or `none` when it goes on after this piece. */
  find(piece: Uint8Array): number {
    for (let i = 0; i < piece.length; i += 1) {
      const c = piece[i];
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (c === backslash) this.#isEscaped = true;
        else if (c === quote) this.#isInString = false;
      } else if (c === quote) {
        this.#isInString = true;
      } else if (c === openBrace || c === openBracket) {
        this.#depth += 1;
      } else if (c === closeBrace || c === closeBracket) {
        this.#depth -= 1;
        if (this.#depth === 0) return i + 1;
      }
    }
    return none;
  }
}

function endOfScalar(bytes: Uint8Array, at: number): number {
  let i = at;
  for (let c = bytes[i]; c !== undefined && isScalarByte(c); c = bytes[i]) i += 1;
  return i === at ? none : i;
}

/** Letters, digits, sign and point: numbers, true, false, null. */
function isScalarByte(c: number): boolean {
  return (
    (c >= 0x30 && c <= 0x39) ||
    (c >= 0x61 && c <= 0x7a) ||
    c === 0x2d ||
    c === 0x2b ||
    c === 0x2e ||
    c === 0x45
  );
}

/** What a visitor answers when it has seen enough. */
export const enough = Number.MAX_SAFE_INTEGER;

/** Called with one member; returns where its value ends, `none`, or `enough`. */
type Visit = (valueAt: number, key: string) => number;

/**
 * Visits the members of the object at `at` in order. Answers the position behind the object, `none`, or `enough` when
 * the visitor did. A key with an escape in it is answered with `none`, as it may spell a name that is looked for.
 */
export function eachMember(bytes: Buffer, at: number, visit: Visit): number {
  if (bytes[at] !== openBrace) return none;
  let i = afterSpace(bytes, at + 1);
  if (bytes[i] === closeBrace) return i + 1;
  for (;;) {
    const keyEnd = endOfString(bytes, i);
    if (keyEnd === none) return none;
    const key = bytes.toString('latin1', i + 1, keyEnd - 1);
    const colonAt = afterSpace(bytes, keyEnd);
    if (bytes[colonAt] !== colon || key.includes('\\')) return none;
    const end = visit(afterSpace(bytes, colonAt + 1), key);
    if (end === none || end === enough) return end;
    i = afterSpace(bytes, end);
    if (bytes[i] === closeBrace) return i + 1;
    if (bytes[i] !== comma) return none;
    i = afterSpace(bytes, i + 1);
  }
}

/** The string value at `at`; undefined for what is none, or is spelled in a way that JSON does not have. */
export function stringAt(bytes: Buffer, at: number): string | undefined {
  const end = endOfString(bytes, at);
  if (end === none) return undefined;
  if (!bytes.subarray(at, end).includes(backslash)) return bytes.toString('utf8', at + 1, end - 1);
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8', at, end));
    return typeof parsed === 'string' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Throws WireError for what is not JSON. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    // The page of a proxy is worth showing; a piece of an object may hold what no log may show.
    const start = bytes.toString('utf8', 0, 60);
    const shown = start.startsWith('<') ? `; it begins with ${start}` : '';
    throw new WireError('garbage', `The answer is not JSON${shown}`, cause);
  }
}

/** Bytes that were cut end in another way, as a rule; a newline at the end does not matter. */
export function endsWith(bytes: Buffer, ending: string): boolean {
  const end = bytes.at(-1) === newline ? bytes.length - 1 : bytes.length;
  return bytes.toString('latin1', Math.max(0, end - ending.length), end) === ending;
}
