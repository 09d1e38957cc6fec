// Secrets of every kind, in the forms in which logs carry them; and what must stay, so that a failure can be told.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { redacted } from './redacted.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';
const pemLine = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj';
/** Written in two parts, so that no scanner takes this file for a leak. */
const joined = (...parts: readonly string[]): string => parts.join('');
const slack = joined('xoxb', '-123456789012-abcdefABCDEF');
const stripe = joined('sk_live', '_4eC39HqLyjWDarjtT1zdp7dc');
const github = joined('ghp', '_16C7e42F292c6912E7710c838347Ae178B4a');
const gitlab = joined('glpat', '-x8Kq2bVn5Zt7Wm3Rr9Ls');
const google = joined('AIza', 'SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q');
const npm = joined('npm', '_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8');
const pypi = joined('pypi', '-AgEIcHlwaS5vcmcCJDk4YjUzMmEx');
const openai = joined('sk', '-proj-a1B2c3D4e5F6g7H8i9J0k1L2');
const aws = joined('AKIA', 'IOSFODNN7EXAMPLE');
const hex = '9f86d081884c7d659a2feaa0c55ad015';
const base64 = 'kQ7xZ2pLw9Tn4RbV8mYc1Hs6Gd3Jf5Xa0=';

/** Each kind of secret with the forms it takes: the text, and what is left of it. */
const kinds: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'passwords in addresses': [
    [
      'dial postgres://shop:hunter2@db:5432/shop: refused',
      'dial postgres://shop:[redacted password]@db:5432/shop: refused',
    ],
    ['redis://:hunter2@cache:6379/0', 'redis://:[redacted password]@cache:6379/0'],
    ['amqp://u:p@ss/w0rd@mq/vhost', 'amqp://u:[redacted password]@mq/vhost'],
    ['see ?next=https://a:b1c2@x.example/', 'see ?next=https://a:[redacted password]@x.example/'],
    ['shop:hunter2@tcp(db:3306)/shop', 'shop:[redacted password]@tcp(db:3306)/shop'],
    ['http://web:8080/a@b and http://[::1]:80/', 'http://web:8080/a@b and http://[::1]:80/'],
  ],
  queries: [
    ['GET /a?token=abc123&page=2 HTTP/1.1', 'GET /a?token=[redacted token]&page=2 HTTP/1.1'],
    ['"/login?user=a&password=hunter2" 302', '"/login?user=a&password=[redacted password]" 302'],
    ['POST /x?api_key=abc', 'POST /x?api_key=[redacted token]'],
    [
      'https://b.example/c?sv=2022&sig=aB%2Bc%3D&se=2024',
      'https://b.example/c?sv=2022&sig=[redacted secret]&se=2024',
    ],
  ],
  'passwords in settings': [
    ['password=hunter2 user=shop', 'password=[redacted password] user=shop'],
    ['DB_PASSWD=hunter2', 'DB_PASSWD=[redacted password]'],
    ['spring.datasource.password: hunter2', 'spring.datasource.password: [redacted password]'],
    ['PGPASSWORD=hunter2 psql -h db', 'PGPASSWORD=[redacted password] psql -h db'],
    ['adminPwd => "hunter2",', 'adminPwd => "[redacted password]",'],
    ['passphrase: correct horse battery', 'passphrase: [redacted password]'],
    ['[password] => hunter2', '[password] => [redacted password]'],
  ],
  'passwords in objects': [
    ['{"password":"hun\\"ter2","host":"db"}', '{"password":"[redacted password]","host":"db"}'],
    ["{'user': 'a', 'password': 'hunter2'}", "{'user': 'a', 'password': '[redacted password]'}"],
    ['{User:bob Password:hunter2 Host:db}', '{User:bob Password:[redacted password] Host:db}'],
    ["Config{password='hunter2', port=5432}", "Config{password='[redacted password]', port=5432}"],
    ['{"password":"cut her', '{"password":"[redacted password]'],
  ],
  'passwords in JSON within JSON': [
    [
      '{"log":"{\\"password\\":\\"hunter2\\",\\"path\\":\\"/data\\"}"}',
      '{"log":"{\\"password\\":\\"[redacted password]\\",\\"path\\":\\"/data\\"}"}',
    ],
    [
      '"{\\\\\\"password\\\\\\":\\\\\\"hunter2\\\\\\",\\\\\\"a\\\\\\":1}"',
      '"{\\\\\\"password\\\\\\":\\\\\\"[redacted password]\\\\\\",\\\\\\"a\\\\\\":1}"',
    ],
    ['{"log":"password=hunter2\\n"}', '{"log":"password=[redacted password]\\n"}'],
  ],
  'environments of pods': [
    ['- name: DB_PASSWORD\n  value: hunter2\n', '- name: DB_PASSWORD\n  value: [redacted password]\n'],
    ['{"name":"API_TOKEN","value":"abc123"}', '{"name":"API_TOKEN","value":"[redacted token]"}'],
    ['      DB_PASSWORD:      hunter2', '      DB_PASSWORD:      [redacted password]'],
  ],
  'blocks of YAML': [
    ['a:\n  secret: |\n    one\n    two\n  b: c', 'a:\n  secret: |\n    [redacted secret]\n  b: c'],
    ['token: >-\n  abc\nx: y', 'token: >-\n  [redacted token]\nx: y'],
    ['password: |\r\n  hunter2\r\nx: y', 'password: |\r\n  [redacted password]\nx: y'],
  ],
  'connection strings': [
    ['Server=db;Password=a;b1;Encrypt=true', 'Server=db;Password=[redacted password];Encrypt=true'],
    [
      'AccountName=a;AccountKey=YWJj==;EndpointSuffix=core',
      'AccountName=a;AccountKey=[redacted secret];EndpointSuffix=core',
    ],
    ['host=db user=a pwd=hunter2 dbname=x', 'host=db user=a pwd=[redacted password] dbname=x'],
  ],
  'options of commands': [
    ['app --password hunter2 --verbose', 'app --password [redacted password] --verbose'],
    ['app --api-key=abc123 -v', 'app --api-key=[redacted token] -v'],
    ['curl -u bob:hunter2 https://x.example', 'curl -u bob:[redacted password] https://x.example'],
  ],
  SQL: [
    ["CREATE USER a IDENTIFIED BY 'hunter2'", "CREATE USER a IDENTIFIED BY '[redacted password]'"],
    ["ALTER ROLE a WITH PASSWORD 'hunter2';", "ALTER ROLE a WITH PASSWORD '[redacted password]';"],
    ["SET PASSWORD = 'hunter2'", "SET PASSWORD = '[redacted password]'"],
  ],
  XML: [
    ['<password>hunter2</password>', '<password>[redacted password]</password>'],
    ['<a secret="abc" b="c"/>', '<a secret="[redacted secret]" b="c"/>'],
    ['<apiKey>abc</apiKey>', '<apiKey>[redacted token]</apiKey>'],
  ],
  'Basic authorization': [
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic [redacted credentials]'],
    [
      "-H 'Authorization: Basic dXNlcjpwYXNz' https://x",
      "-H 'Authorization: Basic [redacted credentials]' https://x",
    ],
    ['{"authorization":"Basic dXNlcjpwYXNz"}', '{"authorization":"[redacted credentials]"}'],
  ],
  'Bearer authorization': [
    ['Authorization: Bearer abc.def: 403', 'Authorization: Bearer [redacted credentials]: 403'],
    ['map[Authorization:[Bearer abc] Host:[x]]', 'map[Authorization:[[redacted credentials]] Host:[x]]'],
    ['sent Bearer a1b2c3d4e5', 'sent Bearer [redacted credentials]'],
  ],
  cookies: [
    ['Cookie: a=b; c=d', 'Cookie: [redacted cookie]'],
    ['Set-Cookie: sid=abc; Path=/; HttpOnly', 'Set-Cookie: [redacted cookie]'],
    ['{"cookie":"a=b; c=d"}', '{"cookie":"[redacted cookie]"}'],
  ],
  'session ids': [
    ['JSESSIONID=abc123', 'JSESSIONID=[redacted session id]'],
    ['session_id: "abc"', 'session_id: "[redacted session id]"'],
    ['PHPSESSID=abc; path=/', 'PHPSESSID=[redacted session id]; path=/'],
    ['connect.sid=s%3Aabc', 'connect.sid=[redacted session id]'],
  ],
  'JSON web tokens': [
    [`got ${jwt}.`, 'got [redacted token]'],
    [`serviceToken: ${jwt}`, 'serviceToken: [redacted token]'],
    [`(${jwt.slice(0, 60)}`, '([redacted token]'],
  ],
  'AWS keys': [
    [`key ${aws} is inactive`, 'key [redacted credentials] is inactive'],
    [
      'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      'AWS_SECRET_ACCESS_KEY=[redacted secret]',
    ],
    [
      `Credential=${aws}/20240101/eu/s3/aws4_request, Signature=abc`,
      'Credential=[redacted credentials], Signature=[redacted secret]',
    ],
  ],
  'GitHub and GitLab tokens': [
    [
      `https://x-access-token:${github}@github.com/a/b`,
      'https://x-access-token:[redacted password]@github.com/a/b',
    ],
    [`clone with ${github} failed`, 'clone with [redacted token] failed'],
    [`PRIVATE ${gitlab}`, 'PRIVATE [redacted token]'],
    [`cut ${github.slice(0, 14)}`, 'cut [redacted token]'],
  ],
  'Slack tokens': [
    [`post as ${slack}: invalid_auth`, 'post as [redacted token]: invalid_auth'],
    ['https://hooks.slack.com/services/T0/B0/xyz', 'https://hooks.slack.com/services/[redacted token]'],
    [`{"t":"${slack}"}`, '{"t":"[redacted token]"}'],
  ],
  'Stripe, Google, OpenAI tokens': [
    [`Invalid API Key provided: ${stripe}`, 'Invalid API Key provided: [redacted token]'],
    [`key ${google} not valid`, 'key [redacted token] not valid'],
    [`Incorrect API key: ${openai}.`, 'Incorrect API key: [redacted token].'],
  ],
  'npm and PyPI tokens': [
    [`//r.example/:_authToken=${npm}`, '//r.example/:_authToken=[redacted token]'],
    [`npm ERR! ${npm}`, 'npm ERR! [redacted token]'],
    [`uploading with ${pypi}`, 'uploading with [redacted token]'],
  ],
  'private keys': [
    [
      `-----BEGIN RSA PRIVATE KEY-----\n${pemLine}\nAb==\n-----END RSA PRIVATE KEY-----\nopen /x`,
      '[redacted private key]\nopen /x',
    ],
    [
      `"-----BEGIN PRIVATE KEY-----\\n${pemLine}\\n-----END PRIVATE KEY-----\\n"`,
      '"[redacted private key]\\n"',
    ],
    [
      `-----BEGIN OPENSSH PRIVATE KEY-----\r\n${pemLine}\r\n${pemLine}\r\nopen /x: denied`,
      '[redacted private key]\r\nopen /x: denied',
    ],
    [`${pemLine}\n-----END PRIVATE KEY-----`, '[redacted secret]\n-----END PRIVATE KEY-----'],
  ],
  'e-mail addresses': [
    ['mail to ops@shop.example failed', 'mail to [redacted e-mail address] failed'],
    ['<a.b+c@mail.shop.example>', '<[redacted e-mail address]>'],
    ['?user=a%40shop.example&x=1', '?user=[redacted e-mail address]&x=1'],
    ['jürgen@büro.example', '[redacted e-mail address]'],
  ],
  'numbers of cards': [
    ['card 4111 1111 1111 1111 declined', 'card [redacted card number] declined'],
    ['pan=5555555555554444', 'pan=[redacted card number]'],
    ['3782-822463-10005', '[redacted card number]'],
  ],
  'random text': [
    [`digest ${hex} of`, 'digest [redacted secret] of'],
    [`value ${base64}`, 'value [redacted secret]'],
    [`["${base64}","x"]`, '["[redacted secret]","x"]'],
  ],
};

describe.each(Object.entries(kinds))('%s', (_name, forms) => {
  test.each(forms)('%j', (text, expected) => {
    expect(redacted(text)).toBe(expected);
  });

  test('a second time changes nothing', () => {
    for (const [text] of forms) expect(redacted(redacted(text))).toBe(redacted(text));
  });

  test('with Windows line ends, and colours in the midst', () => {
    for (const [text, expected] of forms) {
      expect(redacted(`x\r\n${text}\r\ny`)).toContain(redacted(text).split(/\r?\n/)[0]);
      const coloured = Array.from(text, (character, at) =>
        at % 3 === 1 ? `\u001B[1;31m${character}\u001B[0m` : character,
      );
      expect(redacted(coloured.join(''))).toBe(expected);
    }
  });
});

describe('what is no secret stays', () => {
  const corpus = ['corpus', 'more-logs'].flatMap((name) =>
    readFileSync(new URL(`../../../cases/messages/${name}.jsonl`, import.meta.url), 'utf8')
      .trim()
      .split('\n')
      .map((line): { readonly text: string } => JSON.parse(line)),
  );

  test('the words, paths and ports of failures', () => {
    const failures = corpus
      .map(({ text }) => text)
      .filter((text) => /denied|not permitted|EACCES|eacces/i.test(text));
    expect(failures.length).toBeGreaterThan(300);
    for (const text of failures) {
      const words = /permission denied|operation not permitted|EACCES|eacces|access denied/gi;
      expect(redacted(text).match(words)).toEqual(text.match(words));
    }
  });

  test.each([
    'failed to read token: open /var/run/secrets/token: permission denied',
    '/run/secrets/db_password: Permission denied',
    'could not load private key: open /etc/tls/tls.key: permission denied',
    'secret: mkdir /a: permission denied',
    'secret "web-config" not found',
    "couldn't find key PASSWORD in Secret shop/db",
    'password authentication failed for user "bob"',
    'MYSQL_ROOT_PASSWORD is not set',
    'passwordFile=/run/secrets/pw tokenURL=https://x.example/token',
    'image app@sha256:9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015',
    'containerd://9f86d081884c7d659a2feaa0c55ad0159f86d081884c7d659a2feaa0c55ad015',
    '/var/lib/kubelet/pods/5d0c7b1e-0000-4000-8000-000000000007/volumes/x',
    'pod web-7c9f8d6b5-x2x4z of deployment-with-a-long-name-7c9f8d6b5-x2x4z',
    'org.elasticsearch.bootstrap.ElasticsearchUncaughtExceptionHandler: AbstractRoutingDataSourceFactoryBean',
    'io.containerd.runtime.v2.task/k8s.io/9f86d081884c7d659a2feaa0c55ad015/rootfs',
    '2024-01-01T00:00:00.000000000Z 1700000000000000000 10.0.0.7:5432 [::1]:80',
    'uid 1000580000 at foo@1.2.3, root@web, @scope/pkg',
    'Authorization: failed, Bearer token missing, Basic authentication required',
    'listen tcp :443: bind: permission denied',
    '',
  ])('%j', (text) => {
    expect(redacted(text)).toBe(text);
  });
});

/** Secrets as chance makes them, each with text that says what it is. */
const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_~!.-]{7,24}[A-Za-z0-9]$/);
const planted = fc.oneof(
  fc.tuple(
    fc.constantFrom('password=', 'PASSWORD: ', '"token": "', 'secret="', '?api_key=', '--password '),
    word,
  ),
  fc.tuple(fc.constantFrom('x://u:', 'Authorization: Bearer ', 'Cookie: sid=', "IDENTIFIED BY '"), word),
  fc.tuple(fc.constantFrom('', 'got ', '('), fc.stringMatching(/^ghp_[A-Za-z0-9]{36}$/)),
  fc.tuple(fc.constantFrom('', '"', '='), fc.stringMatching(/^AKIA[A-Z0-9]{16}$/)),
  fc.tuple(fc.constantFrom('', 'mail '), fc.stringMatching(/^[a-z]{3,9}\.[a-z]{3,9}@[a-z]{4,9}\.example$/)),
);
const noise = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    'open /data/x: permission denied',
    '\r\n',
    '\n',
    '{"a":"b"}',
    '\u001B[31m',
    '/var/lib/x',
    ' key=v ',
  ),
);

describe('properties', () => {
  test('a secret never survives, whatever stands around it', () => {
    fc.assert(
      fc.property(
        noise,
        planted,
        fc.constantFrom('', '"', "'", ' ', '\n', '@db/x', ', ', '&a=b', '\u001B[0m '),
        noise,
        (before, [name, secret], end, after) => {
          const behind = name === 'x://u:' ? '@db/x' : end === '@db/x' ? ' ' : end;
          expect(redacted(`${before} ${name}${secret}${behind} ${after}`)).not.toContain(secret);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('nothing makes it throw, and a second time changes nothing', () => {
    const parts = fc.array(
      fc.oneof(
        noise,
        planted.map((pair) => pair.join('')),
        fc.constantFrom('[', ']', '[redacted ', '"', '\\', ':', '=', '@'),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(parts, (texts) => {
        const once = redacted(texts.join(''));
        expect(redacted(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  test('a failure on another line stays as it was', () => {
    fc.assert(
      fc.property(planted, fc.stringMatching(/^\/[a-z]{1,8}\/[a-z]{1,8}$/), ([name, secret], path) => {
        const failure = `mkdir ${path}: permission denied`;
        expect(redacted(`${name}${secret}\n${failure}\n`)).toContain(failure);
      }),
    );
  });
});

describe('hostile sizes', () => {
  const mebibyte = 1_048_576;
  const units = [
    'a',
    'a=',
    'password=',
    'token:[',
    '"',
    '\\',
    '@',
    '@a.b',
    '://',
    '://a:b@',
    'eyJ',
    '-----BEGIN PRIVATE KEY-----',
    '4',
    'key-',
    'Bearer ',
    ' -u a:',
    'name: PASSWORD\n',
    'password: |\n',
    '<token>',
    '\u001B[',
    '@(',
    'a.',
    '"password":"\\',
    'cookie: a; ',
    '[redacted ',
    '/a',
    'Aa0',
    'sid=;',
  ];

  test.each(units)('a mebibyte of %j takes time in proportion', (unit) => {
    const text = (size: number): string => unit.repeat(Math.ceil(size / unit.length));
    const started = process.cpuUsage();
    redacted(text(mebibyte));
    const { user, system } = process.cpuUsage(started);
    // Twenty times what the slowest takes; the square of a mebibyte would take hours.
    expect((user + system) / 1e6).toBeLessThan(20);
  });
});
