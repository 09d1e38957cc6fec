// What may go wrong for a uid, and who an entrypoint drops to: each said only where the layers show it.

import { describe, expect, test } from '@jest/globals';

import {
  config,
  directory,
  file,
  largeFile,
  layer,
  program,
  readImage,
  symlink,
  whiteout,
} from '../../../../test/layers.ts';
import type { TarEntries } from '../../../../test/layers.ts';
import type { ImageConfig } from '../../model/image.ts';
import { imageInquiry } from './image-inquiry.ts';
import type { InquiryAnswer, RiskSubject } from './image-inquiry.ts';

const etc = layer(
  directory('etc'),
  file(
    'etc/passwd',
    'root:x:0:0::/root:/bin/sh\napp:x:10001:20001::/app:/bin/sh\nredis:x:999:998::/:/bin/sh\n',
  ),
  file('etc/group', 'root:x:0:\nwriters:x:300:app\nother:x:301:\n'),
  directory('app', { uid: 10001, gid: 20001 }),
);

const app: RiskSubject = { uid: 10001 };

function ask(
  some: Partial<ImageConfig>,
  risksFor: 'self' | RiskSubject,
  ...layers: readonly TarEntries[]
): InquiryAnswer {
  return readImage(imageInquiry(config(some), { gid: true, risksFor }), ...layers).answer;
}

const risks = (
  some: Partial<ImageConfig>,
  risksFor: RiskSubject,
  ...layers: readonly TarEntries[]
): readonly string[] =>
  (ask(some, risksFor, etc, ...layers).risks ?? []).map(({ code, detail }) => `${code}: ${detail}`);

describe('a directory that is not writable', () => {
  const owned = (uid: number, gid: number, mode: number) => layer(directory('srv', { uid, gid, mode }));

  test.each<[why: string, uid: number, gid: number, mode: number]>([
    ['owner', 10001, 0, 0o700],
    ['primary group', 0, 20001, 0o770],
    ['group of the group file', 0, 300, 0o770],
    ['everybody', 0, 0, 0o777],
    ['everybody, sticky', 0, 0, 0o1777],
  ])('is none for its %s', (_why, uid, gid, mode) => {
    expect(risks({ workingDir: '/srv' }, app, owned(uid, gid, mode))).toEqual([]);
  });

  test.each<[why: string, uid: number, gid: number, mode: number]>([
    ["root's", 0, 0, 0o755],
    ['of group 0, which the uid is not in', 0, 0, 0o775],
    ["of another group's", 0, 301, 0o775],
    ["its owner's, who may only read", 10001, 20001, 0o577],
    ["its group's, which may only read", 0, 20001, 0o757],
    ['writable, but not to be searched', 0, 0, 0o772],
  ])('is %s', (_why, uid, gid, mode) => {
    expect(risks({ workingDir: '/srv' }, app, owned(uid, gid, mode))).toHaveLength(1);
  });

  test('is writable with group 0, primary or not', () => {
    const openShift = owned(0, 0, 0o775);
    expect(risks({ workingDir: '/srv' }, { uid: 10001, gid: 0 }, openShift)).toEqual([]);
    expect(risks({ workingDir: '/srv' }, { uid: 10001, groups: [0] }, openShift)).toEqual([]);
    expect(risks({ workingDir: '/srv' }, { uid: 10001, groups: [5] }, openShift)).toHaveLength(1);
  });

  test('is said with owner, mode and uid, each path once', () => {
    const some = { workingDir: '/srv', volumes: ['/srv', '/data'], home: '/data' };
    expect(risks(some, app, layer(directory('srv'), directory('data', { mode: 0o700 })))).toEqual([
      'RootOwnedPath: WORKDIR /srv is owned by 0:0 with mode 0755 and not writable by 10001',
      'RootOwnedPath: VOLUME /data is owned by 0:0 with mode 0700 and not writable by 10001',
    ]);
  });

  test('may lie in one that cannot be passed', () => {
    const hidden = layer(
      directory('root', { mode: 0o700 }),
      directory('root/data', { uid: 10001, mode: 0o777 }),
    );
    expect(risks({ workingDir: '/root/data' }, app, hidden)).toEqual([
      'RootOwnedPath: WORKDIR /root/data lies in /root, which is owned by 0:0 with mode 0700 and not writable by 10001',
    ]);
  });

  test('is the one behind a link', () => {
    expect(risks({ workingDir: '/srv' }, app, layer(symlink('srv', 'app')))).toEqual([]);
    expect(
      risks({ workingDir: '/data' }, app, layer(symlink('data', '/srv'), directory('srv'))),
    ).toHaveLength(1);
  });

  test('is HOME of the environment, else of passwd, there or not', () => {
    expect(risks({ home: '/home/app' }, app)).toEqual(['RootOwnedPath: HOME /home/app is not in the image']);
    expect(risks({}, app, layer(directory('app', { uid: 0 })))).toEqual([
      'RootOwnedPath: HOME /app is owned by 0:0 with mode 0755 and not writable by 10001',
    ]);
    expect(risks({ home: '/' }, app)).toEqual([]);
  });

  test('is one that the runtime has yet to make, since it makes it for root', () => {
    expect(risks({ workingDir: '/srv', volumes: ['/x'] }, app)).toEqual([
      'RootOwnedPath: WORKDIR /srv is not in the image, so it will be owned by root',
      'RootOwnedPath: VOLUME /x is not in the image, so it will be owned by root',
    ]);
  });

  test('is none where it is a file, or root asks', () => {
    expect(risks({ workingDir: '/srv' }, app, layer(file('srv')))).toEqual([]);
    expect(risks({ workingDir: '/srv', home: '/gone' }, { uid: 0 }, owned(5, 5, 0))).toEqual([]);
  });
});

describe('an entrypoint that is not executable', () => {
  test.each<[why: string, some: Partial<ImageConfig>, entries: TarEntries, risk: string | undefined]>([
    [
      'by others',
      { entrypoint: ['/run'] },
      layer(program('run', 'x', { mode: 0o750 })),
      '/run is owned by 0:0 with mode 0750 and not executable by 10001',
    ],
    [
      'by anybody',
      { cmd: ['/run'] },
      layer(file('run', 'x')),
      '/run is owned by 0:0 with mode 0644 and not executable by 10001',
    ],
    [
      'for what is above it',
      { entrypoint: ['/o/run'] },
      layer(directory('o', { mode: 0o700 }), program('o/run')),
      '/o/run lies in /o, which is owned by 0:0 with mode 0700 and not executable by 10001',
    ],
    [
      'as a script that cannot be read',
      { entrypoint: ['/run'] },
      layer(program('run', '#!/bin/sh\n', { mode: 0o711 })),
      '/run is owned by 0:0 with mode 0711 and not executable and readable by 10001',
    ],
    [
      'for its interpreter',
      { entrypoint: ['/run'] },
      layer(program('run', '#! /opt/sh -e\n'), program('opt/sh', 'x', { mode: 0o700 })),
      '/opt/sh is owned by 0:0 with mode 0700 and not executable by 10001',
    ],
    [
      'through PATH',
      { entrypoint: ['run'], path: '/opt/bin:/bin' },
      layer(file('opt/bin/run', 'x'), program('bin/run', 'x', { mode: 0o700 })),
      '/bin/run is owned by 0:0 with mode 0700 and not executable by 10001',
    ],
    [
      'from WORKDIR on',
      { entrypoint: ['./run'], workingDir: '/app' },
      layer(program('app/run', 'x', { mode: 0o700 })),
      '/app/run is owned by 0:0 with mode 0700 and not executable by 10001',
    ],
    [
      'through links',
      { entrypoint: ['/bin/run'] },
      layer(
        symlink('bin', 'usr/bin'),
        symlink('usr/bin/run', '../lib/run'),
        program('usr/lib/run', 'x', { mode: 0o700 }),
      ),
      '/usr/lib/run is owned by 0:0 with mode 0700 and not executable by 10001',
    ],
    [
      'behind an init',
      { entrypoint: ['/tini', '-p', 'SIGTERM', '--', '/run'] },
      layer(program('tini'), program('run', 'x', { mode: 0o700 })),
      '/run is owned by 0:0 with mode 0700 and not executable by 10001',
    ],
    ['not, where it is', { entrypoint: ['/run'] }, layer(program('run')), undefined],
    [
      'not, where its group is',
      { entrypoint: ['/run'] },
      layer(program('run', 'x', { gid: 20001, mode: 0o710 })),
      undefined,
    ],
    ['not, where it is missing', { entrypoint: ['/run'] }, layer(program('run'), whiteout('x')), undefined],
    [
      'not, where the interpreter is missing',
      { entrypoint: ['/run'] },
      layer(program('run', '#!/nowhere/sh\n')),
      undefined,
    ],
    ['not, where nothing is started', {}, layer(), undefined],
  ])('%s', (_why, some, entries, risk) => {
    expect(risks(some, app, entries)).toEqual(risk === undefined ? [] : [`EntrypointNotExecutable: ${risk}`]);
  });
});

describe('other risks', () => {
  test('ports below 1024, for all but root', () => {
    const exposedPorts = [
      '80/tcp',
      '8080/tcp',
      '443',
      '1024/tcp',
      '1000-2000/udp',
      '0/tcp',
      'http',
      '65535/tcp',
    ];
    expect(risks({ exposedPorts }, app).map((risk) => risk.split(' ')[2])).toEqual([
      '80/tcp',
      '443',
      '1000-2000/udp',
    ]);
    expect(risks({ exposedPorts }, { uid: 0 })).toEqual([]);
  });

  test('file capabilities of what is started, for root too', () => {
    const bound = layer(
      largeFile('server', { mode: 0o755, hasCapabilities: true }),
      largeFile('other', { hasCapabilities: true }),
    );
    for (const who of [app, { uid: 0 }])
      expect(risks({ entrypoint: ['/server'] }, who, bound)).toEqual([
        'FileCapabilities: /server has file capabilities, which a process without them in its bounding set may not execute',
      ]);
  });

  test('no entry in passwd', () => {
    expect(risks({}, { uid: 1234 })).toEqual([
      'NoPasswdEntry: 1234 has no name and no home: etc/passwd has no entry for it',
    ]);
    expect(ask({}, { uid: 1234 }).risks?.[0]?.detail).toContain('the image has no etc/passwd');
    expect(ask({}, { uid: 1234 }, layer(largeFile('etc/passwd'))).risks).toEqual([]);
  });

  test.each<[why: string, some: Partial<ImageConfig>, entries: TarEntries, risk: string]>([
    [
      'a script',
      { entrypoint: ['/run'] },
      layer(program('run', '#!/bin/sh\nexec gosu redis "$@"')),
      '/run line 2 switches to redis with gosu, which only root may do',
    ],
    [
      'a script that a shell reads',
      { entrypoint: ['sh', '/run'] },
      layer(file('run', 'exec gosu "$U" "$@"')),
      '/run line 1 switches users with gosu, which only root may do',
    ],
    [
      'the config itself',
      { entrypoint: ['su-exec', 'redis', 'redis-server'] },
      layer(),
      'the entrypoint switches to redis with su-exec, which only root may do',
    ],
    [
      'the config behind an init',
      { entrypoint: ['tini', '--', 'gosu', 'redis'] },
      layer(),
      'the entrypoint switches to redis with gosu, which only root may do',
    ],
    [
      'a shell form',
      { cmd: ['/bin/sh', '-c', 'exec gosu redis redis-server'] },
      layer(),
      'the entrypoint switches to redis with gosu, which only root may do',
    ],
    [
      's6-overlay',
      { entrypoint: ['/init'] },
      layer(program('init', '#!/bin/sh -e\nexec /package/admin/s6-overlay/libexec/preinit\n')),
      '/init line 1 switches users with s6-overlay, which only root may do',
    ],
  ])('an entrypoint that switches users: %s', (_why, some, entries, risk) => {
    const found = risks(some, app, entries).filter((each) => each.startsWith('SwitchesUser'));
    expect(found).toEqual([`SwitchesUser: ${risk}`]);
  });

  test('nothing in them is invisible, whatever an image calls its files', () => {
    const nasty = '/a\u001b[2J\u202e\nb';
    const found = risks(
      { workingDir: nasty, entrypoint: [`${nasty}/run`] },
      app,
      layer(directory(nasty.slice(1)), file(`${nasty.slice(1)}/run`, '')),
    );
    expect(found).toHaveLength(2);
    for (const risk of found) expect(risk).toMatch(/^[^\p{Cc}\p{Cf}]{1,400}$/u);
  });
});

describe('whom risks are for', () => {
  test("is the image's own user with its own group", () => {
    const some = { user: 'app', workingDir: '/srv' };
    expect(ask(some, 'self', etc, layer(directory('srv', { gid: 20001, mode: 0o770 }))).risks).toEqual([]);
    expect(ask(some, 'self', etc, layer(directory('srv'))).risks).toMatchObject([{ code: 'RootOwnedPath' }]);
  });

  test('is nobody where the image does not say who it runs as', () => {
    const answer = ask({ user: 'nosuch', exposedPorts: ['80/tcp'] }, 'self', etc);
    expect(answer.user.is).toBe('notInImage');
    expect(answer).not.toHaveProperty('risks');
  });

  test('is nobody where nobody asks, and then only what is needed is read', () => {
    const some = config({ user: 'app', workingDir: '/srv' });
    const { answer, layers } = readImage(imageInquiry(some, { gid: true }), layer(directory('srv')), etc);
    expect(answer).not.toHaveProperty('risks');
    expect(layers).toBe(1);
  });
});

describe('the user that an entrypoint drops to', () => {
  const dropping = (script: string, ...layers: readonly TarEntries[]) =>
    ask({ entrypoint: ['/run'] }, 'self', etc, layer(program('run', `#!/bin/sh\n${script}`)), ...layers)
      .droppedUser;

  test('comes with its numbers, where they stand, and where it is named', () => {
    expect(dropping('exec gosu redis "$@"')).toEqual({
      name: 'redis',
      uid: 999,
      gid: 998,
      detail:
        '/run line 2 switches to redis with gosu; etc/passwd line 3 of layer sha256:1 says redis is 999:998',
    });
  });

  test.each<[script: string, uid: number, gid: number]>([
    ['exec gosu redis:writers redis-server', 999, 300],
    ['exec gosu redis:5 redis-server', 999, 5],
    ['exec gosu 999 redis-server', 999, 998],
    ['exec setpriv --reuid=redis --clear-groups redis-server', 999, 0],
    ['gosu redis init\nexec gosu redis redis-server', 999, 998],
    ['gosu root chown\nexec gosu redis redis-server', 999, 998],
  ])('%j', (script, uid, gid) => {
    expect(dropping(script)).toMatchObject({ name: 'redis', uid, gid });
  });

  test.each([
    'exec gosu root server',
    'exec gosu 0:0 server',
    'exec gosu "$USER" server',
    'exec gosu nosuch server',
    'exec gosu 4321 server',
    'exec gosu redis:nosuch server',
    'gosu app init\nexec gosu redis server',
    'exec server',
  ])('is not guessed from %j', (script) => {
    expect(dropping(script)).toBeUndefined();
  });

  test('is none where the name is root by another number', () => {
    expect(dropping('exec gosu redis', layer(file('etc/passwd', 'redis:x:0:0')))).toBeUndefined();
  });

  test('is read no further than 64 KiB', () => {
    expect(dropping(`${'#\n'.repeat(40_000)}exec gosu redis`)).toBeUndefined();
  });
});

test('links are known before layers are read to the end, so that few are read again', () => {
  const some = { entrypoint: ['run'], workingDir: '/srv', home: '/srv' };
  const upper = layer(
    symlink('srv', 'data/srv'),
    symlink('bin', 'usr/bin'),
    program('usr/bin/run', '#!/bin/sh\n'),
  );
  const inquiry = imageInquiry(config(some), { gid: true, risksFor: app });
  expect(readImage(inquiry, etc, layer(), layer(), upper)).toMatchObject({ layers: 4, again: 1 });
});

describe('what the command, its script and the files that it runs name', () => {
  const server = (content: string) =>
    layer(file('app/server.js', content), program('usr/bin/node', '\u007FELF'));
  const node = { entrypoint: ['node', 'server.js'], workingDir: '/app' };

  test.each<[why: string, some: Partial<ImageConfig>, entries: TarEntries, risk: string]>([
    [
      'a shell text that writes to a file of root',
      { cmd: ['/bin/sh', '-c', 'echo x > /etc/app.conf; exec sleep 1d'] },
      layer(program('bin/sh'), file('etc/app.conf', '')),
      'RootOwnedPath: the entrypoint names /etc/app.conf: /etc/app.conf is owned by 0:0 with mode 0644 and not writable by 10001',
    ],
    [
      'a script that makes a folder',
      { entrypoint: ['/run.sh'] },
      layer(
        program('bin/sh'),
        program('run.sh', '#!/bin/sh\nmkdir -p /var/lib/shop\n'),
        directory('var/lib'),
      ),
      'RootOwnedPath: /run.sh names /var/lib/shop: /var/lib is owned by 0:0 with mode 0755 and not writable by 10001',
    ],
    [
      'a program that an interpreter runs',
      node,
      server("fs.appendFileSync('/var/log/shop.log', line)\n"),
      'RootOwnedPath: /app/server.js names /var/log/shop.log: / is owned by 0:0 with mode 0755 and not writable by 10001',
    ],
    [
      'a script that its script calls',
      { entrypoint: ['/run.sh'] },
      layer(
        program('bin/sh'),
        program('run.sh', '#!/bin/sh\nexec /usr/lib/shop/start.sh\n'),
        program('usr/lib/shop/start.sh', '#!/bin/sh\ntouch /var/lib/shop/state\n'),
        directory('var/lib/shop'),
      ),
      'RootOwnedPath: /usr/lib/shop/start.sh names /var/lib/shop/state: /var/lib/shop is owned by 0:0 with mode 0755 and not writable by 10001',
    ],
    [
      'a program that its script ends with',
      { entrypoint: ['/run.sh'], workingDir: '/app' },
      layer(
        program('bin/sh'),
        program('run.sh', '#!/bin/sh\nexec node server.js\n'),
        program('usr/bin/node'),
        file('app/server.js', "fs.mkdirSync('/var/lib/shop')\n"),
      ),
      'RootOwnedPath: /app/server.js names /var/lib/shop: / is owned by 0:0 with mode 0755 and not writable by 10001',
    ],
    [
      'a file that it cannot read',
      { cmd: ['/bin/sh', '-c', 'exec serve $(cat /etc/shop.key)'] },
      layer(program('bin/sh'), file('etc/shop.key', 'x', { mode: 0o600 })),
      'RootOwnedPath: the entrypoint names /etc/shop.key, which is owned by 0:0 with mode 0600 and not readable by 10001',
    ],
    [
      'a low port',
      node,
      server('http.createServer(answer).listen(80)\n'),
      'PrivilegedPort: /app/server.js names port 80, below 1024, where some nodes let only root listen',
    ],
    [
      'a program with capabilities behind a script',
      { entrypoint: ['/run.sh', 'node'] },
      layer(
        program('bin/sh'),
        program('run.sh', '#!/bin/sh\nexec "$@"\n'),
        program('usr/bin/node', '\u007FELF', { hasCapabilities: true }),
      ),
      'FileCapabilities: /usr/bin/node has file capabilities, which a process without them in its bounding set may not execute',
    ],
    [
      'a program that is not there',
      { entrypoint: ['nowhere'] },
      layer(),
      'NotChecked: nowhere is not found in the image',
    ],
    [
      'a WORKDIR that is not what it should be',
      { workingDir: '/srv/x' },
      layer(file('srv', '')),
      'NotChecked: WORKDIR /srv/x: srv is not a directory',
    ],
  ])('%s', (_why, some, entries, risk) => {
    expect(risks(some, app, entries)).toEqual([risk]);
  });

  test.each<[why: string, text: string]>([
    ['its own folder', "fs.writeFileSync('/app/cache.json', x)\n"],
    ['what all may write', "fs.writeFileSync('/tmp/x', y); open('/dev/stdout', 'w')\n"],
    ['what is only read', "const tls = fs.readFileSync('/etc/ssl/cert.pem'); const os = '/var/lib/os'\n"],
    ['a comment', '// writes to /var/log/shop.log\n'],
    ['a URL or a route', "fetch('https://x.example/var/log'); app.get('/users', list)\n"],
    ['a high port', 'listen(8080)\n'],
  ])('but not %s', (_why, text) => {
    expect(risks(node, app, server(text), layer(file('var/lib/os', '')))).toEqual([]);
  });
});
