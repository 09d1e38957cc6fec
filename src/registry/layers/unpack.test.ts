import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { unpack } from './unpack.ts';

async function* cut(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.slice(at, at + pieceBytes);
}

async function unpacked(bytes: Uint8Array, pieceBytes = Math.max(1, bytes.length)): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of unpack(cut(bytes, pieceBytes))) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}

const [a, b] = ['first '.repeat(500), 'second '.repeat(500)];
const skippable = Buffer.concat([Buffer.from([0x53, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), Buffer.from('skip')]);

describe('unpack', () => {
  test.each([
    ['plain bytes', Buffer.from(a), a],
    ['nothing', Buffer.alloc(0), ''],
    ['less than a magic number', Buffer.from('ab'), 'ab'],
    ['gzip', gzipSync(a), a],
    ['several gzip members', Buffer.concat([gzipSync(a), gzipSync(''), gzipSync(b)]), a + b],
    ['gzip with zeros after it', Buffer.concat([gzipSync(a), Buffer.alloc(600)]), a],
    ['zstd', zstdCompressSync(a), a],
    [
      'several zstd frames',
      Buffer.concat([zstdCompressSync(a), zstdCompressSync(''), zstdCompressSync(b)]),
      a + b,
    ],
    [
      'skippable frames before, between and after',
      Buffer.concat([skippable, zstdCompressSync(a), skippable, zstdCompressSync(b), skippable]),
      a + b,
    ],
    ['a skippable frame alone', skippable, ''],
  ])('undoes %s, however the bytes are cut', async (_, bytes, text) => {
    for (const pieceBytes of [1, 2, 3, 5, 19, 64, 1000, 100_000])
      expect(await unpacked(bytes, pieceBytes)).toBe(text);
  });

  test.each([
    ['cut gzip', gzipSync(a).subarray(0, -3), 'badAnswer'],
    ['cut zstd', zstdCompressSync(a).subarray(0, -3), 'badAnswer'],
    ['gzip with a wrong sum', Buffer.concat([gzipSync(a).subarray(0, -8), Buffer.alloc(8, 1)]), 'badAnswer'],
    ['gzip with rubbish after it', Buffer.concat([gzipSync(a), Buffer.from('rubbish')]), 'badAnswer'],
    [
      'gzip with rubbish after zeros',
      Buffer.concat([gzipSync(a), Buffer.alloc(9), Buffer.from('rubbish')]),
      'badAnswer',
    ],
    ['zstd with rubbish after it', Buffer.concat([zstdCompressSync(a), Buffer.from('rubbish')]), 'badAnswer'],
    [
      'damaged zstd',
      Buffer.concat([zstdCompressSync(a).subarray(0, 9), Buffer.alloc(40, 0xee)]),
      'badAnswer',
    ],
  ])('refuses %s', async (_, bytes, code) => {
    for (const pieceBytes of [1, 7, 100_000])
      await expect(unpacked(bytes, pieceBytes)).rejects.toMatchObject({ code });
  });

  test('refuses zstd that wants much memory', async () => {
    const params = { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_enableLongDistanceMatching]: 1 };
    const bytes = zstdCompressSync(Buffer.alloc(100), { params, pledgedSrcSize: undefined as never });
    const header = Buffer.from(bytes);
    // A frame that does not state its size states its window: 2^27 bytes.
    header[4] = 0;
    header[5] = (27 - 10) << 3;
    await expect(unpacked(header)).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('reads the raw stream to its end and passes its errors on', async () => {
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield gzipSync(a);
      throw new RangeError('the digest is wrong');
    };
    const read = async (): Promise<void> => {
      for await (const piece of unpack(failing())) void piece;
    };
    await expect(read()).rejects.toThrow(/the digest is wrong/);
  });

  test('ends the raw stream when its reader stops', async () => {
    let isEnded = false;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield gzipSync(a);
      } finally {
        isEnded = true;
      }
    };
    for await (const piece of unpack(endless())) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    expect(isEnded).toBe(true);
  });

  test('gives back any bytes that went in, and takes time and memory for no more than they are', async () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        frames,
        fc.boolean(),
        fc.integer({ min: 1, max: 200 }),
        async (parts, isGzip, pieceBytes) => {
          const bytes = Buffer.concat(
            parts.map((part) => (isGzip ? gzipSync(part) : zstdCompressSync(part))),
          );
          expect(await unpacked(bytes, pieceBytes)).toBe(Buffer.concat(parts).toString());
        },
      ),
      { numRuns: 50 },
    );
  });
});
