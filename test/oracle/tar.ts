// Writes small tars entry by entry, odd ones included: what image builders write, and what only careless ones do.

export type TarItem = {
  /** As it stands in the tar: `etc/passwd`, `./etc/passwd`, `/etc/passwd`. */
  readonly path: string;
  readonly type: 'file' | 'link' | 'symlink' | 'directory';
  readonly content?: Uint8Array;
  readonly target?: string;
  readonly mode?: number;
  /** Put name and target into an extended header even where they would fit. */
  readonly isExtended?: boolean;
};

export const file = (path: string, content: string | Uint8Array = '', mode = 0o644): TarItem => ({
  path,
  type: 'file',
  content: typeof content === 'string' ? Buffer.from(content) : content,
  mode,
});

export const directory = (path: string): TarItem => ({ path: `${path}/`, type: 'directory', mode: 0o755 });
export const symlink = (path: string, target: string): TarItem => ({ path, type: 'symlink', target });
export const hardLink = (path: string, target: string): TarItem => ({ path, type: 'link', target });

/** `.wh.NAME` beside what it removes from the layers below. */
export function whiteout(path: string): TarItem {
  const slash = path.lastIndexOf('/') + 1;
  return file(`${path.slice(0, slash)}.wh.${path.slice(slash)}`);
}

export const opaque = (path: string): TarItem => file(`${path}/.wh..wh..opq`);
export const extended = (item: TarItem): TarItem => ({ ...item, isExtended: true });

const blockBytes = 512;
const flags = { file: '0', link: '1', symlink: '2', directory: '5' } as const;

/** With the end marker. */
export function tarOf(items: readonly TarItem[]): Buffer {
  return Buffer.concat([...items.flatMap(piecesOf), Buffer.alloc(2 * blockBytes)]);
}

/** The header of a file whose content follows elsewhere, and how much padding must follow that. */
export function headerOf(path: string, sizeBytes: number): { header: Buffer; paddingBytes: number } {
  return {
    header: block(path, '', '0', 0o644, sizeBytes),
    paddingBytes: (blockBytes - (sizeBytes % blockBytes)) % blockBytes,
  };
}

function piecesOf(item: TarItem): readonly Buffer[] {
  const content = Buffer.from(item.content ?? []);
  const target = item.target ?? '';
  const isLong = item.path.length > 100 || target.length > 100;
  const front = isLong || item.isExtended === true ? extendedHeader(item.path, target) : [];
  const [path, link] = front.length > 0 ? ['see-extended-header', ''] : [item.path, target];
  const header = block(path, link, flags[item.type], item.mode ?? 0o777, content.length);
  return [...front, header, padded(content)];
}

function extendedHeader(path: string, target: string): readonly Buffer[] {
  const records = Buffer.from(record('path', path) + (target === '' ? '' : record('linkpath', target)));
  return [block('pax', '', 'x', 0o644, records.length), padded(records)];
}

/** The length in front counts itself. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const restBytes = Buffer.byteLength(rest);
  let length = restBytes + 1;
  while (String(length).length + restBytes !== length) length += 1;
  return `${length}${rest}`;
}

function block(path: string, target: string, flag: string, mode: number, sizeBytes: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  header.write(path, 0, 100);
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(sizeBytes, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(' '.repeat(8), 148);
  header.write(flag, 156);
  header.write(target, 157, 100);
  header.write('ustar\u000000', 257);
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte),
      6,
    )}\0 `,
    148,
  );
  return header;
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes)]);
}
