// Layers of any size without a disk: their bytes are made again whenever they are asked for, always the same ones.

import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { headerOf, tarOf } from './tar.ts';
import type { TarItem } from './tar.ts';

export type LargeLayer = {
  readonly digest: string;
  readonly diffId: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
  readonly stream: () => Readable;
};

export type Packing = 'gzip' | 'zstd' | 'plain';

/** A large file, then the items. `seed` makes its bytes, which cannot be compressed; with 0 they are all 0. */
export async function largeLayer(
  seed: number,
  fileBytes: number,
  items: readonly TarItem[],
  packing: Packing,
): Promise<LargeLayer> {
  const tar = (): AsyncIterable<Buffer> => tarPieces(seed, fileBytes, items);
  const stream = (): Readable => packed(tar(), packing, seed === 0 ? 1 : 0);
  const [unpacked, stored] = [await measured(tar()), await measured(stream())];
  const suffix = packing === 'plain' ? '' : `+${packing}`;
  const mediaType = `application/vnd.oci.image.layer.v1.tar${suffix}`;
  return { digest: stored.digest, diffId: unpacked.digest, sizeBytes: stored.sizeBytes, mediaType, stream };
}

const pieceBytes = 1 << 18;

async function* tarPieces(
  seed: number,
  fileBytes: number,
  items: readonly TarItem[],
): AsyncGenerator<Buffer> {
  const { header, paddingBytes } = headerOf('srv/data', fileBytes);
  yield header;
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16, seed));
  const zeros = Buffer.alloc(pieceBytes);
  for (let left = fileBytes; left > 0; left -= pieceBytes)
    yield seed === 0
      ? zeros.subarray(0, Math.min(left, pieceBytes))
      : cipher.update(zeros.subarray(0, Math.min(left, pieceBytes)));
  yield Buffer.alloc(paddingBytes);
  yield tarOf(items);
}

/** What cannot be compressed is only wrapped by level 0, which is quick. */
function packed(tar: AsyncIterable<Buffer>, packing: Packing, level: number): Readable {
  const source = Readable.from(tar, { objectMode: false, highWaterMark: pieceBytes });
  if (packing === 'plain') return source;
  const packer = packing === 'gzip' ? createGzip({ level, chunkSize: pieceBytes }) : createZstdCompress();
  pipeline(source, packer).catch((error: unknown) =>
    packer.destroy(error instanceof Error ? error : undefined),
  );
  return packer;
}

async function measured(
  pieces: AsyncIterable<unknown>,
): Promise<{ readonly digest: string; readonly sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of pieces) {
    if (!Buffer.isBuffer(piece)) continue;
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}
