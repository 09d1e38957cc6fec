// USER in every form against passwd in every form: who a container runs as, and where it is written.

import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import {
  config,
  device,
  directory,
  file,
  hardlink,
  largeFile,
  layer,
  opaque,
  readImage,
  symlink,
  whiteout,
} from '../../../../test/layers.ts';
import type { TarEntries } from '../../../../test/layers.ts';
import { imageInquiry } from './image-inquiry.ts';
import { layerTree, nodeAt } from './layer-tree.ts';

const passwd =
  'root:x:0:0:root:/root:/bin/sh\napp:x:10001:20001::/app:/bin/sh\ntoor:x:0:0::/:/bin/sh\n1000:x:5:6\n';
const group = 'root:x:0:\n# staff:x:1:\nstaff:x:50:app\nbig:x:4294967294:\nodd:x:-5:\n';
const base = layer(directory('etc'), file('etc/passwd', passwd), file('etc/group', group));

const ask = (user: string, ...layers: readonly TarEntries[]) =>
  readImage(imageInquiry(config({ user }), { gid: true }), ...layers);
const userOf = (user: string, ...layers: readonly TarEntries[]) => ask(user, ...layers).answer.user;

describe('USER', () => {
  test.each<[user: string, uid: number, gid: number, name: string | undefined]>([
    ['', 0, 0, 'root'],
    ['0', 0, 0, 'root'],
    ['-0', 0, 0, 'root'],
    [':', 0, 0, 'root'],
    [':50', 0, 0, 'root'],
    [':staff', 0, 0, 'root'],
    ['root', 0, 0, 'root'],
    ['toor', 0, 0, 'toor'],
    ['app', 10001, 20001, 'app'],
    ['app:', 10001, 20001, 'app'],
    ['app:0', 10001, 20001, 'app'],
    ['app:staff', 10001, 20001, 'app'],
    ['app:nosuch', 10001, 20001, 'app'],
    ['app:a:b', 10001, 20001, 'app'],
    ['10001', 10001, 20001, 'app'],
    ['+10001', 10001, 20001, 'app'],
    ['0010001', 10001, 20001, 'app'],
    ['10001:7', 10001, 20001, 'app'],
    ['1000', 1000, 0, undefined],
    ['1000:staff', 1000, 0, undefined],
    ['2147483647', 2147483647, 0, undefined],
  ])('%j is %d:%d', (user, uid, gid, name) => {
    const answer = userOf(user, base);
    expect(answer).toMatchObject({ is: 'resolved', uid, gid });
    expect('name' in answer ? answer.name : undefined).toBe(name);
  });

  test.each(['-1', '2147483648', '4294967296', '9223372036854775807', '-1:50'])(
    '%j is invalid, whatever the image holds',
    (user) => {
      const { answer, layers } = ask(user, base);
      expect(answer.user.is).toBe('invalid');
      expect(layers).toBe(0);
    },
  );

  test.each([
    'nosuch',
    'nosuch:staff',
    'App',
    '1000a',
    '0x3e8',
    ' 1000',
    '1_000',
    '9223372036854775808',
    '+',
    '${APP_UID}',
    'constructor',
  ])('%j is a name that passwd does not have', (user) => {
    const answer = userOf(user, base);
    expect(answer.is).toBe('notInImage');
    expect(answer).not.toHaveProperty('uid');
    expect(answer.detail).toContain('etc/passwd has no entry for it');
  });

  test('with a letter that is no text is not compared', () => {
    expect(userOf('a\uFFFD', layer(file('etc/passwd', 'a\uFFFD:x:7:8'))).is).toBe('unreadable');
  });

  test('of a Windows image has no number', () => {
    const windows = config({ os: 'windows', user: 'ContainerUser' });
    const { answer, layers } = readImage(imageInquiry(windows, { gid: true, risksFor: 'self' }), base);
    expect(answer).toEqual({
      user: { is: 'notNeeded', detail: 'this is a Windows image, where users have no numbers' },
    });
    expect(layers).toBe(0);
  });

  test('as a number needs no layer while nobody wants its group', () => {
    for (const user of ['', '0', '10001', '10001:50', '1000:staff', ':staff']) {
      const { answer, layers } = readImage(imageInquiry(config({ user }), { gid: false }), base);
      expect(answer.user).toMatchObject({ is: 'resolved', uid: Number.parseInt(user, 10) || 0 });
      expect(answer.user).not.toHaveProperty('gid');
      expect(layers).toBe(0);
    }
  });

  test('as a name brings its group, wanted or not', () => {
    const { answer } = readImage(imageInquiry(config({ user: 'app' }), { gid: false }), base);
    expect(answer.user).toMatchObject({ uid: 10001, gid: 20001 });
  });
});

describe("USER's own group", () => {
  test.each<[user: string, userGroup: number | undefined]>([
    ['app', undefined],
    ['app:', undefined],
    ['app:0', 0],
    ['app:50', 50],
    ['app:staff', 50],
    ['app:nosuch', undefined],
    ['app:a:b', undefined],
    ['app:50:', undefined],
    ['app:-1', undefined],
    ['app:2147483648', undefined],
    ['app:big', undefined],
    ['app:odd', undefined],
    ['1000:staff', 50],
    [':staff', 50],
    [':7', 7],
  ])('%j means %p', (user, userGroup) => {
    const answer = userOf(user, base);
    expect(answer.is).toBe('resolved');
    expect('userGroup' in answer ? answer.userGroup : undefined).toBe(userGroup);
  });

  test('is shown with its line, or with why it means nothing', () => {
    expect(userOf('app:staff', base).detail).toBe(
      'etc/passwd line 2 of layer sha256:1 says app is 10001:20001; etc/group line 3 of layer sha256:1 says group staff is 50',
    );
    expect(userOf('app:nosuch', base).detail).toContain(
      "; USER's group nosuch is not known: etc/group does not name it",
    );
    expect(userOf('app:staff', layer(file('etc/passwd', passwd))).detail).toContain(
      'the image has no etc/group',
    );
  });
});

describe('the answer says where it stands', () => {
  test('a name: path, line and layer', () => {
    expect(userOf('app', base, layer(file('x'))).detail).toBe(
      'etc/passwd line 2 of layer sha256:1 says app is 10001:20001',
    );
  });

  test('behind a link: the path it leads to, and the link', () => {
    const linked = layer(symlink('etc/passwd', '../usr/lib/passwd'), file('usr/lib/passwd', passwd));
    expect(userOf('app', linked).detail).toBe(
      'usr/lib/passwd line 2 of layer sha256:1, where etc/passwd leads, says app is 10001:20001',
    );
  });

  test('a number without an entry', () => {
    expect(userOf('1234', base).detail).toBe(
      'USER is the number 1234; etc/passwd has no entry for it, so its group is 0',
    );
    expect(userOf('1234', layer(file('x'))).detail).toBe(
      'USER is the number 1234; the image has no etc/passwd, since etc is not there, so its group is 0',
    );
  });

  test('no USER at all', () => {
    expect(readImage(imageInquiry(config(), { gid: false })).answer.user.detail).toBe(
      'USER is not set, which is root',
    );
  });

  test('nothing in it is invisible, and it is bounded', () => {
    const nasty = `a\u001b[31m\u202e\n${'x'.repeat(100_000)}`;
    const long = `b${'y'.repeat(60_000)}\u0007`;
    for (const detail of [
      userOf(nasty, base).detail,
      userOf(long, layer(file('etc/passwd', `${long}:x:1:1`))).detail,
    ]) {
      expect(detail).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(detail.length).toBeLessThan(500);
    }
  });
});

describe('damaged entries mean what the runtime makes of them', () => {
  test.each<[passwd: string, uid: number, gid: number]>([
    ['app:x:abc:', 0, 0],
    ['app', 0, 0],
    ['app:x:7', 7, 0],
    ['app:x:4294967296:4294967297', 0, 1],
    ['app:x:4294967294:1', 4294967294, 1],
    ['app:x:-9223372036854775809:1', 0, 1],
  ])('%j', (line, uid, gid) => {
    expect(userOf('app', layer(file('etc/passwd', line)))).toMatchObject({ is: 'resolved', uid, gid });
  });

  test.each([
    'app:x:-1:1',
    'app:x:4294967295:1',
    'app:x:-5:1',
    'app:x:99999999999999999999:1',
    'app:x:7:-1',
    'app:x:7:4294967294',
  ])('%j is nobody that a process can be', (line) => {
    const answer = userOf('app', layer(file('etc/passwd', line)));
    expect(answer.is).toBe('notInImage');
    expect(answer.detail).toContain('which no process can be');
  });

  test('an unusual gid is one that the group file has', () => {
    const withGroup = layer(file('etc/passwd', 'app:x:7:4294967294'), file('etc/group', 'big:x:4294967294:'));
    expect(userOf('app', withGroup)).toMatchObject({ uid: 7, gid: 4294967294 });
  });
});

describe('passwd that cannot be read', () => {
  const broken: readonly [why: string, entries: TarEntries][] = [
    ['a directory', layer(directory('etc/passwd'))],
    ['only seen by what lies in it', layer(file('etc/passwd/x'))],
    ['a link to a directory', layer(symlink('etc/passwd', '/usr'), directory('usr'))],
    ['a link to itself', layer(symlink('etc/passwd', 'passwd'))],
    ['links in a ring', layer(symlink('etc/passwd', '../a'), symlink('a', 'b'), symlink('b', '/etc/passwd'))],
    ['a link that grows', layer(symlink('etc', 'etc/etc'))],
    ['below a file', layer(file('etc', ''))],
    ['with a line beyond bounds', layer(file('etc/passwd', `app:x:1:1\n${'x'.repeat(70_000)}`))],
  ];

  test.each(broken)('%s: the runtime refuses names and numbers', (_why, entries) => {
    expect(userOf('app', entries).is).toBe('notInImage');
    expect(userOf('1000', entries).is).toBe('notInImage');
    expect(userOf('', entries).is).toBe('notInImage');
  });

  const missing: readonly [why: string, entries: TarEntries][] = [
    ['not there', layer(directory('etc'))],
    ['without a directory', layer()],
    ['a link to nowhere', layer(symlink('etc/passwd', '/nowhere/passwd'))],
  ];

  test.each(missing)('%s: a name is nobody, a number has group 0', (_why, entries) => {
    expect(userOf('app', entries).is).toBe('notInImage');
    expect(userOf('1000', entries)).toMatchObject({ is: 'resolved', uid: 1000, gid: 0 });
  });

  const unread: readonly [why: string, entries: TarEntries][] = [
    ['too large', layer(largeFile('etc/passwd'))],
    ['a device', layer(device('etc/passwd'))],
    ['a hard link to what comes later', layer(hardlink('etc/passwd', 'x'), file('x', passwd))],
  ];

  test.each(unread)('%s: nobody guesses', (_why, entries) => {
    expect(userOf('app', entries)).not.toHaveProperty('uid');
    expect(userOf('app', entries).is).toBe('unreadable');
    expect(userOf('1000', entries)).toMatchObject({ is: 'resolved', uid: 1000 });
    expect(userOf('1000', entries)).not.toHaveProperty('gid');
  });
});

describe("the runtime looks up a user's further groups, too", () => {
  const groups = (text: string): TarEntries =>
    layer(file('etc/passwd', 'app:x:5:6'), file('etc/group', text));
  const refused: readonly [why: string, entries: TarEntries][] = [
    ['a directory', layer(file('etc/passwd', 'app:x:5:6'), directory('etc/group'))],
    ['a link to itself', layer(file('etc/passwd', 'app:x:5:6'), symlink('etc/group', 'group'))],
    ['one with the id that is none', groups('x:x:1:app\nnone:x:4294967295:other,app')],
    ['one with a negative id', groups('minus:x:-2:app')],
  ];

  test.each(refused)('and refuses %s', (_why, entries) => {
    expect(userOf('app', entries).is).toBe('notInImage');
    expect(userOf('5', entries).is).toBe('notInImage');
    expect(userOf('7', entries)).toMatchObject({ is: 'resolved', uid: 7, gid: 0 });
  });

  test.each<[why: string, group: string]>([
    ['a large id', 'large:x:2147483648:app'],
    ['a large id under another name', 'minus:x:-2:app\nlast:x:4294967294:'],
    ['an id of more than 32 bits', 'large:x:4294967297:app'],
    ["somebody else's", 'none:x:4294967295:other'],
    ['the one of the same name', 'app:x:4294967295:app'],
    ['a long line', `long:x:1:${'m'.repeat(70_000)}`],
    ['damage', 'x\n:::\ny:x:abc:app'],
  ])('and takes %s', (_why, text) => {
    expect(userOf('app', groups(text))).toMatchObject({ is: 'resolved', uid: 5, gid: 6 });
  });

  test('but no layer is read for that', () => {
    expect(ask('app', layer(directory('etc/group')), layer(file('etc/passwd', passwd)))).toMatchObject({
      layers: 1,
      answer: { user: { uid: 10001 } },
    });
  });
});

describe('which layer has passwd', () => {
  const other = file('etc/passwd', 'app:x:7:8');
  const found = (...layers: readonly TarEntries[]) => {
    const { answer, layers: read } = ask('app', ...layers);
    return [answer.user.is === 'resolved' ? answer.user.uid : answer.user.is, read];
  };

  test.each<[why: string, layers: readonly TarEntries[], answer: readonly [uid: unknown, read: number]]>([
    ['the top one, and no other is read', [base, layer(other)], [7, 1]],
    ['the one below an unrelated layer', [base, layer(file('srv/x'))], [10001, 2]],
    [
      'none after a whiteout, and no more are read',
      [base, layer(whiteout('etc/passwd')), layer()],
      ['notInImage', 2],
    ],
    [
      'the one with the whiteout, where the file comes behind it',
      [base, layer(whiteout('etc/passwd'), other)],
      [7, 1],
    ],
    [
      'the one with the whiteout, where the file comes before it',
      [base, layer(other, whiteout('etc/passwd'))],
      [7, 1],
    ],
    ['none below an opaque directory', [base, layer(directory('etc'), opaque('etc'))], ['notInImage', 1]],
    ['the opaque directory itself', [base, layer(other, opaque('etc'))], [7, 1]],
    ['none after a whiteout of the directory', [base, layer(whiteout('etc'))], ['notInImage', 1]],
    ['none below a file in place of the directory', [base, layer(file('etc'))], ['notInImage', 1]],
    [
      'that of a link in place of the directory',
      [base, layer(symlink('etc', 'usr/etc'), file('usr/etc/passwd', 'app:x:9:9'))],
      [9, 1],
    ],
    [
      'a link in a lower layer, with the file in an upper one',
      [layer(symlink('etc', 'usr/etc')), layer(file('usr/etc/passwd', 'app:x:9:9'))],
      [9, 2],
    ],
    [
      'the real directory that hides a link in a lower layer',
      [layer(symlink('etc', 'usr/etc'), file('usr/etc/passwd', passwd)), layer(other)],
      [7, 1],
    ],
    [
      'none where a real directory hides a link',
      [layer(symlink('etc', 'usr/etc'), file('usr/etc/passwd', passwd)), layer(directory('etc'))],
      ['notInImage', 2],
    ],
    [
      'none where something lies in the directory that hides a link',
      [layer(symlink('etc', 'usr/etc'), file('usr/etc/passwd', passwd)), layer(file('etc/hosts'))],
      ['notInImage', 2],
    ],
    [
      'behind a link within the layer',
      [layer(symlink('etc', 'usr/etc'), file('etc/passwd', 'app:x:9:9'))],
      [9, 1],
    ],
    ['a hard link in the layer', [layer(file('x', 'app:x:9:9'), hardlink('etc/passwd', 'x'))], [9, 1]],
    [
      'a hard link into a layer below',
      [layer(file('x', 'app:x:9:9')), layer(hardlink('etc/passwd', 'x'))],
      [9, 2],
    ],
    [
      'a hard link to a symbolic one',
      [
        layer(
          symlink('a', 'x'),
          file('x', 'app:x:9:9'),
          hardlink('etc/passwd', 'a'),
          file('etc/x', 'app:x:4:4'),
        ),
      ],
      [4, 1],
    ],
    [
      'an absolute link',
      [base, layer(symlink('etc/passwd', '/etc/passwd.new'), file('etc/passwd.new', 'app:x:9:9'))],
      [9, 1],
    ],
    [
      'a link that climbs too far stays inside',
      [layer(symlink('etc/passwd', '../../../../../x/passwd'), file('x/passwd', 'app:x:9:9'))],
      [9, 1],
    ],
    [
      'the one below an opaque root, which overlayfs takes no notice of',
      [base, layer(opaque(''))],
      [10001, 2],
    ],
    [
      'a directory removed and made again keeps what overlayfs finds below',
      [base, layer(whiteout('etc'), directory('etc'))],
      [10001, 2],
    ],
  ])('%s', (_why, layers, answer) => {
    expect(found(...layers)).toEqual(answer);
  });

  test('only as many layers are read again as the link was in', () => {
    const layers = [
      base,
      layer(),
      layer(symlink('etc', 'real')),
      layer(file('real/passwd', 'app:x:9:9')),
      layer(),
    ];
    expect(ask('app', ...layers)).toMatchObject({ layers: 3, again: 1, answer: { user: { uid: 9 } } });
  });

  test('a long way of links is followed and ends', () => {
    const chain = Array.from({ length: 30 }, (_, index) => symlink(`l${index}`, `l${index + 1}`));
    const image = layer(symlink('etc/passwd', '../l0'), ...chain, file('l30', passwd));
    expect(userOf('app', image)).toMatchObject({ uid: 10001 });
  });
});

test.each<[why: string, user: string, known: object]>([
  ['a number', '10001', { is: 'resolved', uid: 10001 }],
  ['nothing', '', { is: 'resolved', uid: 0 }],
  ['a number out of range', '4294967294', { is: 'invalid' }],
])('USER is %s: the answer is there before the first layer', (_why, user, known) => {
  const { decide, paths } = imageInquiry(config({ user }), { gid: false });
  expect(decide([], false, paths)).toMatchObject({ is: 'answer', answer: { user: known } });
});

test('two readings of the same inquiry do not know of each other', () => {
  const inquiry = imageInquiry(config({ user: 'app' }), { gid: true });
  const linked = layer(symlink('etc', 'usr/etc'), file('usr/etc/passwd', passwd));
  expect(readImage(inquiry, linked)).toEqual(readImage(inquiry, linked));
});

test('nothing an image says of a layer makes it throw', () => {
  const path = fc
    .array(fc.constantFrom('etc', 'passwd', 'a'), { minLength: 1, maxLength: 3 })
    .map((names) => names.join('/'));
  const target = fc
    .array(fc.constantFrom('etc', 'passwd', 'a', '..', '.', '', '\0'), { maxLength: 6 })
    .map((names) => names.join('/'));
  const entry = fc.oneof(
    path.map((at) => file(at, passwd)),
    path.map((at) => directory(at)),
    path.map(whiteout),
    path.map(opaque),
    path.map(device),
    fc.tuple(path, target).map(([at, to]) => symlink(at, to)),
    fc.tuple(path, path).map(([at, to]) => hardlink(at, to)),
  );
  fc.assert(
    fc.property(fc.array(fc.array(entry, { maxLength: 6 }), { maxLength: 4 }), (layers) => {
      const { user } = ask('app', ...layers).answer;
      expect(user.is === 'resolved' ? user.uid : 10001).toBe(10001);
      expect(user.detail).toMatch(/^[\P{Cc}]+$/u);
    }),
    { numRuns: 500 },
  );
});

test('layers far beyond what is usual are taken apart in bounded work', () => {
  const deep = Array.from({ length: 250 }, () => 'd').join('/');
  const tree = layerTree({ entries: [symlink('d', 'd/d'), file(`${deep}/x`), file('y')] }, new Set());
  expect(nodeAt(tree, ['y'])?.is).toBe('file');
});
