// Files in a folder or a tar that a user names. Each read opens and closes its file.

import { causeCode } from '../../net/cause-code.ts';
import { createReadStream, constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readBounded } from '../http/bounded.ts';
import { RegistryError } from '../error.ts';
import { cleanPath } from '../layers/layer-entries.ts';
import { defaultLimits } from '../limits.ts';
import { TarReader, type TarEntry } from '../layers/tar.ts';
import { isCompressed } from '../layers/unpack.ts';

/** Paths are clean and relative. Errors are RegistryErrors; `notFound` for a missing file. */
export type Files = {
  readonly sizeOf: (path: string) => Promise<number | undefined>;
  readonly stream: (path: string, signal: AbortSignal) => AsyncIterable<Uint8Array>;
};

const pieceBytes = 64 * 1024;
const linkLimit = 8;
const entryLimit = 100_000;

/** Regular files only, no links. */
function filesInFolder(folder: string): Files {
  return {
    sizeOf: async (path) => {
      const found = await stat(join(folder, path)).catch(() => undefined);
      return found?.isFile() === true ? found.size : undefined;
    },
    stream: (path, signal) => contentOf(join(folder, path), signal),
  };
}

async function* contentOf(file: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(file, flags).catch((cause: unknown) => {
    throw fileError(file, cause);
  });
  try {
    if (!(await handle.stat()).isFile())
      throw new RegistryError('badAnswer', `${file} is not a regular file`);
    const stream = handle.createReadStream({ highWaterMark: pieceBytes, autoClose: false, signal });
    yield* pieces(stream, file, signal);
  } finally {
    await handle.close();
  }
}

/** Of a tar whose entries are known. Links within it are followed. */
function filesInTar(tar: string, entries: ReadonlyMap<string, TarEntry>): Files {
  return {
    sizeOf: async (path) => findIn(entries, path)?.storedBytes,
    stream: async function* (path, signal) {
      const entry = findIn(entries, path);
      if (!entry) throw new RegistryError('notFound', `${tar} has no ${path}`);
      if (entry.storedBytes === 0) return;
      const range = { start: entry.offset, end: entry.offset + entry.storedBytes - 1 };
      yield* pieces(createReadStream(tar, { ...range, highWaterMark: pieceBytes, signal }), tar, signal);
    },
  };
}

function findIn(entries: ReadonlyMap<string, TarEntry>, path: string): TarEntry | undefined {
  let current = path;
  for (let hops = 0; hops <= linkLimit; hops += 1) {
    const entry = entries.get(current);
    if (entry?.type === 'file') return entry;
    if (entry?.type === 'link') current = cleanPath(entry.linkName);
    else if (entry?.type === 'symlink') current = cleanPath(`${current}/../${entry.linkName}`);
    else return undefined;
  }
  return undefined;
}

/** The whole of a small file. */
export async function readFileIn(
  files: Files,
  path: string,
  limitBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  return await readBounded(files.stream(path, signal), limitBytes, path);
}

/** The files at a path, a folder or a tar. Of the tar only the headers are read. */
export async function filesAt(path: string, signal: AbortSignal): Promise<Files> {
  const found = await stat(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  if (found.isDirectory()) return filesInFolder(path);
  if (!found.isFile()) throw new RegistryError('unsupported', `${path} is neither a folder nor a file`);
  return filesInTar(path, await entriesOf(path, signal));
}

async function entriesOf(path: string, signal: AbortSignal): Promise<ReadonlyMap<string, TarEntry>> {
  const entries = new Map<string, TarEntry>();
  const reader = new TarReader({
    entry: (entry) => {
      const name = cleanPath(entry.name);
      if (name.split('/').length > defaultLimits.pathDepth)
        throw new RegistryError('tooDeep', `${path} has too deep a path`);
      if (entries.size >= entryLimit) throw new RegistryError('tooMany', `${path} has too many entries`);
      entries.set(name, entry);
      return false;
    },
    content: () => undefined,
  });
  await readHeaders(path, reader, signal);
  return entries;
}

async function readHeaders(path: string, reader: TarReader, signal: AbortSignal): Promise<void> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const buffer = Buffer.alloc(pieceBytes);
  for (let position = 0; position < size && !reader.hasEnded;) {
    signal.throwIfAborted();
    const skipped = Math.min(reader.skippableBytes, size - position);
    if (skipped > 0) reader.skip(skipped);
    const { bytesRead } = await file.read(buffer, 0, pieceBytes, position + skipped);
    const piece = buffer.subarray(0, bytesRead);
    if (position === 0 && isCompressed(piece))
      throw new RegistryError(
        'unsupported',
        `${path} is compressed as a whole: unpack it with gunzip or zstd first`,
      );
    reader.push(piece);
    position += skipped + bytesRead;
    if (bytesRead === 0) break;
  }
  reader.end();
}

async function* pieces(
  stream: AsyncIterable<unknown>,
  file: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of stream) if (piece instanceof Uint8Array) yield piece;
  } catch (cause) {
    throw signal.aborted ? new RegistryError('aborted', `${file}: aborted`) : fileError(file, cause);
  }
}

function fileError(file: string, cause: unknown): RegistryError {
  const code = causeCode(cause);
  if (code === 'ENOENT') return new RegistryError('notFound', `${file} does not exist`, { cause });
  return new RegistryError('badAnswer', `${file} cannot be read (${code || String(cause)})`, { cause });
}
