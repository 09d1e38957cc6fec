// One block of 512 bytes as the header of an entry in a tar.

export const blockBytes = 512;

export type TarHeader = {
  readonly name: string;
  /** One character, `\0` in the oldest archives. */
  readonly flag: string;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly linkName: string;
  /** Of a device. */
  readonly major: number;
  readonly minor: number;
};

/** Undefined when the checksum or a number is wrong: then it is not a header. */
export function parseHeader(block: Buffer): TarHeader | undefined {
  if (!hasChecksum(block)) return undefined;
  const isPosix = startsAt(block, 257, posixMagic);
  const isGnu = startsAt(block, 257, gnuMagic);
  const numbers = {
    sizeBytes: numberAt(block, 124, 12),
    mode: numberAt(block, 100, 8),
    uid: numberAt(block, 108, 8),
    gid: numberAt(block, 116, 8),
    timeS: numberAt(block, 136, 12),
    major: isPosix || isGnu ? numberAt(block, 329, 8) : 0,
    minor: isPosix || isGnu ? numberAt(block, 337, 8) : 0,
  };
  if (Object.values(numbers).some(Number.isNaN) || numbers.sizeBytes < 0) return undefined;
  const prefix = isPosix
    ? textAt(block, 345, startsAt(block, 508, starTrailer) ? 131 : 155)
    : goPrefix(block, isGnu);
  const { timeS: _, ...kept } = numbers;
  return {
    ...kept,
    name: prefix === '' ? textAt(block, 0, 100) : `${prefix}/${textAt(block, 0, 100)}`,
    flag: String.fromCharCode(block[156] ?? 0),
    mode: numbers.mode & 0o7777,
    linkName: textAt(block, 157, 100),
  };
}

/** The sum of all bytes, with spaces in its own field. Some old writers added the bytes as signed numbers. */
function hasChecksum(block: Buffer): boolean {
  let sum = 8 * 32;
  let high = 0;
  for (let at = 0; at < blockBytes; at += 1) {
    if (at === 148) at = 156;
    const byte = block[at] ?? 0;
    sum += byte;
    high += byte >> 7;
  }
  const stated = octalAt(block, 148, 8);
  return stated === sum || stated === sum - 256 * high;
}

/** Go before 1.8, and so old Docker, wrote a prefix where GNU has two times. It is a prefix where these are not numbers. */
function goPrefix(block: Buffer, isGnu: boolean): string {
  const isNumber = (start: number): boolean =>
    block[start] === 0 || !Number.isNaN(numberAt(block, start, 12));
  if (!isGnu || (isNumber(345) && isNumber(357))) return '';
  const prefix = textAt(block, 345, 155);
  return /^[\0-\x7f]*$/.test(prefix) ? prefix : '';
}

const posixMagic = Buffer.from('ustar\0');
const gnuMagic = Buffer.from('ustar  \0');
const starTrailer = Buffer.from('tar\0');

function startsAt(block: Buffer, start: number, text: Buffer): boolean {
  for (let at = 0; at < text.length; at += 1) if (block[start + at] !== text[at]) return false;
  return true;
}

/** NaN when it is not a number, or not a safe integer. */
function numberAt(block: Buffer, start: number, length: number): number {
  return ((block[start] ?? 0) & 0x80) === 0 ? octalAt(block, start, length) : binaryAt(block, start, length);
}

/** Big-endian two's complement, after the highest bit, which only says that it is binary; 64 bits are enough for all. */
function binaryAt(block: Buffer, start: number, length: number): number {
  let value = BigInt(block[start] ?? 0) & 0x7fn;
  for (let at = start + 1; at < start + length; at += 1) value = (value << 8n) | BigInt(block[at] ?? 0);
  const signed = BigInt.asIntN(8 * length - 1, value);
  return signed === BigInt.asIntN(64, signed) ? Number(signed) : Number.NaN;
}

/** Spaces and NULs may stand around the digits; none at all is zero. */
function octalAt(block: Buffer, start: number, length: number): number {
  let at = start;
  let end = start + length;
  while (at < end && isBlank(block[at])) at += 1;
  while (end > at && isBlank(block[end - 1])) end -= 1;
  let value = 0;
  for (; at < end && block[at] !== 0; at += 1) {
    const digit = (block[at] ?? 0) - 48;
    if (digit < 0 || digit > 7) return Number.NaN;
    value = value * 8 + digit;
  }
  return value;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0 || byte === 32;
}

function textAt(block: Buffer, start: number, length: number): string {
  let end = start;
  while (end < start + length && block[end] !== 0) end += 1;
  return block.toString('utf8', start, end);
}
