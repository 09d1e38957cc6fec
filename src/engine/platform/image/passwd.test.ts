// How the runtimes read /etc/passwd and /etc/group, line by line.

import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { findGroups, findUser, idOf } from './passwd.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const named = (passwd: string, name: string) => findUser(bytes(passwd), (entry) => entry.name === name);

describe('an entry of passwd', () => {
  test.each<[why: string, passwd: string, uid: bigint, gid: bigint, line: number]>([
    ['as usual', 'root:x:0:0:root:/root:/bin/sh\napp:x:10001:20001::/app:/bin/sh\n', 10001n, 20001n, 2],
    ['without a final newline', 'app:x:7:8', 7n, 8n, 1],
    ['with CRLF', 'root:x:0:0\r\napp:x:7:8\r\n', 7n, 8n, 2],
    ['behind empty lines, which count', '\n \n\t\r\n\napp:x:7:8\n', 7n, 8n, 5],
    ['with blanks around the line', '  app:x:7:8::/:/sh \t\n', 7n, 8n, 1],
    ['behind a no-break space, which is a blank', '\u00a0app:x:7:8\n', 7n, 8n, 1],
    ['twice: the first counts', 'app:x:7:8\napp:x:9:10\n', 7n, 8n, 1],
    ['alone: the numbers are 0', 'app\n', 0n, 0n, 1],
    ['without numbers', 'app:x\n', 0n, 0n, 1],
    ['with an empty uid', 'app:x::8\n', 0n, 8n, 1],
    ['with a word for a uid', 'app:x:abc:\n', 0n, 0n, 1],
    ['with blanks in a number', 'app:x: 7:8\n', 0n, 8n, 1],
    ['with a sign', 'app:x:+7:-8\n', 7n, -8n, 1],
    ['with zeros in front', 'app:x:007:08\n', 7n, 8n, 1],
    ['with underscores or hexadecimal', 'app:x:1_0:0x8\n', 0n, 0n, 1],
    [
      'beyond 64 bits: the nearest',
      'app:x:99999999999999999999:-99999999999999999999\n',
      2n ** 63n - 1n,
      -(2n ** 63n),
      1,
    ],
    ['with NUL bytes elsewhere', '\0:x:1:1\napp:\0:7:8:\0\n', 7n, 8n, 2],
  ])('%s', (_why, passwd, uid, gid, line) => {
    expect(named(passwd, 'app')).toMatchObject({ name: 'app', uid, gid, line });
  });

  test.each([
    '',
    '\n',
    'apps:x:7:8\n',
    '# app:x:7:8\n',
    '#app:x:7:8\n',
    '\uFEFFapp:x:7:8\n',
    'App:x:7:8\n',
    'app\u200b:x:7:8',
    'x:app:7:8',
  ])('is not found in %j', (passwd) => {
    expect(named(passwd, 'app')).toBe('none');
  });

  test('may be called what looks like a comment, since passwd has none', () => {
    expect(named('# app:x:7:8\n', '# app')).toMatchObject({ uid: 7n });
  });

  test('with bytes that are no text does not hide those behind it', () => {
    const passwd = new Uint8Array([0xff, 0xfe, 0x3a, 0x0a, ...bytes('app:x:7:8')]);
    expect(findUser(passwd, ({ name }) => name === 'app')).toMatchObject({ uid: 7n, line: 2 });
  });

  test('brings its home', () => {
    expect(named('app:x:7:8:me:/home/app:/bin/sh:more', 'app')).toMatchObject({ home: '/home/app' });
  });
});

describe('a long line', () => {
  const entry = (length: number): string => `app:x:7:8:${'x'.repeat(length - 10)}`;

  test('of 65535 bytes is read, and one more ends everything', () => {
    expect(named(entry(65_535), 'app')).toMatchObject({ uid: 7n });
    expect(named(`${entry(65_535)}\nb:x:1:1`, 'b')).toMatchObject({ uid: 1n });
    expect(named(entry(65_536), 'app')).toBe('tooLong');
    expect(named(`${entry(65_536)}\n`, 'app')).toBe('tooLong');
  });

  test('ends everything wherever it is, even behind the entry', () => {
    expect(named(`b:x:1:1\n${entry(70_000)}\nc:x:2:2\n`, 'b')).toBe('tooLong');
    expect(named(`b:x:1:1\n${entry(70_000)}\nc:x:2:2\n`, 'c')).toBe('tooLong');
  });

  test('counts bytes, not characters', () => {
    expect(named(`b:x:1:1::${'é'.repeat(40_000)}\n`, 'b')).toBe('tooLong');
  });

  test('of blanks or digits only takes no longer than others', () => {
    expect(named(`${' '.repeat(60_000)}x\n`.repeat(15), 'app')).toBe('none');
    expect(named(`app:x:${'9'.repeat(60_000)}:1\n`, 'app')).toMatchObject({ uid: 2n ** 63n - 1n });
  });
});

test('a million lines are read to the last', () => {
  const passwd = `${'a:x:1:1\n'.repeat(1_000_000)}app:x:7:8`;
  expect(named(passwd, 'app')).toMatchObject({ uid: 7n, line: 1_000_001 });
});

test('a number becomes the id that its lowest 32 bits are', () => {
  expect([7n, 4294967294n, -1n, 4294967296n, 2n ** 63n - 1n].map(idOf)).toEqual([
    7, 4294967294, 4294967295, 0, 4294967295,
  ]);
});

describe('groups', () => {
  const groups = (group: string, name: string) => [
    ...findGroups(bytes(group), (entry) => entry.name === name),
  ];

  test('are read like users, and lines that begin with # are comments', () => {
    expect(groups('\n # staff:x:5:\nstaff:x:50:a,b\r\nstaff:x:51:', 'staff')).toEqual([
      { name: 'staff', gid: 50n, members: ['a', 'b'], line: 3 },
      { name: 'staff', gid: 51n, members: [], line: 4 },
    ]);
    expect(groups('# staff:x:5:', '# staff')).toEqual([]);
  });

  test('may have lines of any length', () => {
    const members = Array.from({ length: 30_000 }, (_, index) => `user${index}`);
    expect(groups(`staff:x:50:${members.join(',')}\nb:x:1:`, 'staff')[0]?.members).toHaveLength(30_000);
  });
});

test('whatever the bytes are, every entry found has its line among those of the file', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (content) => {
      const found = findUser(content, () => true);
      const lines = content.filter((byte) => byte === 10).length + 1;
      expect(typeof found === 'object' ? found.line : 1).toBeLessThanOrEqual(lines);
    }),
  );
});
