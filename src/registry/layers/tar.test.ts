import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import {
  longName,
  paxRecord,
  tar,
  tarEnd,
  tarPart,
  withChecksum,
  type TarPart,
} from '../../../test/registry/tar.ts';
import { TarReader, type TarEntry } from './tar.ts';

type Read = TarEntry & { readonly content?: string };

/** All entries with the content of those that are files, read in pieces of a size. */
function read(bytes: Uint8Array, pieceBytes = bytes.length): readonly Read[] {
  const found: Read[] = [];
  const reader = new TarReader({
    entry: (entry) => found.push(entry) > 0,
    content: (entry, content) =>
      void (found[found.indexOf(entry)] = { ...entry, content: Buffer.from(content).toString() }),
  });
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes));
  reader.end();
  return found;
}

function outcomeOf(act: () => unknown): string {
  try {
    act();
    return 'fine';
  } catch (error) {
    return error instanceof Error ? error.name : 'nonsense';
  }
}

function readParts(...parts: readonly TarPart[]): readonly Read[] {
  return read(tar(parts));
}

describe('TarReader', () => {
  test('reads names, owners, modes and contents, however the bytes are cut', () => {
    const bytes = tar([
      { name: 'etc/', type: '5', mode: 0o755 },
      { name: 'etc/passwd', content: 'a:x:1:2', uid: 10, gid: 20, mode: 0o4640 },
      { name: 'etc/big', content: 'b'.repeat(1500) },
      { name: 'link', type: '2', linkName: '../x' },
      { name: 'hard', type: '1', linkName: 'etc/passwd' },
    ]);
    const whole = read(bytes);
    expect(whole).toMatchObject([
      { name: 'etc/', type: 'directory', mode: 0o755 },
      { name: 'etc/passwd', type: 'file', content: 'a:x:1:2', uid: 10, gid: 20, mode: 0o4640, sizeBytes: 7 },
      { name: 'etc/big', content: 'b'.repeat(1500) },
      { name: 'link', type: 'symlink', linkName: '../x' },
      { name: 'hard', type: 'link', linkName: 'etc/passwd' },
    ]);
    for (const pieceBytes of [1, 7, 511, 512, 513, 4096]) expect(read(bytes, pieceBytes)).toEqual(whole);
  });

  test('takes from PAX what is longer or larger than the old header holds', () => {
    const long = `${'d/'.repeat(120)}f`;
    expect(
      readParts(
        {
          name: 'x',
          pax: { path: long, uid: '4294967294', gid: '7', 'SCHILY.xattr.security.capability': '\u0001x' },
        },
        { name: 'y', type: '2', pax: { linkpath: long } },
        { name: 'z' },
      ),
    ).toMatchObject([
      { name: long, uid: 4294967294, gid: 7, hasCapabilities: true },
      { name: 'y', linkName: long, hasCapabilities: false },
      { name: 'z', uid: 0, hasCapabilities: false },
    ]);
  });

  test('takes long names of GNU, which win over those of PAX', () => {
    const bytes = Buffer.concat([
      longName('a/long/name'),
      longName('a/long/target', 'K'),
      tarPart({ name: 'x', type: '2', pax: { path: 'b' } }),
      tarEnd,
    ]);
    expect(read(bytes)).toMatchObject([{ name: 'a/long/name', linkName: 'a/long/target' }]);
  });

  test('does nothing with global headers, as the runtimes do, and drops the extended headers before them', () => {
    const content = paxRecord('path', 'etc/passwd');
    const header = tarPart({ name: 'g', type: 'g', content });
    const before = tarPart({ name: 'x', type: 'x', content });
    expect(read(Buffer.concat([before, header, tarPart({ name: 'a' }), tarEnd]))).toMatchObject([
      { name: 'a' },
    ]);
  });

  test('ends at two blocks of zeros, whatever follows', () => {
    const bytes = Buffer.concat([
      tar([{ name: 'a' }]),
      tar([{ name: 'etc/passwd' }]),
      Buffer.from('rubbish'),
    ]);
    expect(read(bytes).map(({ name }) => name)).toEqual(['a']);
  });

  test('may end without its marker, and without the padding of its last file', () => {
    expect(read(tarPart({ name: 'a' })).map(({ name }) => name)).toEqual(['a']);
    expect(read(Buffer.concat([tarPart({ name: 'a' }), Buffer.alloc(512)]))).toHaveLength(1);
    expect(read(tarPart({ name: 'a', content: 'abc' }).subarray(0, 515))).toMatchObject([{ content: 'abc' }]);
    expect(read(Buffer.alloc(0))).toEqual([]);
  });

  test('takes a name with a slash at its end for a folder in the oldest archives only', () => {
    expect(
      readParts({ name: 'a/', type: '\0' }, { name: 'b/', type: '0' }, { name: 'c', type: '\0' }),
    ).toMatchObject([
      { name: 'a/', type: 'directory' },
      { name: 'b/', type: 'file' },
      { name: 'c', type: 'file' },
    ]);
  });

  test('reads no content for types that have none, whatever size their header says', () => {
    const bytes = Buffer.concat([
      tarPart({ name: 'a', type: '2', statedBytes: 512 }),
      tarPart({ name: 'etc/passwd', content: 'x' }),
      tarEnd,
    ]);
    expect(read(bytes).map(({ name }) => name)).toEqual(['a', 'etc/passwd']);
  });

  test('joins the two parts of a name, and only where the format has them', () => {
    const header = (magic: string): Buffer => {
      const block = tarPart({ name: 'passwd', magic });
      block.write('0755', 345); // a time to GNU
      return withChecksum(block);
    };
    expect(read(Buffer.concat([header('ustar\x0000'), tarEnd]))).toMatchObject([{ name: '0755/passwd' }]);
    expect(read(Buffer.concat([header('ustar  \0'), tarEnd]))).toMatchObject([{ name: 'passwd' }]);
    expect(read(Buffer.concat([header('\0\0\0\0\0\0\0\0'), tarEnd]))).toMatchObject([{ name: 'passwd' }]);
  });

  test('takes the second part of a name from where old Docker put it', () => {
    const block = tarPart({ name: 'passwd', magic: 'ustar  \0' });
    block.write('home/someone/etc', 345);
    expect(read(Buffer.concat([withChecksum(block), tarEnd]))).toMatchObject([
      { name: 'home/someone/etc/passwd' },
    ]);
  });

  test('reads numbers in binary', () => {
    const block = tarPart({ name: 'a' });
    block.set([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe], 108);
    block.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], 116);
    expect(read(Buffer.concat([withChecksum(block), tarEnd]))).toMatchObject([{ uid: 4294967294, gid: -2 }]);
  });

  test('gives sparse files their name and size, and no content', () => {
    const map = '1\n0\n3\n'.padEnd(512, '\0');
    const pax = {
      'GNU.sparse.major': '1',
      'GNU.sparse.minor': '0',
      'GNU.sparse.name': 'etc/passwd',
      'GNU.sparse.realsize': '9000',
    };
    const [entry, next] = readParts(
      { name: 'GNUSparseFile/passwd', content: `${map}abc`, pax },
      { name: 'next' },
    );
    expect(entry).toMatchObject({ name: 'etc/passwd', sizeBytes: 9000, storedBytes: 515 });
    expect(entry).not.toHaveProperty('content');
    expect(next?.name).toBe('next');
  });

  test('reads a file of an unknown sparse form as a plain file', () => {
    const pax = { 'GNU.sparse.major': '9', 'GNU.sparse.minor': '9', 'GNU.sparse.name': 'etc/passwd' };
    expect(readParts({ name: 'x', content: 'abc', pax })).toMatchObject([{ name: 'x', content: 'abc' }]);
  });

  test.each([
    ['a wrong checksum', Buffer.concat([Buffer.from('x'), tarPart({ name: 'a' }).subarray(1), tarEnd])],
    ['no header', Buffer.alloc(512, 'x')],
    ['an end within a header', tarPart({ name: 'a' }).subarray(0, 100)],
    ['an end within a file', tarPart({ name: 'a', content: 'b'.repeat(600) }).subarray(0, 700)],
    ['half an end marker', Buffer.concat([Buffer.alloc(512), tarPart({ name: 'a' })])],
    ['old sparse files', tar([{ name: 'a', type: 'S' }])],
    ['unknown types', tar([{ name: 'a', type: 'Z' }])],
    ['contiguous files', tar([{ name: 'a', type: '7' }])],
    ['a negative size', tar([{ name: 'a', pax: { size: '-1' } }])],
    ['a size that is not a number', tar([{ name: 'a', pax: { size: '1e3' } }])],
    ['a uid that is not a number', tar([{ name: 'a', pax: { uid: 'root' } }])],
    ['a time that is not a number', tar([{ name: 'a', pax: { mtime: 'noon' } }])],
    ['a NUL in a name', tar([{ name: 'a', pax: { path: 'etc/passwd\0x' } }])],
    ['a PAX record that is too long', tar([{ name: 'x', type: 'x', content: '99 path=a\n' }])],
    ['a PAX record without a key', tar([{ name: 'x', type: 'x', content: '6 =ab\n' }])],
    ['a PAX record without a newline', tar([{ name: 'x', type: 'x', content: '10 path=ab' }])],
    [
      'a PAX header of more than 1 MiB',
      tar([{ name: 'x', type: 'x', content: paxRecord('a', 'b'.repeat(2 ** 20)) }]),
    ],
    ['a PAX header that claims to be huge', tar([{ name: 'x', type: 'x', statedBytes: 2 ** 32 }])],
  ])('refuses %s', (_, bytes) => {
    expect(() => read(bytes)).toThrow(expect.objectContaining({ code: 'badAnswer' }));
  });

  test('skips unwanted content without reading its bytes', () => {
    const bytes = tar([{ name: 'a', content: 'x'.repeat(5000) }, { name: 'b' }]);
    const names: string[] = [];
    const reader = new TarReader({ entry: ({ name }) => names.push(name) < 0, content: () => undefined });
    reader.push(bytes.subarray(0, 512));
    expect(reader.skippableBytes).toBe(5120);
    reader.skip(5120);
    reader.push(bytes.subarray(512 + 5120));
    reader.end();
    expect(names).toEqual(['a', 'b']);
  });

  test('reads what another writer packs', async () => {
    const part = fc.record({
      name: fc.stringMatching(/^[a-zé]{1,30}(\/[a-zA-Z0-9._é-]{1,50}){0,5}$/),
      content: fc.string({ maxLength: 2000 }),
      uid: fc.nat(0o777777),
      mode: fc.integer({ min: 1, max: 0o7777 }),
    });
    const property = fc.asyncProperty(
      fc.array(part, { maxLength: 8 }),
      fc.integer({ min: 1, max: 2000 }),
      async (parts, pieceBytes) => {
        const packer = pack();
        for (const { content, ...header } of parts) packer.entry(header, content);
        packer.finalize();
        const pieces: Uint8Array[] = [];
        for await (const piece of packer) pieces.push(piece as Uint8Array);
        expect(read(Buffer.concat(pieces), pieceBytes)).toMatchObject(
          parts.map(({ content, ...header }) => ({ ...header, content: Buffer.from(content).toString() })),
        );
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });

  test('throws nothing but its own errors, whatever comes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.tuple(fc.nat(1535), fc.nat(255)).map(([at, byte]) => {
        const good = tar([{ name: 'a', pax: { path: 'b' } }]);
        good[at] = byte;
        return good;
      }),
    );
    fc.assert(
      fc.property(bytes, (damaged) => {
        expect(['fine', 'RegistryError']).toContain(outcomeOf(() => read(damaged)));
      }),
      { numRuns: 500 },
    );
  });
});
