// What an image is built on: what makes users in it, which id is free, and when neither is asked.

import { describe, expect, test } from '@jest/globals';

import {
  config,
  directory,
  file,
  hardlink,
  largeFile,
  layer,
  program,
  readImage,
  symlink,
  whiteout,
} from '../../../../test/layers.ts';
import type { TarEntries } from '../../../../test/layers.ts';
import type { ImageBase, ImageConfig } from '../../model/image.ts';
import type { ImageUser } from '../../model/image.ts';
import { needsUser } from './image-base.ts';
import { imageInquiry } from './image-inquiry.ts';

const inquiry = (some: Partial<ImageConfig> = {}) => imageInquiry(config(some), { gid: false, base: true });
const read = (...layers: readonly TarEntries[]) => readImage(inquiry(), ...layers);
const baseOf = (...layers: readonly TarEntries[]): ImageBase | undefined => read(...layers).answer.base;

const passwd = file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n');
const group = file('etc/group', 'root:x:0:\n');
const etc = [directory('etc'), passwd, group];
const release = (text: string, path = 'usr/lib/os-release') => file(path, text);

const debian = layer(
  ...etc,
  symlink('bin', 'usr/bin'),
  symlink('sbin', 'usr/sbin'),
  symlink('etc/os-release', '../usr/lib/os-release'),
  release('NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n'),
  symlink('usr/bin/sh', 'dash'),
  program('usr/bin/dash'),
  program('usr/sbin/useradd'),
  program('usr/sbin/groupadd'),
  program('usr/sbin/adduser', '#! /usr/bin/perl\n'),
  program('usr/sbin/addgroup', '#! /usr/bin/perl\n'),
);

const alpine = layer(
  ...etc,
  release("PRETTY_NAME='Alpine Linux v3.20'", 'etc/os-release'),
  program('bin/busybox', '\u007FELF busybox'),
  symlink('bin/sh', '/bin/busybox'),
  symlink('usr/sbin/adduser', '/bin/busybox'),
  symlink('usr/sbin/addgroup', '/bin/busybox'),
);

describe('what makes users', () => {
  test('is useradd in Debian, with its folders merged, and its adduser is not the one of BusyBox', () => {
    expect(read(debian)).toEqual({
      answer: {
        user: { is: 'resolved', uid: 0, detail: 'USER is not set, which is root' },
        base: { name: 'Debian GNU/Linux 12 (bookworm)', makesUsersWith: 'useradd', freeId: 10001 },
      },
      layers: 1,
      again: 0,
    });
    const without = layer(whiteout('usr/sbin/useradd'));
    expect(baseOf(debian, without)?.makesUsersWith).toBe('shell');
  });

  test('is useradd where folders are merged the other way, as in Fedora', () => {
    const fedora = layer(
      ...etc,
      symlink('bin', 'usr/bin'),
      symlink('sbin', 'usr/bin'),
      symlink('usr/sbin', 'bin'),
      symlink('usr/bin/sh', 'bash'),
      ...['bash', 'useradd', 'groupadd'].map((name) => program(`usr/bin/${name}`)),
    );
    expect(read(fedora)).toMatchObject({ answer: { base: { makesUsersWith: 'useradd' } }, again: 0 });
  });

  test('is adduser in Alpine', () => {
    expect(baseOf(alpine)).toEqual({ name: 'Alpine Linux v3.20', makesUsersWith: 'adduser', freeId: 10001 });
  });

  test('is adduser where all of BusyBox is hard links to whichever name came first', () => {
    const names = ['addgroup', 'adduser', 'busybox', 'sh'].map((name) => hardlink(`bin/${name}`, 'bin/[', { mode: 0o755 })); // prettier-ignore
    expect(baseOf(layer(...etc, program('bin/['), ...names))?.makesUsersWith).toBe('adduser');
  });

  test.each<[what: string, entries: TarEntries]>([
    ['there is nothing else', [...etc, program('bin/sh')]],
    ['a busybox has no applet for it', [...etc, program('bin/busybox'), symlink('bin/sh', 'busybox')]],
    ['adduser comes without addgroup', [...alpine, whiteout('usr/sbin/addgroup')].filter(({ path, is }) => is === 'whiteout' || path !== 'usr/sbin/addgroup')], // prettier-ignore
    ['useradd comes without groupadd', [...etc, program('bin/sh'), program('usr/sbin/useradd')]],
    ['useradd may not be executed', [...etc, program('bin/sh'), file('sbin/useradd'), program('sbin/groupadd')]], // prettier-ignore
    ['useradd has no files to write to', debian.filter(({ path }) => path !== 'etc/group')],
    ['useradd is a folder', [...etc, program('bin/sh'), directory('sbin/useradd'), program('sbin/groupadd')]], // prettier-ignore
  ])('is the shell where %s', (_what, entries) => {
    expect(baseOf(entries)?.makesUsersWith).toBe('shell');
  });

  test.each<[what: string, entries: TarEntries]>([
    ['there is nothing', []],
    ['there is no shell', [...etc, program('app'), program('usr/sbin/useradd'), program('usr/sbin/groupadd')]], // prettier-ignore
    ['the shell was removed', [...etc, program('bin/busybox')]],
    ['the shell may not be executed', [...etc, file('bin/sh')]],
    ['the shell is a link without an end', [...etc, symlink('bin/sh', 'sh')]],
  ])('is nothing where %s', (_what, entries) => {
    expect(baseOf(entries)).toEqual({ makesUsersWith: 'none', freeId: 10001 });
  });

  test('is what the top layers leave of it', () => {
    expect(baseOf(alpine, layer(whiteout('bin')))?.makesUsersWith).toBe('none');
    expect(baseOf(alpine, debian)?.makesUsersWith).toBe('useradd');
  });
});

describe('a free id', () => {
  const freeIn = (users: string, groups: string): number | undefined =>
    baseOf(layer(file('etc/passwd', users), file('etc/group', groups)))?.freeId;

  test.each<[users: string, groups: string, id: number]>([
    ['', '', 10001],
    ['a:x:10001:0::/:\n', '', 10002],
    ['a:x:5:10001::/:\n', '', 10002],
    ['', 'a:x:10001:\n', 10002],
    ['a:x:10001:10002::/:\n', 'a:x:10003:\n', 10004],
    ['app10001:x:7:7::/:\n', 'app10002:x:8:\n', 10003],
    ['a:x:4294977297:0::/:\n', '', 10002], // 10001 in its lowest 32 bits
    ['a:x:10002:0::/:\n', '# b:x:10001:\n', 10001],
  ])('for %j and %j is %d', (users, groups, id) => {
    expect(freeIn(users, groups)).toBe(id);
  });

  test('is soon found among very many', () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `u${at}:x:${10_001 + at}:1::/:\n`);
    expect(freeIn(lines.join(''), '')).toBe(30_001);
  });

  test.each<[what: string, entries: TarEntries]>([
    ['is larger than what is read of it', [largeFile('etc/passwd')]],
    ['is a folder', [directory('etc/group')]],
    ['has a line that runtimes give up at', [file('etc/passwd', 'x'.repeat(70_000))]],
  ])('is nobody knows which where a file %s', (_what, entries) => {
    expect(baseOf(layer(program('bin/sh'), ...entries))).toBeUndefined();
  });

  test('is no use where a line cannot be appended, but a program rewrites the file', () => {
    const cut = file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh');
    expect(baseOf(layer(program('bin/sh'), cut, group))).toBeUndefined();
    expect(baseOf(debian, layer(cut))?.makesUsersWith).toBe('useradd');
    expect(baseOf(layer(cut))?.makesUsersWith).toBe('none');
    expect(baseOf(layer(program('bin/sh'), file('etc/passwd')))?.makesUsersWith).toBe('shell');
  });
});

describe('its name', () => {
  const nameOf = (text: string): string | undefined => baseOf(layer(release(text)))?.name;

  test.each<[text: string, name: string | undefined]>([
    ['PRETTY_NAME=Wolfi', 'Wolfi'],
    ['PRETTY_NAME="a \\"b\\" \\$c \\\\ d"\r\n', 'a "b" $c \\ d'],
    ["PRETTY_NAME='a\\b'", 'a\\b'],
    ['PRETTY_NAME="one"\nPRETTY_NAME="two"\n', 'two'],
    ['# PRETTY_NAME="no"\nNAME="no"\n', undefined],
    ['PRETTY_NAME=""', undefined],
    ['PRETTY_NAME="', '"'],
    ['PRETTY_NAME="a\u001B[2Jb\u202E"', 'a\uFFFD[2Jb\uFFFD'],
  ])('in %j is %j', (text, name) => {
    expect(nameOf(text)).toBe(name);
  });

  test('is bounded, and absent where the file is too large', () => {
    expect(nameOf(`PRETTY_NAME="${'x'.repeat(5000)}"`)).toHaveLength(128);
    expect(baseOf(layer(largeFile('etc/os-release')))).toEqual({ makesUsersWith: 'none', freeId: 10001 });
  });

  test('is that of etc before that of usr/lib', () => {
    const both = layer(release('PRETTY_NAME=a', 'etc/os-release'), release('PRETTY_NAME=b'));
    expect(baseOf(both)?.name).toBe('a');
  });
});

describe('is read', () => {
  const named = (user: string) => readImage(inquiry({ user }), alpine, layer(file('etc/passwd', 'app:x:7:7\ntoor:x:0:0\n'))); // prettier-ignore

  test('of an image without a user that may pass', () => {
    for (const user of ['', '0', ':5', 'toor', 'ghost', '4294967294', '-1'])
      expect(named(user).answer.base?.makesUsersWith).toBe('adduser');
  });

  test('of no other image, and then no layer is read for it', () => {
    expect(named('app')).toMatchObject({ layers: 1, again: 0 });
    expect(named('app').answer).not.toHaveProperty('base');
    expect(named('10001')).toMatchObject({ layers: 0 });
    expect(readImage(inquiry({ os: 'windows' }), alpine).layers).toBe(0);
  });

  test('only if it is wanted', () => {
    const plain = imageInquiry(config(), { gid: false });
    expect(readImage(plain, alpine)).toMatchObject({ layers: 0 });
  });

  test('together with the user that the entrypoint drops to', () => {
    const entrypoint = layer(
      file('etc/passwd', 'root:x:0:0::/root:/bin/sh\nredis:x:999:998::/:/bin/sh\n'),
      program('entrypoint.sh', '#!/bin/sh\nexec gosu redis "$@"\n'),
    );
    const { answer } = readImage(inquiry({ entrypoint: ['/entrypoint.sh'] }), debian, entrypoint);
    expect(answer).toMatchObject({ droppedUser: { name: 'redis', uid: 999 }, base: { makesUsersWith: 'useradd' } }); // prettier-ignore
    expect(answer).not.toHaveProperty('risks');
  });

  test('not again and again: links of usual images are known before', () => {
    expect(read(alpine, layer(file('x')))).toMatchObject({ layers: 2, again: 0 });
    expect(read(debian, layer(file('x')))).toMatchObject({ layers: 2, again: 0 });
  });
});

test.each<[user: ImageUser, needs: boolean]>([
  [{ is: 'resolved', uid: 0, detail: '' }, true],
  [{ is: 'resolved', uid: 1, detail: '' }, false],
  [{ is: 'resolved', uid: 2_147_483_647, detail: '' }, false],
  [{ is: 'resolved', uid: 2_147_483_648, detail: '' }, true],
  [{ is: 'notInImage', detail: '' }, true],
  [{ is: 'invalid', detail: '' }, true],
  [{ is: 'unreadable', detail: '' }, false],
  [{ is: 'notNeeded', detail: '' }, false],
])('whether %j needs another user: %s', (user, needs) => {
  expect(needsUser(user)).toBe(needs);
});
