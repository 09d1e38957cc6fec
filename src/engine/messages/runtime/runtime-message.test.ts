// What runtimes say of an image's user in every text that carries it, and in none that merely resembles it.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { parseRuntimeMessage, parseRuntimeStatus, type RuntimeFailure } from './runtime-message.ts';

type Row = {
  readonly id: string;
  readonly text: string;
  readonly sub?: string;
  readonly expect: Readonly<Record<string, string>>;
};

const rows = ['corpus.jsonl', 'more-refusals.jsonl'].flatMap((file) =>
  readFileSync(new URL(`../../../../cases/messages/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line): Row => JSON.parse(line)),
);
const isRuntimes = (row: Row): boolean => row.expect['cause'] === 'UserNotInImage';

const reasons = ['CreateContainerError', 'RunContainerError', 'StartError', 'ContainerCannotRun'];
const read = (text: string): RuntimeFailure | undefined => parseRuntimeStatus('CreateContainerError', text);

describe('the corpus', () => {
  test.each(rows.filter(isRuntimes).map((row) => [row.id, row] as const))('%s is read', (_id, row) => {
    const { cause: _cause, ...names } = row.expect;
    const { family, ...said } = parseRuntimeMessage(row.text) ?? {};
    expect(said).toEqual(names);
    expect(['group', 'userns-unmapped'].includes(family ?? '') ? family : undefined).toBe(row.sub);
  });

  test.each(rows.filter((row) => !isRuntimes(row)).map((row) => [row.id, row] as const))(
    '%s is none of these',
    (_id, row) => {
      expect(parseRuntimeMessage(row.text)).toBeUndefined();
      expect(read(row.text)).toBeUndefined();
    },
  );
});

describe('recorded clusters', () => {
  const directory = new URL('../../../../cases/recordings/', import.meta.url);
  const found = readdirSync(directory).flatMap((file) => {
    const text = readFileSync(new URL(file, directory), 'utf8');
    const states = text.matchAll(/\{"message":("(?:[^"\\]|\\.)*"),"reason":"(\w+)"\}/g);
    const refusals = Array.from(states, ([, message = '""', reason = '']) =>
      parseRuntimeStatus(reason, JSON.parse(message)),
    );
    return refusals.filter((refusal) => refusal !== undefined).map((refusal) => [file, refusal] as const);
  });

  test('of which two have such a status', () => {
    expect(Object.fromEntries(found)).toEqual({
      'no-passwd-file.json': { family: 'passwd-file' },
      'user-not-in-image.json': { family: 'user' },
    });
  });
});

const mounted = '/var/lib/containerd/tmpmounts/containerd-mount3984021361';
const containerd = `failed to create containerd container: mount callback failed on ${mounted}: `;
const runc =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ';
const caused = (text: string): string =>
  `OCI runtime create failed: container_linux.go:380: starting container process caused "${text}": unknown`;
const noUser = (name: string): string => `unable to find user ${name}: no matching entries in passwd file`;

const messages: readonly (readonly [string, RuntimeFailure])[] = [
  [`${containerd}no users found`, { family: 'user' }],
  [`${containerd}no groups found`, { family: 'group' }],
  [`${containerd}open ${mounted}/etc/passwd: no such file or directory`, { family: 'passwd-file' }],
  [`${containerd}openat etc/passwd: path escapes from parent`, { family: 'passwd-file' }],
  [`${containerd}container ID 6553600 cannot be mapped to a host ID`, { family: 'userns-unmapped' }],
  [noUser('app'), { family: 'user', user: 'app' }],
  [`linux spec user: ${noUser('app')}`, { family: 'user', user: 'app' }],
  [`Error response from daemon: ${noUser('app')}`, { family: 'user', user: 'app' }],
  [`get exec user: ${noUser('DOMAIN\\svc')}`, { family: 'user', user: 'DOMAIN\\svc' }],
  [`${runc}${noUser('www-data')}: unknown`, { family: 'user', user: 'www-data' }],
  [
    'linux spec user: unable to find group staff: no matching entries in group file',
    { family: 'group', user: 'staff' },
  ],
  [`failed to start container "web": ${noUser('app')}`, { family: 'user', user: 'app', container: 'web' }],
  [caused('setup user: invalid argument'), { family: 'userns-unmapped' }],
  [
    caused('process_linux.go:449: container init caused \\"setup user: invalid argument\\"'),
    { family: 'userns-unmapped' },
  ],
  [
    `${runc}unable to setup user: cannot set uid to unmapped user in user namespace: unknown`,
    { family: 'userns-unmapped' },
  ],
  [
    `${runc}unable to setup user: cannot set gid to unmapped user in user namespace`,
    { family: 'userns-unmapped' },
  ],
  [`${runc}unable to setup user: setgroups: invalid argument: unknown`, { family: 'userns-unmapped' }],
  [
    'container create failed: time="2024-01-01T00:00:00Z" level=error msg="runc create failed: unable to start container process: unable to setup user: cannot set uid to unmapped user in user namespace"',
    { family: 'userns-unmapped' },
  ],
  ['container create failed: setgroups: Invalid argument\n', { family: 'userns-unmapped' }],
  ['container create failed: cannot setresgid to 1000: Invalid argument', { family: 'userns-unmapped' }],
  ['setgid(0): Invalid argument', { family: 'userns-unmapped' }],
  ['cannot use uidmapping or gidmapping if RunAsUser is not set', { family: 'userns-unmapped' }],
];

describe.each(messages)('%s', (message, expected) => {
  test('is read from the status, for each reason of the runtime', () => {
    for (const reason of reasons) expect(parseRuntimeStatus(reason, message)).toEqual(expected);
  });

  test("is an application's for any other reason", () => {
    for (const reason of ['Error', 'CrashLoopBackOff', 'CreateContainerConfigError', 'Completed', ''])
      expect(parseRuntimeStatus(reason, message)).toBeUndefined();
  });

  test('is read from a paste', () => {
    expect(parseRuntimeMessage(message)).toEqual(expected);
    expect(parseRuntimeMessage(`Error: ${message}`)).toEqual(expected);
    expect(parseRuntimeMessage(`(combined from similar events): Error: ${message}`)).toEqual(expected);
    expect(parseRuntimeMessage(JSON.stringify(JSON.stringify(`Error: ${message}`)))).toMatchObject({
      family: expected.family,
    });
  });

  test('is read with the names that stand around it', () => {
    const quoted = JSON.stringify(message);
    const journal = `"Error syncing pod, skipping" err=${JSON.stringify(`failed to "StartContainer" for "app" with CreateContainerError: ${quoted}`)} pod="shop/web-1" podUID="5d0c"`;
    const { container = 'app' } = expected;
    const names = { family: expected.family, pod: 'web-1', namespace: 'shop' };
    expect(parseRuntimeMessage(journal)).toMatchObject({ ...names, container });
    for (const before of ['container app', '&Container{Name:app,Image:a/b:1,Env:[]EnvVar{},}'])
      expect(
        parseRuntimeMessage(
          `${before.startsWith('&') ? `container ${before}` : before} start failed in pod web-1_shop(5d0c7b1e-0000-4000-8000-000000000007): RunContainerError: ${message}`,
        ),
      ).toMatchObject(names);
    expect(
      parseRuntimeMessage(
        `  Warning  Failed  2m (x9 over 4m)  kubelet  spec.containers{app}: Error: ${message}`,
      ),
    ).toMatchObject({ container });
  });
});

describe('the container', () => {
  test.each([
    ['spec.initContainers{migrate}: Error: ', 'migrate'],
    ['Error: failed to start container "migrate": Error response from daemon: linux spec user: ', 'migrate'],
    [
      'msg="CreateContainer within sandbox \\"ab\\" for &ContainerMetadata{Name:migrate,Attempt:0,} failed" error="',
      'migrate',
    ],
    ['container &Container{Name:migrate,Image:a/b:1,} start failed in pod a_b(c): ', 'migrate'],
    [runc, undefined],
    ['starting container process: ', undefined],
    [`Error: failed to start container "${'ab01'.repeat(16)}": Error response from daemon: `, undefined],
  ])('in front of it: %s', (before, container) => {
    expect(parseRuntimeMessage(`${before}${noUser('app')}`)?.container).toBe(container);
  });

  test('is never that of another line', () => {
    expect(parseRuntimeMessage(`spec.containers{other}: Started\nError: ${noUser('app')}`)).toEqual({
      family: 'user',
      user: 'app',
    });
  });
});

describe('wrapped texts', () => {
  test.each(messages.filter(([message]) => !/setg|setres/.test(message)))(
    '%s',
    (message, { family, user }) => {
      for (const breaking of ['\n', '\n      ', '\n> ', '\n│ ']) {
        for (let column = 4; column < message.length; column += 1) {
          const lines = message.match(new RegExp(`.{1,${column}}`, 'g')) ?? [];
          expect(parseRuntimeMessage(lines.join(breaking))).toMatchObject({ family, ...(user && { user }) });
        }
      }
    },
  );
});

describe('what only resembles it is none', () => {
  test.each([
    '',
    'no users found',
    'Error: no users found in the database',
    'unable to find user app',
    'unable to find user 42: record not found',
    'user: unknown user app',
    "chown: invalid user: 'app'",
    'su: user app does not exist',
    `error: failed switching to "app": ${noUser('app')}`,
    'open /etc/passwd: no such file or directory',
    'cat: /etc/passwd: No such file or directory',
    `failed to create containerd container: mount callback failed on ${mounted}: open ${mounted}/etc/os-release: no such file or directory`,
    `${runc}error during container init: error mounting "/srv/passwd" to rootfs at "/etc/passwd": no such file or directory: unknown`,
    `${runc}exec: "/start.sh": stat /start.sh: no such file or directory: unknown`,
    `${runc}exec: "/start.sh": permission denied: unknown`,
    `${runc}chdir to cwd ("/app") set in config.json failed: permission denied: unknown`,
    'failed to prepare subPath for volumeMount "passwd" of container "web"',
    'level=warning msg="Failed to open /etc/passwd: open /var/lib/containers/storage/overlay/ab/merged/etc/passwd: no such file or directory"',
    'failed to register layer: Error processing tar file(exit status 1): Container ID 1000000 cannot be mapped to a host ID',
    'Failed to pull image "a/b:1": copying system image: container ID 42 cannot be mapped to a host ID',
    'su: setgroups: Invalid argument',
    'nginx: setgid(101): Invalid argument',
    'E: setegid 65534 failed - setegid (22: Invalid argument)',
    'setgroups: Operation not permitted',
    'unable to setup user: operation not permitted',
    "KeyError: 'getpwuid(): uid not found: 1000'",
  ])('%j', (text) => {
    expect(parseRuntimeMessage(text)).toBeUndefined();
    for (const reason of reasons) expect(parseRuntimeStatus(reason, text)).toBeUndefined();
  });
});

describe('a status', () => {
  test.each([
    `${runc}exec: "${noUser('victim')}": executable file not found in $PATH: unknown`,
    `${runc}chdir to cwd ("/: cannot set uid to unmapped user in user namespace") set in config.json failed: permission denied`,
    `${noUser('app')} and more words`,
    `some words ${noUser('app')}`,
  ])('whose command or path imitates a runtime is none: %s', (message) => {
    expect(read(message)).toBeUndefined();
  });

  test('whose user imitates one has a strange user', () => {
    expect(read(noUser('a no users found'))).toEqual({ family: 'user', user: 'a no users found' });
    expect(parseRuntimeMessage(noUser(''))).toEqual({ family: 'user' });
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(fc.constantFrom(...rows.map(({ text }) => text), '\n', '\uD800', '\\', '"', ': '), {
      maxLength: 6,
    })
    .map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom(...rows.map(({ text }) => text)), fc.nat(300), fc.nat(600))
    .map(([text, from, length]) => text.slice(from, from + length)),
);

describe('properties', () => {
  test('no text makes it throw, and what it returns is printable and bounded', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const refusal of [parseRuntimeMessage(text), read(text)]) {
          if (!refusal) continue;
          expect(JSON.stringify(refusal)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
          expect(refusal.user).not.toBe('');
          expect(Array.from(refusal.user ?? '').length).toBeLessThanOrEqual(200);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('any name that a user can have comes back as it was', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z_][\w.-]{0,31}\$?$/), (user) => {
        expect(read(`${runc}${noUser(user)}: unknown`)).toEqual({ family: 'user', user });
        expect(parseRuntimeMessage(`Error: linux spec user: ${noUser(user)}`)).toEqual({
          family: 'user',
          user,
        });
      }),
    );
  });

  test('a status that is read is read from a paste too', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(read(text) !== undefined && parseRuntimeMessage(text) === undefined).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('hostile sizes', () => {
  const mebibyte = 1_048_576;
  const repeated = (unit: string): string =>
    unit.repeat(Math.ceil(mebibyte / unit.length)).slice(0, mebibyte);

  test.each([
    'unable to find user ',
    'unable to find user a: no matching entries in passwd file ',
    'mount callback failed on ',
    ': no users found',
    ':open',
    'etc/passwd:',
    'failed switching to "',
    'setgroups: invalid argument\n',
    'a setgroups: invalid argument ',
    'container a: ',
    '&Container{Name:',
    '\\',
    ' ',
    '"',
    '\uD800',
  ])('a mebibyte of %j is answered', (unit) => {
    for (const text of [repeated(unit), `${containerd}${repeated(unit)}`, noUser(repeated(unit))]) {
      expect(JSON.stringify(parseRuntimeMessage(text) ?? {}).length).toBeLessThan(2000);
      expect(JSON.stringify(read(text) ?? {}).length).toBeLessThan(2000);
    }
  });
});
