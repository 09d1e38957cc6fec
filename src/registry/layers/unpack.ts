// Unpacks a layer. Its first bytes say how it is compressed: media types are often wrong.

import { causeCode } from '../../net/cause-code.ts';
import { createGunzip, createZstdDecompress, constants, type Gunzip, type ZstdDecompress } from 'node:zlib';
import { RegistryError } from '../error.ts';
import { free } from './free.ts';

/**
 * The unpacked bytes of a gzip (several members), zstd (several frames, skippable ones too) or plain stream. The raw
 * stream is always read to its end, so that its digest can be checked. A piece may be used until the next one is asked
 * for. Throws `badAnswer` when it is damaged.
 */
export async function* unpack(raw: Pieces): AsyncGenerator<Uint8Array> {
  const source = new Source(raw);
  try {
    const start = await source.peek(4);
    if (isGzip(start)) yield* unpackGzip(source);
    else if (isZstd(start)) yield* unpackZstd(source);
    else yield* source.rest();
  } finally {
    await source.close();
  }
}

/** True when the bytes are the start of something that this file unpacks. */
export function isCompressed(start: Uint8Array): boolean {
  return isGzip(start) || isZstd(start);
}

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Not the size of the pool that Node takes small buffers from. */
const pieceBytes = 128 * 1024;
/** Unpacking takes memory of this size: 32 MiB. Usual levels want 8 MiB at most. */
const windowLog = 25;

function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b && start[2] === 0x08;
}

function isZstd([a = 0, b, c, d]: Uint8Array): boolean {
  const isFrame = a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd;
  return isFrame || ((a & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18);
}

async function* unpackGzip(source: Source): AsyncGenerator<Uint8Array> {
  yield* unpackOnce(source, createGunzip({ chunkSize: pieceBytes }));
  // Members follow each other within one decoder; only zeros end it early, which some writers append.
  for await (const padding of source.rest())
    if (padding.some((byte) => byte !== 0)) throw damaged('something follows its end');
}

/** Node's decoder stops at the end of a frame, whatever follows in the same piece. */
async function* unpackZstd(source: Source): AsyncGenerator<Uint8Array> {
  const params = { [constants.ZSTD_d_windowLogMax]: windowLog };
  while (!(await source.isAtEnd())) {
    if (!isZstd(await source.peek(4))) throw damaged('something follows its end');
    yield* unpackOnce(source, createZstdDecompress({ chunkSize: pieceBytes, params }));
  }
}

/** Until the decoder ends or the source does; what the decoder left over goes back into the source. */
async function* unpackOnce(source: Source, decoder: Gunzip | ZstdDecompress): AsyncGenerator<Uint8Array> {
  const fed = feed(source, decoder).catch((error: unknown) => {
    decoder.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const piece of decoder) {
      if (!Buffer.isBuffer(piece)) continue;
      yield piece;
      // The decoder fills one buffer after the other; a piece at the end of one is its last.
      const { buffer, byteOffset, byteLength } = piece;
      if (buffer.byteLength === pieceBytes && byteOffset + byteLength === pieceBytes)
        free(new Uint8Array(buffer));
    }
    await fed;
  } catch (error) {
    throw error instanceof RegistryError ? error : zlibError(error);
  } finally {
    decoder.destroy();
  }
}

async function feed(source: Source, decoder: Gunzip | ZstdDecompress): Promise<void> {
  let fedBytes = 0;
  for (let piece = await source.next(); piece; piece = await source.next()) {
    fedBytes += piece.length;
    await written(decoder, piece);
    const left = fedBytes - decoder.bytesWritten;
    if (left === 0) continue;
    source.giveBack(piece.subarray(piece.length - left));
    return;
  }
  decoder.end();
}

async function written(decoder: Gunzip | ZstdDecompress, piece: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const gone = (): void => reject(new Error('closed'));
  decoder.once('close', gone);
  decoder.write(piece, (error) => (error ? reject(error) : resolve()));
  await promise.finally(() => decoder.off('close', gone));
}

function zlibError(error: unknown): RegistryError {
  if (causeCode(error) === 'ZSTD_error_frameParameter_windowTooLarge')
    return new RegistryError('unsupported', 'its compression needs more than 32 MiB of memory', {
      cause: error,
    });
  return damaged(error instanceof Error ? error.message : String(error), error);
}

function damaged(what: string, cause?: unknown): RegistryError {
  return new RegistryError('badAnswer', `its compression is damaged: ${what}`, { cause });
}

/** A stream whose next bytes can be read without taking them. */
class Source {
  readonly #iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #front: Uint8Array = new Uint8Array();

  constructor(raw: Pieces) {
    this.#iterator = Symbol.asyncIterator in raw ? raw[Symbol.asyncIterator]() : raw[Symbol.iterator]();
  }

  /** The next bytes, fewer only at the end. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#front.length < count) {
      // Asking for the next piece ends the one before, so what is left of that is copied.
      const front = Buffer.from(this.#front);
      const { done, value } = await this.#iterator.next();
      this.#front = front;
      if (done === true) break;
      this.#front = front.length === 0 ? value : Buffer.concat([front, value]);
    }
    return this.#front.subarray(0, count);
  }

  async isAtEnd(): Promise<boolean> {
    return (await this.peek(1)).length === 0;
  }

  async next(): Promise<Uint8Array | undefined> {
    await this.peek(1);
    const piece = this.#front;
    this.#front = new Uint8Array();
    return piece.length === 0 ? undefined : piece;
  }

  giveBack(piece: Uint8Array): void {
    this.#front = piece;
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    for (let piece = await this.next(); piece; piece = await this.next()) yield piece;
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}
