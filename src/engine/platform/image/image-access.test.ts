// Whether an image confirms or refutes that a process was denied what it wanted, and where it says nothing.

import { describe, expect, test } from '@jest/globals';

import {
  config,
  device,
  directory,
  file,
  layer,
  opaque,
  program,
  readImage,
  symlink,
  whiteout,
} from '../../../../test/layers.ts';
import type { TarEntries } from '../../../../test/layers.ts';
import type { FoundAccess, ImageConfig, SoughtAccess } from '../../model/image.ts';
import { imageInquiry } from './image-inquiry.ts';

const etc = layer(
  directory('etc'),
  file('etc/passwd', 'root:x:0:0::/root:/bin/sh\napp:x:10001:20001::/app:/bin/sh\n'),
  file('etc/group', 'root:x:0:\nwriters:x:300:app\nother:x:301:\n'),
);
const app = { uid: 10001, gid: 20001 };

const read = (some: Partial<ImageConfig>, sought: SoughtAccess, ...layers: readonly TarEntries[]) =>
  readImage(imageInquiry(config(some), { gid: false, access: sought }), etc, ...layers);

const write = (path: string, ...layers: readonly TarEntries[]): FoundAccess | undefined =>
  read({}, { path, ...app }, ...layers).answer.access;

const run = (path: string, ...layers: readonly TarEntries[]): FoundAccess | undefined =>
  read({}, { path, ...app, wanted: 'execute' }, ...layers).answer.access;

const denied = (detail: string): FoundAccess => ({ detail, isAllowed: false });
const allowed = (detail: string): FoundAccess => ({ detail, isAllowed: true });

const owned = (path: string, uid: number, gid: number, mode: number) => directory(path, { uid, gid, mode });
const data = layer(directory('var'), directory('var/data'));

describe('a directory', () => {
  test.each<[why: string, uid: number, gid: number, mode: number]>([
    ['its owner', 10001, 0, 0o700],
    ['its group', 0, 20001, 0o770],
    ['a group of the group file', 0, 300, 0o770],
    ['everybody', 0, 0, 0o777],
    ['everybody, sticky', 0, 0, 0o1777],
  ])('is writable by %s, and so is what would be made in it', (_why, uid, gid, mode) => {
    const srv = layer(owned('srv', uid, gid, mode));
    expect(write('/srv', srv)).toEqual(allowed('/srv is writable by 10001'));
    expect(write('/srv/x', srv)).toEqual(allowed('/srv is writable by 10001'));
  });

  test.each<[why: string, uid: number, gid: number, mode: number, shown: string]>([
    ["is root's", 0, 0, 0o755, '0:0 with mode 0755'],
    ["is group 0's", 0, 0, 0o775, '0:0 with mode 0775'],
    ["is another group's", 0, 301, 0o1775, '0:301 with mode 1775'],
    ['may only be read by its owner', 10001, 20001, 0o577, '10001:20001 with mode 0577'],
    ['may not be passed', 0, 0, 0o772, '0:0 with mode 0772'],
  ])('is not, where it %s', (_why, uid, gid, mode, shown) => {
    const srv = layer(owned('srv', uid, gid, mode));
    const why = denied(`/srv is owned by ${shown} and not writable by 10001`);
    expect(write('/srv', srv)).toEqual(why);
    expect(write('/srv/x', srv)).toEqual(why);
  });

  test('is writable with the group that was asked about, not with that of passwd', () => {
    const srv = layer(owned('srv', 0, 0, 0o775));
    const asked = (gid: number) => read({}, { path: '/srv', uid: 10001, gid }, srv).answer.access;
    expect(asked(0)).toMatchObject({ isAllowed: true });
    expect(asked(5)).toMatchObject({ isAllowed: false });
  });
});

describe('what is not in the image', () => {
  test.each<[path: string, decides: string]>([
    ['/var/data/x', '/var/data'],
    ['/var/data/x/y/z', '/var/data'],
    ['/var/data/', '/var/data'],
    ['/var//./data/x', '/var/data'],
    ['/.cache', '/'],
    ['/var/log/x', '/var'],
    ['/../../var/data/x', '/var/data'],
    ['/var/data/../x', '/var'],
  ])('%s would be made in the deepest directory that is', (path, decides) => {
    const why = denied(`${decides} is owned by 0:0 with mode 0755 and not writable by 10001`);
    expect(write(path, data)).toEqual(why);
  });

  test('was there, before a layer took it away', () => {
    const mine = layer(directory('var'), owned('var/data', 10001, 0, 0o755));
    const inVar = denied('/var is owned by 0:0 with mode 0755 and not writable by 10001');
    expect(write('/var/data/x', mine)).toMatchObject({ isAllowed: true });
    expect(write('/var/data/x', mine, layer(whiteout('var/data')))).toEqual(inVar);
    expect(write('/var/data/x', mine, layer(opaque('var')))).toEqual(inVar);
  });

  test('is not said of what a runtime makes at the start', () => {
    const some = { workingDir: '/jobs/app', volumes: ['/var/data/db'] };
    const said = (path: string) => read(some, { path, ...app }, data).answer.access;
    for (const path of ['/jobs/x', '/jobs/app/x', 'x', '/var/data/db/x']) expect(said(path)).toBeUndefined();
    expect(said('/var/data/x')).toMatchObject({ isAllowed: false });
    expect(said('/workshop')).toMatchObject({ isAllowed: false });
  });

  test('cannot be executed, which is no matter of permissions', () => {
    expect(run('/var/data/x', data)).toBeUndefined();
  });
});

describe('a file', () => {
  test.each<[why: string, uid: number, mode: number, access: FoundAccess]>([
    ["of root's", 0, 0o644, denied('/f is owned by 0:0 with mode 0644 and not writable by 10001')],
    ["of root's that all may write", 0, 0o666, allowed('/f is writable by 10001')],
    ['of its own', 10001, 0o600, allowed('/f is writable by 10001')],
    ['to read', 10001, 0o466, denied('/f is owned by 10001:0 with mode 0466 and not writable by 10001')],
  ])('%s decides for itself, not its directory', (_why, uid, mode, access) => {
    expect(write('/f', layer(file('f', '', { uid, mode })))).toEqual(access);
  });

  test('is not denied where its directory is missing as well', () => {
    const writes = (path: string) => read({}, { path, ...app, wanted: 'write' }, data).answer.access;
    expect(writes('/var/data/x')).toMatchObject({ isAllowed: false });
    expect(writes('/nowhere/x')).toBeUndefined();
    expect(write('/nowhere/x')).toMatchObject({ isAllowed: false });
  });

  test('is read with other rights than it is written with', () => {
    const files = layer(file('open', '', { mode: 0o644 }), file('own', '', { mode: 0o600 }));
    const reads = (path: string) => read({}, { path, ...app, wanted: 'read' }, files).answer.access;
    expect(reads('/open')).toEqual(allowed('/open is readable by 10001'));
    expect(reads('/own')).toEqual(denied('/own is owned by 0:0 with mode 0600 and not readable by 10001'));
    expect(reads('/missing')).toBeUndefined();
  });

  test('may lie in a directory that cannot be passed', () => {
    const hidden = layer(directory('root', { mode: 0o700 }), file('root/f', '', { mode: 0o777 }));
    const why = '/root/f lies in /root, which is owned by 0:0 with mode 0700 and not';
    expect(write('/root/f', hidden)).toEqual(denied(`${why} writable by 10001`));
    expect(run('/root/f', hidden)).toEqual(denied(`${why} executable by 10001`));
  });

  test('is executed with other rights than it is written with', () => {
    const programs = layer(program('good'), file('bad'), directory('dir'), directory('own', { mode: 0o700 }));
    expect(run('/good', programs)).toEqual(allowed('/good is executable by 10001'));
    expect(write('/good', programs)).toMatchObject({ isAllowed: false });
    expect(run('/bad', programs)).toEqual(
      denied('/bad is owned by 0:0 with mode 0644 and not executable by 10001'),
    );
    expect(run('/dir', programs)).toEqual(allowed('/dir is open to 10001'));
    expect(run('/own', programs)).toEqual(
      denied('/own is owned by 0:0 with mode 0700 and not open to 10001'),
    );
  });

  test('in the way of a directory is no matter of permissions', () => {
    expect(write('/etc/passwd/x')).toBeUndefined();
  });

  test('that is a device is judged like others', () => {
    expect(write('/null', layer(device('null')))).toMatchObject({ isAllowed: false });
  });
});

describe('links', () => {
  const target = owned('srv/own', 10001, 0, 0o755);

  test.each<[why: string, entries: TarEntries, detail: string, isAllowed: boolean]>([
    ['relative', [symlink('var/data', '../srv/own'), target], '/srv/own is writable by 10001', true],
    ['absolute', [symlink('var/data', '/srv/own'), target], '/srv/own is writable by 10001', true],
    ['above', [symlink('var', 'srv/own'), target], '/srv/own is writable by 10001', true],
    ['out of the root', [symlink('var/data', '../../../srv/own'), target], '/srv/own is writable by 10001', true], // prettier-ignore
    ['to nothing', [directory('srv'), symlink('var/data', '/srv/gone')], '/srv is owned by 0:0 with mode 0755 and not writable by 10001', false], // prettier-ignore
  ])('%s are followed inside the image', (_why, entries, detail, isAllowed) => {
    expect(write('/var/data/x', layer(...entries))).toEqual({ detail, isAllowed });
  });

  test('without an end say nothing, nor does .. behind one, where runtimes differ', () => {
    expect(write('/a/x', layer(symlink('a', 'b'), symlink('b', 'a')))).toBeUndefined();
    expect(write('/a/../x', layer(symlink('a', 'srv/own'), target))).toBeUndefined();
  });

  test('into what a runtime mounts say nothing', () => {
    const log = layer(directory('dev'), symlink('var/log/access.log', '/dev/stdout'));
    expect(write('/var/log/access.log', log)).toBeUndefined();
    expect(write('/var/log/access.log', layer(symlink('var/log/access.log', '/dev/stdout')))).toBeUndefined();
  });
});

describe('a path', () => {
  test('without a slash in front starts at WORKDIR', () => {
    const relative = (path: string) =>
      read({ workingDir: '/var/data' }, { path, ...app }, data).answer.access?.detail;
    const why = 'owned by 0:0 with mode 0755 and not writable by 10001';
    expect(relative('x')).toBe(`/var/data is ${why}`);
    expect(relative('./logs/x')).toBe(`/var/data is ${why}`);
    expect(relative('../x')).toBe(`/var is ${why}`);
  });

  test.each([
    '',
    '~/.cache',
    '/var/data/a\0b',
    '/var/data/\uFFFD',
    `/${'v'.repeat(200)}…`,
    `/${'v'.repeat(256)}`,
    '/dev/stdout',
    '/proc/self/oom_score_adj',
    '/sys/fs/cgroup',
    '/etc/hosts',
    '/run/secrets/kubernetes.io/serviceaccount/token',
  ])('%j is not for the image to decide, so no layer is read for it', (path) => {
    expect(read({ user: '10001' }, { path, ...app }, data)).toEqual({
      answer: { user: { is: 'resolved', uid: 10001, detail: 'USER is the number 10001' } },
      layers: 0,
      again: 0,
    });
  });

  test('that a shell looks for in PATH is not known', () => {
    const server = layer(program('bin/server', '', { mode: 0o700 }));
    expect(run('server', server)).toBeUndefined();
    expect(run('bin/server', server)).toMatchObject({ isAllowed: false });
  });

  test('as long and deep as may be is followed to its end, and cut where it is shown', () => {
    const deep = '/d'.repeat(128);
    const entries = Array.from({ length: 128 }, (_, at) => directory(deep.slice(1, 2 * at + 2)));
    const found = write(deep, layer(...entries));
    expect(found).toMatchObject({ isAllowed: false });
    expect(found?.detail.length).toBeLessThan(200);
  });
});

describe('layers', () => {
  test('are read only down to where it is decided, besides what the groups take', () => {
    const top = layer(...etc, directory('var'), owned('var/data', 10001, 0, 0o755), file('var/data/x'));
    expect(read({ user: '10001' }, { path: '/var/data/x', ...app }, data, top)).toMatchObject({
      answer: { access: { isAllowed: false } },
      layers: 1,
      again: 0,
    });
  });

  test('are not read of a Windows image', () => {
    expect(read({ os: 'windows' }, { path: '/var/data', ...app }, data)).toEqual({
      answer: { user: expect.objectContaining({ is: 'notNeeded' }) },
      layers: 0,
      again: 0,
    });
  });

  test('say everything else that is asked of them at once', () => {
    const inquiry = imageInquiry(config({ home: '/etc' }), {
      gid: false,
      base: true,
      risksFor: app,
      access: { path: '/var/data', ...app },
    });
    expect(readImage(inquiry, etc, data)).toMatchObject({
      answer: {
        user: { is: 'resolved', uid: 0 },
        base: { makesUsersWith: 'none' },
        risks: [{ code: 'RootOwnedPath' }],
        access: { isAllowed: false },
      },
      again: 0,
    });
  });
});
