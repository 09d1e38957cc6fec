// The ways in which a layer may be compressed, each as some builder or registry does it.

import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';

export type Compression = keyof typeof compressions;

type Packed = { readonly bytes: Buffer; readonly mediaType: string };

const mediaType = 'application/vnd.oci.image.layer.v1.tar';
const plain = (bytes: Buffer): Packed => ({ bytes, mediaType });
const gzip = (bytes: Buffer): Packed => ({ bytes, mediaType: `${mediaType}+gzip` });
const zstd = (bytes: Buffer): Packed => ({ bytes, mediaType: `${mediaType}+zstd` });

export const compressions = {
  plain: plain,
  gzip: (tar: Buffer) => gzip(gzipSync(tar)),
  'gzip of several members': (tar: Buffer) => gzip(inParts(tar, (part) => gzipSync(part))),
  'gzip of stored blocks': (tar: Buffer) => gzip(gzipSync(tar, { level: 0 })),
  'gzip with a file name': (tar: Buffer) => gzip(namedGzip(tar)),
  zstd: (tar: Buffer) => zstd(zstdCompressSync(tar)),
  'zstd of several frames': (tar: Buffer) => zstd(inParts(tar, (part) => zstdCompressSync(part))),
  'zstd with a skippable frame': (tar: Buffer) =>
    zstd(Buffer.concat([zstdCompressSync(tar), skippable, zstdCompressSync(Buffer.alloc(0))])),
} as const satisfies Readonly<Record<string, (tar: Buffer) => Packed>>;

/** Cut where no block of the tar ends. */
function inParts(tar: Buffer, pack: (part: Buffer) => Buffer): Buffer {
  const cuts = [0, 100, 700, tar.length];
  return Buffer.concat(cuts.slice(1).map((end, at) => pack(tar.subarray(cuts[at], end))));
}

/** As `gzip FILE` writes it: the name stands between the header and the data. */
function namedGzip(tar: Buffer): Buffer {
  const head = Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]);
  return Buffer.concat([head, Buffer.from('layer.tar\0'), deflateRawSync(tar), gzipSync(tar).subarray(-8)]);
}

const skippable = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]), Buffer.from('notes')]);
