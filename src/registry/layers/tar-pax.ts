// The records of a PAX header: `LENGTH KEY=VALUE\n`, one after the other.

import { RegistryError } from '../error.ts';

/** The last record of a key counts. Throws `badAnswer` for what the runtimes refuse. */
export function parsePax(bytes: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(' ', start);
    const length = lengthOf(bytes.toString('latin1', start, Math.min(space, start + 20)));
    const end = start + length;
    if (space < 0 || length < 5 || end > bytes.length || space >= end || bytes[end - 1] !== 10)
      throw damaged();
    const [key, value] = keyAndValue(bytes.toString('utf8', space + 1, end - 1));
    records.set(key, value);
    start = end;
  }
  return records;
}

function lengthOf(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

const withoutNul = new Set(['path', 'linkpath', 'uname', 'gname']);

const times = new Set(['mtime', 'atime', 'ctime']);

function keyAndValue(record: string): readonly [string, string] {
  const equals = record.indexOf('=');
  const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
  const isTime = value === '' || !times.has(key) || /^[+-]?\d*(?:\.\d*)?$/.test(value);
  if (equals < 1 || !isTime || (withoutNul.has(key) ? value : key).includes('\0')) throw damaged();
  return [key, value];
}

function damaged(): RegistryError {
  return new RegistryError('badAnswer', 'the tar is damaged: an extended header is not one');
}
