// Writes tars byte by byte, damaged and hostile ones too, which libraries do not.

const blockBytes = 512;

export type TarPart = {
  readonly name: string;
  readonly type?: string;
  readonly content?: string | Uint8Array;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly linkName?: string;
  readonly device?: readonly [number, number];
  /** Records of a PAX header before it. */
  readonly pax?: Readonly<Record<string, string>>;
  /** A size that is not that of the content. */
  readonly statedBytes?: number;
  readonly magic?: string;
};

/** A whole archive with its end marker. */
export function tar(parts: readonly TarPart[]): Buffer {
  return Buffer.concat([...parts.map(tarPart), tarEnd]);
}

export const tarEnd = Buffer.alloc(2 * blockBytes);

export function tarPart(part: TarPart): Buffer {
  const content = Buffer.from(part.content ?? '');
  const header = tarHeader(part, part.statedBytes ?? content.length);
  const pax = part.pax ? paxPart(part.pax) : Buffer.alloc(0);
  return Buffer.concat([pax, header, padded(content)]);
}

/** What PAX calls a record: its own length counts too. */
export function paxRecord(key: string, value: string): string {
  const restBytes = Buffer.byteLength(` ${key}=${value}\n`);
  let length = restBytes;
  while (length !== restBytes + String(length).length) length = restBytes + String(length).length;
  return `${length} ${key}=${value}\n`;
}

/** A GNU header that holds the name of the entry after it. */
export function longName(name: string, type: 'L' | 'K' = 'L'): Buffer {
  return tarPart({ name: '././@LongLink', type, content: `${name}\0`, magic: 'ustar  \0' });
}

function paxPart(records: Readonly<Record<string, string>>): Buffer {
  const content = Object.entries(records)
    .map(([key, value]) => paxRecord(key, value))
    .join('');
  return tarPart({ name: 'PaxHeader', type: 'x', content });
}

function tarHeader(part: TarPart, sizeBytes: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(part.name.slice(0, 100), 0);
  writeOctal(block, part.mode ?? 0o644, 100, 8);
  writeOctal(block, part.uid ?? 0, 108, 8);
  writeOctal(block, part.gid ?? 0, 116, 8);
  writeOctal(block, sizeBytes, 124, 12);
  writeOctal(block, 0, 136, 12);
  block.write(part.type ?? '0', 156, 'latin1');
  block.write(part.linkName ?? '', 157);
  block.write(part.magic ?? 'ustar\x0000', 257, 'latin1');
  writeOctal(block, part.device?.[0] ?? 0, 329, 8);
  writeOctal(block, part.device?.[1] ?? 0, 337, 8);
  return withChecksum(block);
}

/** Old readers add up the header with its own sum taken for spaces. */
export function withChecksum(block: Buffer): Buffer {
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function writeOctal(block: Buffer, value: number, at: number, length: number): void {
  block.write(value.toString(8).padStart(length - 1, '0'), at);
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes)]);
}
