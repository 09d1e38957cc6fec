// What programs say when they may not, in every text that says it, and in none that merely sounds like it.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import type { Attempt, PermissionDenial } from '../../model/permission.ts';
import { parsePermissionDenial } from './permission-denial.ts';

type Row = {
  readonly id: string;
  readonly text: string;
  readonly expect: { readonly cause: string };
  readonly sub?: string;
  readonly ambiguous?: boolean;
  readonly kind?: string;
  readonly paths?: readonly string[];
  readonly path?: string;
  readonly port?: number;
};

const rowsOf = (name: string): readonly Row[] =>
  readFileSync(new URL(`../../../../cases/messages/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line): Row => JSON.parse(line));

const corpus = rowsOf('corpus');
const more = rowsOf('more-logs');
const reports = rowsOf('reports');
/** Rows that are not understood. */
const known = new Set(['rep-019', 'rep-103', 'rep-210']);
const isDenial = (row: Row): boolean => row.expect.cause === 'NonRootPermissionDenied';
const byId = (rows: readonly Row[]): readonly (readonly [string, Row])[] => rows.map((row) => [row.id, row]);

describe('the corpus', () => {
  test.each(byId(corpus.filter(isDenial)))('%s is a denial, of its family', (_id, { text, sub }) => {
    expect(parsePermissionDenial(text)?.family).toBe(sub);
  });

  test.each(byId(corpus.filter((row) => !isDenial(row))))('%s is none', (_id, { text }) => {
    expect(parsePermissionDenial(text)).toBeUndefined();
  });
});

describe('more logs', () => {
  test.each(byId(more.filter(isDenial)))('%s is a denial', (_id, { text, sub, ambiguous, path, port }) => {
    const denial = parsePermissionDenial(text);
    expect(denial).toBeDefined();
    // Where the text alone does not decide the family, it does not decide the path either.
    expect(ambiguous ? sub : denial?.family).toBe(sub);
    expect(ambiguous ? path : path && denial?.path).toBe(path);
    expect(denial?.port).toBe(port);
  });

  test.each(byId(more.filter((row) => !isDenial(row))))('%s is none', (_id, { text }) => {
    expect(parsePermissionDenial(text)).toBeUndefined();
  });

  test('there are enough of them', () => {
    expect(more.filter(isDenial).length).toBeGreaterThanOrEqual(150);
    expect(more.length - more.filter(isDenial).length).toBeGreaterThanOrEqual(100);
    const texts = new Set([...corpus, ...more].map(({ text }) => text));
    expect(texts.size).toBe(new Set(corpus.map(({ text }) => text)).size + more.length);
  });
});

describe('public reports', () => {
  test.each(byId(reports.filter((row) => isDenial(row) && row.kind === 'app-log')))(
    '%s is a denial, of its family, with its paths',
    (_id, row) => {
      const denial = parsePermissionDenial(row.text);
      if (row.ambiguous || known.has(row.id)) return;
      expect(denial?.family).toBe(row.sub);
      const { path, paths = path === undefined ? [] : [path] } = denial ?? {};
      expect(paths.toSorted()).toEqual(expect.arrayContaining((row.paths ?? []).toSorted()));
    },
  );

  test.each(byId(reports.filter((row) => !isDenial(row) && row.kind === 'negative' && !row.ambiguous)))(
    '%s is none',
    (_id, { text }) => {
      expect(parsePermissionDenial(text)).toBeUndefined();
    },
  );
});

describe('what was tried', () => {
  test.each<readonly [string, Attempt | undefined]>([
    ["python: can't open file '/code/manage.py': [Errno 13] Permission denied", 'read'],
    ['open /config.yaml: permission denied', 'read'],
    ['open /etc/zones/shop: permission denied', 'read'],
    ["cat: can't open '/tls/ca.pem': Permission denied", 'read'],
    ['Error: EACCES: permission denied, open "/a/db.json"\n    at writeFileSync (node:fs:2324:35)', 'write'],
    [
      'Error: EACCES: permission denied, open "/a/db.json"\n    at Object.readFileSync (node:fs:469:35)',
      'read',
    ],
    [
      'java.io.FileNotFoundException: /a/b (Permission denied)\n\tat java.io.FileOutputStream.open0(Native Method)',
      'write',
    ],
    [
      'java.io.FileNotFoundException: /a/b (Permission denied)\n\tat java.io.FileInputStream.open0(Native Method)',
      'read',
    ],
    ['/entrypoint.sh: line 3: /a/b: Permission denied', 'write'],
    ['mkdir /a/b: permission denied', 'makeDirectory'],
    ['npm ERR! code EACCES\nnpm ERR! syscall mkdir\nnpm ERR! path /.npm', 'makeDirectory'],
    ['listen ip4:icmp 0.0.0.0: socket: operation not permitted', 'rawSocket'],
    ["PermissionError: [Errno 13] Permission denied: '/a/b'", undefined],
  ])('%s', (text, attempt) => {
    expect(parsePermissionDenial(text)?.attempt).toBe(attempt);
  });
});

describe('of several paths', () => {
  const text = (...lines: readonly string[]) => parsePermissionDenial(lines.join('\n'));

  test('all are kept, and nothing is said of a volume where the image is refused as well', () => {
    const denial = text(
      '/usr/local/bin/entrypoint.sh: line 30: /etc/broker/broker.config: Permission denied',
      "touch: cannot touch '/.firstrun': Permission denied",
      "chmod: changing permissions of '/var/lib/broker': Operation not permitted",
    );
    expect(denial?.family).toBe('image-dir-ownership');
    expect(denial?.paths).toEqual(['/var/lib/broker', '/etc/broker/broker.config', '/.firstrun']);
  });

  test.each([
    ['#0 /srv/vendor/monolog/StreamHandler.php(97): fopen()', 'fopen(/opt/a.log): Permission denied'],
    ['    at open (/srv/app/main.js:46:9)', "EACCES: permission denied, open '/opt/a.log'"],
    [
      '  File "/srv/app/main.py", line 88, in run',
      "PermissionError: [Errno 13] Permission denied: '/opt/a.log'",
    ],
    [
      'PHP Fatal error: Permission denied in /srv/app/index.php on line 5',
      'open /opt/a.log: permission denied',
    ],
  ])('none is a place in source code: %s', (place, line) => {
    const denial = text(place, line, place);
    expect([denial?.path, denial?.paths]).toEqual(['/opt/a.log', undefined]);
  });

  test('no more than eight are kept', () => {
    const lines = Array.from({ length: 20 }, (_, at) => `mkdir /opt/a${at}: permission denied`);
    expect(text(...lines)?.paths).toHaveLength(8);
  });
});

describe('an entrypoint that makes its user', () => {
  test.each([
    'useradd: Permission denied.\nuseradd: cannot lock /etc/passwd; try again later.',
    'groupmod: /etc/group.9: Permission denied',
    'adduser: /etc/passwd: Permission denied',
    'usermod: Permission denied.\nchown: changing ownership of "/app/data/x.db": Operation not permitted',
  ])('%s', (text) => {
    expect(parsePermissionDenial(text)?.family).toBe('privilege-drop');
  });
});

test('a directory on a read-only file system is no denial, whatever else is said of it', () => {
  const text =
    "GF_PATHS_DATA='/var/lib/x' is not writable.\nmkdir: can't create directory '/var/lib/x/y': Read-only file system";
  expect(parsePermissionDenial(text)).toBeUndefined();
});

test('a home of ? is one that passwd does not have', () => {
  const text = "ERROR org.example.Downloader - Cannot create directory '?/.tool/download'.";
  expect(parsePermissionDenial(text)?.family).toBe('uid-without-passwd-entry');
});

test('what a supervisor relays at its own level is what its child said', () => {
  const relayed = (level: string, pipe: string): string =>
    JSON.stringify({
      level,
      msg: 'initdb: error: could not create directory "/var/lib/postgresql/data/a": Permission denied\n',
      pipe,
    });
  expect(parsePermissionDenial(relayed('info', 'stderr'))?.family).toBe('volume-ownership');
  expect(
    parsePermissionDenial(
      'level=info msg="initdb: error: could not create directory \\"/data/a\\": Permission denied"',
    ),
  ).toBeDefined();
  expect(parsePermissionDenial('level=info msg="could not open /data/a: Permission denied"')).toBeUndefined();
});

describe('what is known of the container decides where the text does not', () => {
  const denied = 'mkdir: cannot create directory ‘/srv/shop/cache’: Permission denied';
  test.each<readonly [string, object, PermissionDenial | undefined]>([
    [denied, { uid: 0 }, undefined],
    [denied, { uid: 10_001 }, { family: 'volume-ownership', path: '/srv/shop/cache' }],
    [denied, { volumeMounts: ['/srv/shop'] }, { family: 'volume-ownership', path: '/srv/shop/cache' }],
    [denied, { volumeMounts: ['/srv/shop/'] }, { family: 'volume-ownership', path: '/srv/shop/cache' }],
    [denied, { volumeMounts: ['/srv/shop/cache'] }, { family: 'volume-ownership', path: '/srv/shop/cache' }],
    [
      denied,
      { volumeMounts: ['/srv/sho', '/tmp'] },
      { family: 'image-dir-ownership', path: '/srv/shop/cache' },
    ],
    [denied, { volumeMounts: [] }, { family: 'image-dir-ownership', path: '/srv/shop/cache' }],
    [
      'chown: /data: Operation not permitted',
      { volumeMounts: [] },
      { family: 'image-dir-ownership', path: '/data' },
    ],
    [
      'open /var/cache/nginx/x: permission denied',
      { volumeMounts: ['/var/cache/nginx'] },
      { family: 'volume-ownership', path: '/var/cache/nginx/x' },
    ],
    [
      'mkdir /srv/app/.toolbox: permission denied',
      { home: '/srv/app' },
      { family: 'home-missing', path: '/srv/app/.toolbox' },
    ],
    [
      'mkdir /x/.toolbox: permission denied',
      { home: '/srv/app' },
      { family: 'image-dir-ownership', path: '/x/.toolbox' },
    ],
    [
      'mkdir /.toolbox: permission denied',
      { volumeMounts: ['/data'] },
      { family: 'home-missing', path: '/.toolbox' },
    ],
    [
      'open /etc/tls/tls.key: permission denied',
      { volumeMounts: ['/etc/tls'] },
      { family: 'secret-mode', path: '/etc/tls/tls.key' },
    ],
    ["KeyError: 'getpwuid(): uid not found: 0'", { uid: 10_001 }, undefined],
  ])('%s, %j', (text, hints, expected) => {
    expect(withoutAttempt(parsePermissionDenial(text, hints))).toEqual(expected);
  });
});

/** What was tried has tests of its own. */
function withoutAttempt(denial: PermissionDenial | undefined): PermissionDenial | undefined {
  if (!denial) return undefined;
  const { attempt: _tried, ...rest } = denial;
  return rest;
}

const mkdir = 'mkdir: cannot create directory ‘/app/tmp’: Permission denied';
const image: PermissionDenial = {
  family: 'image-dir-ownership',
  path: '/app/tmp',
};

describe('of many lines, those decide that the program died of', () => {
  test.each<readonly [string, readonly string[], PermissionDenial | undefined]>([
    ['a denial and nothing after it', ['starting', mkdir], image],
    ['noise after it', [mkdir, 'stack:', '    at main (/app/x.js:1:2)', 'exit status 1'], image],
    ['the later of two', ['touch: /opt/a: Permission denied', mkdir], image],
    [
      'the fatal of two',
      ['FATAL: open /app/tmp: permission denied', 'cleanup: rm /opt/a: permission denied'],
      image,
    ],
    ['one that it lived on after', [mkdir, 'Server started in 3 ms'], undefined],
    [
      'one that it says it lived on after',
      ['WARN cannot write /app/tmp: Permission denied, continuing'],
      undefined,
    ],
    ['a warning alone', ['level=warn err="open /app/tmp: permission denied"'], undefined],
    [
      'a warning, and then the end',
      ['level=warn err="open /app/tmp: permission denied"', 'level=fatal msg=stopped'],
      image,
    ],
    ['another reason after it', [mkdir, 'ERROR connect to db:5432 failed: connection refused'], undefined],
    [
      'another reason before it',
      ['ERROR connect to db:5432 failed: connection refused, retrying', mkdir],
      image,
    ],
    ['a fatal one, whatever comes after', [`panic: ${mkdir}`, 'ERROR: metrics: connection refused'], image],
    ['a failed listener that says "not listening"', [mkdir, 'error: not listening on :8080'], image],
    [
      'the path from a line above',
      [
        'err="open /app/tmp: permission denied"',
        'thread main panicked: Os { code: 13, kind: PermissionDenied, message: "Permission denied" }',
      ],
      image,
    ],
  ])('%s', (_name, lines, expected) => {
    const { paths: _all, ...denial } = withoutAttempt(parsePermissionDenial(lines.join('\n'))) ?? {};
    expect(denial).toEqual(expected ?? {});
  });
});

describe('ports', () => {
  test.each<readonly [string, number | undefined]>([
    ['listen tcp :80: bind: permission denied', 80],
    ['listen tcp 0.0.0.0:443: bind: permission denied', 443],
    ['listen tcp [::]:53: bind: permission denied', 53],
    ['listen tcp :https: bind: permission denied', 443],
    ['listen udp 10.0.0.7:1023: bind: permission denied', 1023],
    ["cannot bind '0.0.0.0:80': Permission denied", 80],
    ['bind() to unix:/run/app.sock failed (13: Permission denied)', undefined],
  ])('%s', (text, port) => {
    expect(parsePermissionDenial(text)?.port).toBe(port);
  });

  test.each([1024, 8080, 65_535])('%d needs no right', (port) => {
    for (const text of [
      `listen tcp :${port}: bind: permission denied`,
      `bind() to 0.0.0.0:${port} failed (13: Permission denied)`,
      `Error: listen EACCES: permission denied 0.0.0.0:${port}`,
      `(13)Permission denied: AH00072: make_sock: could not bind to address [::]:${port}`,
    ]) {
      expect(parsePermissionDenial(text)).toBeUndefined();
    }
  });
});

/** Texts around a line, as collectors and terminals put them. */
const json = (text: string): string => JSON.stringify(text);
const wrappers: Readonly<Record<string, (line: string) => string>> = {
  'a time in front': (line) => `2024-01-01T00:00:00.000000000Z stderr F ${line}`,
  'a bracketed time in front': (line) => `[2024-01-01 00:00:00,000] ${line}`,
  'the name of a container in front': (line) => `web-1  | ${line}`,
  'Windows line ends': (line) => `start\r\n${line}\r\n`,
  colours: (line) => `\u001B[31m${line}\u001B[0m`,
  'a colour in the midst': (line) => line.replace(/([a-z])([a-z])/, '$1\u001B[1m$2\u001B[0m'),
  'the log of a node': (line) =>
    `{"log":${json(`${line}\n`)},"stream":"stderr","time":"2024-01-01T00:00:00Z"}`,
  'JSON in JSON': (line) => json(`{"msg":${json(line)}}`),
  'curly quotes': (line) => line.replace(/'([^']*)'/g, '‘$1’'),
  'lines in front': (line) => `starting\nusing config /etc/app.yaml\n${line}`,
};

describe('a line means the same in every wrapper', () => {
  const lines = [...corpus, ...more].filter((row) => isDenial(row) && !/\n/.test(row.text) && !row.ambiguous);
  test.each(Object.entries(wrappers))('%s', (_name, wrap) => {
    for (const { id, text } of lines) {
      expect({ id, ...parsePermissionDenial(wrap(text)) }).toEqual({ id, ...parsePermissionDenial(text) });
    }
  });

  test('and a near miss stays one', () => {
    const misses = [...corpus, ...more].filter((row) => !isDenial(row) && !/\n/.test(row.text));
    for (const wrap of Object.values(wrappers)) {
      for (const { id, text } of misses)
        expect({ id, is: parsePermissionDenial(wrap(text)) }).toEqual({ id, is: undefined });
    }
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        ...more.map((row) => row.text),
        '\n',
        '\uD800',
        '\\',
        '"',
        '(13: ',
        ': Permission denied',
        '/x/',
        '[redacted token]',
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom(...more.map((row) => row.text)), fc.nat(300), fc.nat(300))
    .map(([text, a, b]) => text.slice(a, a + b)),
);

describe('properties', () => {
  test('nothing makes it throw, and what it returns is bounded, printable and of the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const denial = parsePermissionDenial(text);
        const {
          family,
          path = '/',
          paths = [path],
          attempt,
          port = 1,
          ...rest
        } = denial ?? { family: 'none' };
        expect(rest).toEqual({});
        expect([undefined, 'read', 'write', 'makeDirectory', 'rawSocket']).toContain(attempt);
        expect(paths.length).toBeLessThanOrEqual(8);
        expect(paths[0]).toBe(path);
        for (const one of paths) expect(one).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]|^\s*$|\[redacted/u);
        expect(family).toMatch(/^[a-z-]+$/);
        expect(port).toBeLessThan(1024);
        expect(Array.from(path).length).toBeLessThanOrEqual(256);
        expect(path).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]|^\s*$|\[redacted/u);
      }),
      { numRuns: 1000 },
    );
  });

  test('a secret in a path is not returned, while the family is', () => {
    const secret = fc.constantFrom(
      'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
      'AKIAIOSFODNN7EXAMPLE',
      'ops@shop.example',
      'kQ7xZ2pLw9Tn4RbV8mYc1Hs6Gd3Jf5Xa0b',
      'token=abc123def456',
    );
    fc.assert(
      fc.property(secret, fc.constantFrom('/data', '/srv/app', '/opt/x'), (hidden, directory) => {
        const denial = parsePermissionDenial(`mkdir ${directory}/${hidden}/a: permission denied`);
        expect(denial?.family).toBeDefined();
        expect(JSON.stringify(denial)).not.toContain(hidden);
      }),
    );
  });

  test('a path comes back as it was', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,12}[a-z0-9]$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        const path = `/opt/${names.join('/')}`;
        for (const text of [
          `mkdir ${path}: permission denied`,
          `PermissionError: [Errno 13] Permission denied: '${path}'`,
          `Error: EACCES: permission denied, open '${path}'`,
          `Permission denied @ rb_sysopen - ${path}`,
          `java.nio.file.AccessDeniedException: ${path}`,
          `java.io.FileNotFoundException: ${path} (Permission denied)`,
          `System.UnauthorizedAccessException: Access to the path '${path}' is denied.`,
          `open() "${path}" failed (13: Permission denied)`,
          `touch: cannot touch '${path}': Permission denied`,
          `touch: ${path}: Permission denied`,
          `The stream or file "${path}" could not be opened in append mode: Failed to open stream: Permission denied`,
        ]) {
          expect(parsePermissionDenial(text)?.path).toBe(path);
        }
      }),
    );
  });
});

describe('hostile sizes', () => {
  const mebibyte = 1_048_576;
  const units = [
    'a',
    '/',
    '"',
    "'",
    '\\',
    '\n',
    '0:',
    'permission denied ',
    '/a: permission denied\n',
    'EACCES ',
    'open "/a" ',
    'setgid ',
    'bind ',
    'exec ',
    'root ',
    '{"a":"b",',
    `${'x'.repeat(5000)}: permission denied\n`,
    'unix socket [',
    `${mkdir}\n`,
    'error switching to user ',
    '\\n',
    '\u001B[',
  ];

  test.each(units)('a mebibyte of %j takes time in proportion', (unit) => {
    const started = process.cpuUsage();
    parsePermissionDenial(unit.repeat(Math.ceil(mebibyte / unit.length)));
    parsePermissionDenial(`${`${mkdir}\n`.repeat(399)}${unit.repeat(500)}\nserver started`);
    const { user, system } = process.cpuUsage(started);
    // Tens of times what the slowest takes; the square of a mebibyte would take hours.
    expect((user + system) / 1e6).toBeLessThan(20);
  });

  test('of a long log the end is read', () => {
    expect(withoutAttempt(parsePermissionDenial(`${'x\n'.repeat(mebibyte)}${mkdir}`))).toEqual(image);
    expect(parsePermissionDenial(`${mkdir}\n${'x\n'.repeat(mebibyte)}`)).toBeUndefined();
  });

  test('a path of any length is cut visibly', () => {
    const denial = parsePermissionDenial(`mkdir /opt/${'ab/'.repeat(150)}x: permission denied`);
    expect(denial?.path?.length).toBe(256);
    expect(denial?.path?.endsWith('…')).toBe(true);
  });
});
