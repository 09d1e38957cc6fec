// Reads /etc/passwd and /etc/group as the runtimes do, damaged lines included.

import { lenientInt64 } from './go-integer.ts';

/** Numbers are as written: 0 for what is no number, and beyond what a process can have, see `idOf`. */
export type PasswdEntry = {
  readonly name: string;
  readonly uid: bigint;
  readonly gid: bigint;
  readonly home: string;
  /** The first is 1. */
  readonly line: number;
};

export type GroupEntry = {
  readonly name: string;
  readonly gid: bigint;
  readonly members: readonly string[];
  readonly line: number;
};

/** The runtimes read passwd by a scanner that holds this many bytes of one line, its end included. */
const scannerBytes = 65_536;

/** The first entry that fits, or `tooLong` where a line anywhere is one that the runtimes give up at. */
export function findUser(
  passwd: Uint8Array,
  fits: (entry: PasswdEntry) => boolean,
): PasswdEntry | 'none' | 'tooLong' {
  if (hasTooLongLine(passwd)) return 'tooLong';
  for (const [line, text] of linesOf(passwd)) {
    const [name = '', , uid = '', gid = '', , home = ''] = text.split(':', 7);
    const entry = { name, uid: lenientInt64(uid), gid: lenientInt64(gid), home, line };
    if (fits(entry)) return entry;
  }
  return 'none';
}

/** All entries of /etc/group that fit. Lines that begin with `#` are comments here, and in passwd they are not. */
export function* findGroups(
  group: Uint8Array,
  fits: (entry: GroupEntry) => boolean,
): Generator<GroupEntry, void> {
  for (const [line, text] of linesOf(group)) {
    if (text.startsWith('#')) continue;
    const [name = '', , gid = '', members = ''] = text.split(':', 4);
    const entry = {
      name,
      gid: lenientInt64(gid),
      members: members === '' ? [] : members.split(','),
      line,
    };
    if (fits(entry)) yield entry;
  }
}

/** What the runtime makes of a number: its lowest 32 bits. */
export const idOf = (written: bigint): number => Number(BigInt.asUintN(32, written));

function hasTooLongLine(bytes: Uint8Array): boolean {
  for (let start = 0; start <= bytes.length - scannerBytes;) {
    const end = bytes.indexOf(10, start);
    if ((end === -1 ? bytes.length : end) - start >= scannerBytes) return true;
    if (end === -1) return false;
    start = end + 1;
  }
  return false;
}

/** Lines that are not empty once white space around them is gone, with their numbers. */
function* linesOf(bytes: Uint8Array): Generator<readonly [line: number, text: string], void> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  let line = 0;
  for (let start = 0; start < text.length; line += 1) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const trimmed = trim(text, start, end);
    if (trimmed !== '') yield [line + 1, trimmed];
    start = end + 1;
  }
}

/** White space as Unicode has it, which a byte order mark is no part of. */
const space = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

function trim(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && space.test(text.charAt(start))) start += 1;
  while (end > start && space.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
