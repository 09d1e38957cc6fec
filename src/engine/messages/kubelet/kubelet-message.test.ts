// The kubelet's sentences in every text that carries them, and in none that merely resembles one.

import { readFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import * as fc from 'fast-check';

import { parseKubeletMessage, parseKubeletStatus, type KubeletFailure } from './kubelet-message.ts';
import { printable } from '../../platform/data/printable.ts';

type Row = { readonly id: string; readonly text: string; readonly expect: Readonly<Record<string, string>> };

const corpusUrl = new URL('../../../../cases/messages/corpus.jsonl', import.meta.url);
const corpus = readFileSync(corpusUrl, 'utf8')
  .trim()
  .split('\n')
  .map((line): Row => JSON.parse(line));
const others = ['UserNotInImage', 'PodSecurityViolation', 'NonRootPermissionDenied', 'none'];
const isKubelets = (row: Row): boolean => !others.includes(row.expect['cause'] ?? '');

const suffix = '(pod: "web-1_shop(5d0c7b1e-0000-4000-8000-000000000007)", container: app)';
const names = { container: 'app', pod: 'web-1', namespace: 'shop' };
const nonNumeric = (user: string): string =>
  `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root`;
const runsAsRoot = 'container has runAsNonRoot and image will run as root';
const zero = "container's runAsUser breaks non-root policy";
const invalid = (uid: string): string =>
  `container has runAsNonRoot and image has an invalid user id (${uid}). (Must be 1-(2147483647)): ` +
  'must be between 0 and 2147483647, inclusive';
const windows = (field: string, account: string): string =>
  `container's ${field} (${account}) which will be regarded as root identity and will break non-root policy`;

/** Everything but the sentence, which is the kubelet's own whatever the text. */
function said(text: string): Omit<KubeletFailure, 'message'> | undefined {
  const refusal = parseKubeletMessage(text);
  if (!refusal) return undefined;
  const { message: _sentence, ...rest } = refusal;
  return rest;
}

describe('the corpus', () => {
  test.each(corpus.filter(isKubelets).map((row) => [row.id, row] as const))(
    '%s is read whole',
    (_id, row) => {
      expect(said(row.text)).toEqual(row.expect);
    },
  );

  test.each(corpus.filter((row) => !isKubelets(row)).map((row) => [row.id, row] as const))(
    '%s is none of the kubelet',
    (_id, row) => {
      expect(parseKubeletMessage(row.text)).toBeUndefined();
      expect(parseKubeletStatus(row.text)).toBeUndefined();
    },
  );
});

const sentences: readonly (readonly [string, Omit<KubeletFailure, 'message'>])[] = [
  [zero, { cause: 'RunAsUserIsRoot' }],
  [runsAsRoot, { cause: 'ImageRunsAsRoot' }],
  ['container has no runAsUser and image will run as root', { cause: 'ImageRunsAsRoot' }],
  [nonNumeric('appuser'), { cause: 'NonNumericUser', user: 'appuser' }],
  [nonNumeric('root'), { cause: 'NonNumericUser', user: 'root' }],
  [nonNumeric('DOMAIN\\svc'), { cause: 'NonNumericUser', user: 'DOMAIN\\svc' }],
  [nonNumeric('a b'), { cause: 'NonNumericUser', user: 'a b' }],
  [nonNumeric(' a '), { cause: 'NonNumericUser', user: ' a ' }],
  [nonNumeric('say "hi"'), { cause: 'NonNumericUser', user: 'say "hi"' }],
  [nonNumeric("o'brien"), { cause: 'NonNumericUser', user: "o'brien" }],
  [nonNumeric('f(x)(y'), { cause: 'NonNumericUser', user: 'f(x)(y' }],
  [nonNumeric('jürgen-名前-🚀'), { cause: 'NonNumericUser', user: 'jürgen-名前-🚀' }],
  [invalid('4294967294'), { cause: 'InvalidImageUID', user: '4294967294' }],
  [invalid('-1'), { cause: 'InvalidImageUID', user: '-1' }],
  [
    windows('runAsUserName', 'ContainerAdministrator'),
    { cause: 'WindowsAdministrator', user: 'ContainerAdministrator' },
  ],
  [
    windows('runAsUser', 'containeradministrator'),
    { cause: 'WindowsAdministrator', user: 'containeradministrator' },
  ],
  [windows('runAsUserName', ''), { cause: 'WindowsAdministrator' }],
];

describe.each(sentences)('%s', (sentence, expected) => {
  test('is recognised with and without the suffix', () => {
    for (const parse of [parseKubeletMessage, parseKubeletStatus]) {
      expect(parse(sentence)).toEqual({ ...expected, message: sentence });
      expect(parse(`${sentence} ${suffix}`)).toEqual({ ...expected, ...names, message: sentence });
    }
  });

  test('is recognised in an Event, aggregated or not', () => {
    for (const wrapper of ['Error: ', '(combined from similar events): Error: ']) {
      expect(parseKubeletStatus(`${wrapper}${sentence} ${suffix}`)).toEqual({
        ...expected,
        ...names,
        message: sentence,
      });
    }
  });

  test('does not match in a status or an Event behind other words', () => {
    for (const words of ['failed: ', 'log says ', 'Error: failed to create: ', '"', 'Error: Error: ']) {
      expect(parseKubeletStatus(`${words}${sentence} ${suffix}`)).toBeUndefined();
    }
  });
});

/** Texts around a message as Go, YAML, terminals and people put them. */
const goQuoted = (text: string): string => JSON.stringify(text);
const wrappers: Readonly<Record<string, (message: string) => string>> = {
  'an Event': (message) => `Error: ${message}`,
  'an aggregated Event': (message) => `(combined from similar events): Error: ${message}`,
  'kubectl describe since 1.35': (message) =>
    `  Warning  Failed  2m  kubelet  spec.containers{app}: Error: ${message}`,
  'kubectl describe': (message) =>
    `  Warning  Failed     2m (x9 over 4m)  kubelet            Error: ${message}`,
  'kubectl describe of old': (message) =>
    `  Warning  Failed  80s (x8 over 2m48s)  kubelet, 10.0.0.7  Error: ${message}`,
  'the journal': (message) =>
    `Error syncing pod, skipping: failed to "StartContainer" for "app" with CreateContainerConfigError: ${goQuoted(message)}`,
  'the journal, quoted': (message) =>
    `"Error syncing pod, skipping" err=${goQuoted(`failed to "StartContainer" for "app" with CreateContainerConfigError: ${goQuoted(message)}`)} pod="shop/web-1" podUID="5d0c"`,
  'kubectl debug': (message) => `Warning: container app: ${message}`,
  JSON: (message) =>
    `{"state": {"waiting": {"message": ${goQuoted(message)}, "reason": "CreateContainerConfigError"}}}`,
  'YAML in single quotes': (message) =>
    `message: '${message.replaceAll("'", "''")}'\nreason: CreateContainerConfigError`,
  'a condition in front': (message) =>
    `ContainersNotReady: containers with unready status: [app]; ${message}`,
  'the waiting reason behind': (message) => `${message}: CreateContainerConfigError`,
  'a quotation': (message) => `> ${message}\n> what does it mean?`,
  'an escaped line break in front': (message) => `Events:\\n${message}`,
  'a coloured terminal': (message) => `\u001B[31mError: ${message}\u001B[0m`,
  Markdown: (message) => `It says \`${message}\` and stays there.`,
  'lines around': (message) =>
    `Normal Pulled 3s kubelet Image present\nWarning Failed Error: ${message}\nNormal (x9) Pulled`,
};

/** One message in YAML's double quotes, with a fold wherever `gap` stands. */
const folded = (gap: string): string =>
  `message: "container has runAsNonRoot and image has non-numeric user${gap}(appuser), cannot verify user is${gap}non-root (pod:${gap}\\"web-1_shop(5d0c7b1e)\\",${gap}container: app)"`;

describe('a message means the same in every wrapper', () => {
  test.each(Object.entries(wrappers))('%s', (_name, wrap) => {
    for (const [sentence, expected] of sentences) {
      expect(parseKubeletMessage(wrap(`${sentence} ${suffix}`))).toEqual({
        ...expected,
        ...names,
        message: sentence,
      });
    }
  });

  test.each(Object.entries(wrappers))('%s, without the suffix', (_name, wrap) => {
    for (const [sentence, expected] of sentences) {
      expect(parseKubeletMessage(wrap(sentence))).toMatchObject({ ...expected, message: sentence });
    }
  });

  test('at whatever column it is wrapped, with or without marks in front of the lines', () => {
    const message = `Error: ${nonNumeric('appuser')} ${suffix}`;
    const expected = { cause: 'NonNumericUser', user: 'appuser', ...names, message: nonNumeric('appuser') };
    for (const breaking of ['\n', '\r\n', '\n      ', '\n> ', '\n> > ']) {
      for (let column = 3; column < message.length; column += 1) {
        const lines = message.match(new RegExp(`.{1,${column}}`, 'g')) ?? [];
        expect(parseKubeletMessage(lines.join(breaking))).toEqual(expected);
      }
    }
  });

  test('folded as YAML, in any style', () => {
    const expected = { cause: 'NonNumericUser', user: 'appuser', ...names };
    for (const gap of ['\n    ', ' \\\n    ', '\\\n  \\ ', '\n\n'])
      expect(said(folded(gap))).toEqual(expected);
  });
});

describe('names around the sentence stand in for those that it lacks', () => {
  test.each([
    [`spec.initContainers{migrate}: Error: ${runsAsRoot}`, { container: 'migrate' }],
    [`Warning: container debugger-x7: ${runsAsRoot}`, { container: 'debugger-x7' }],
    [
      `failed to "StartContainer" for "db" with CreateContainerConfigError: "${runsAsRoot}"`,
      { container: 'db' },
    ],
    [
      `Error syncing pod 1234 ("web-1_shop(5d0c7b1e-0000-4000-8000-000000000007)"), skipping: failed to "StartContainer" for "app" with CreateContainerConfigError: "${runsAsRoot}"`,
      names,
    ],
    [
      `err="failed to \\"StartContainer\\" for \\"app\\" with CreateContainerConfigError: \\"${runsAsRoot}\\"" pod="shop/web-1"`,
      names,
    ],
    [`2m  Warning  Failed  pod/web-1  Error: ${runsAsRoot}`, { pod: 'web-1' }],
  ])('%s', (text, expected) => {
    expect(said(text)).toEqual({ cause: 'ImageRunsAsRoot', ...expected });
  });

  test('but never those of another line', () => {
    expect(said(`spec.containers{other}: Started pod/other\nError: ${runsAsRoot}\npod="shop/other"`)).toEqual(
      {
        cause: 'ImageRunsAsRoot',
      },
    );
  });
});

describe('damaged texts give what they hold and no more', () => {
  const cause = 'NonNumericUser';
  const user = 'app';
  const whole = nonNumeric(user);
  test.each<readonly [string, object]>([
    [`${whole} (pod: "web-1_shop(5d0c", container: app`, { cause, user, ...names }],
    [`${whole} (pod: "web-1_shop(5d0c7b1e-00`, { cause, user, pod: 'web-1', namespace: 'shop' }],
    [`${whole} (pod: "web-1_shop(5d0c…`, { cause, user, pod: 'web-1', namespace: 'shop' }],
    [`${whole} (pod: "web-1_sh`, { cause, user, pod: 'web-1' }],
    [`${whole} (pod: "web-1`, { cause, user }],
    [`${whole} (pod: "`, { cause, user }],
    [`${whole} (p`, { cause, user }],
    [`${whole} (pod: "<redacted>", container: app)`, { cause, user, container: 'app' }],
    [`${whole} (pod: "***_shop(…)", container: app)`, { cause, user, container: 'app', namespace: 'shop' }],
    [`${whole} (pod: REDACTED, container: app)`, { cause, user, container: 'app' }],
    [`${whole} (pod: web-1_shop(5d0c), container: app)`, { cause, user, ...names }],
    [`${whole} (pod: “web-1_shop(5d0c)”, container: app)`, { cause, user, ...names }],
    [`${whole} (pod: &quot;web-1_shop(5d0c)&quot;, container: app)`, { cause, user, ...names }],
    [`${whole} , container: app)`, { cause, user, container: 'app' }],
    [`${whole} (pod: "x", container: ap…`, { cause, user }],
    [`${whole} (pod: "x", container: ap...`, { cause, user }],
    [`${whole} (pod: "x", container: app-`, { cause, user }],
    [`${whole} (pod: "x", container: App)`, { cause, user }],
    [`${whole} (pod: "x", container: app\n  Normal  Pulled  2s (x9)`, { cause, user, container: 'app' }],
    ['container has runAsNonRoot and image has non-numeric user (app), cannot verify us', { cause, user }],
    ['container has runAsNonRoot and image has non-numeric user (app)', { cause, user }],
    ['container has runAsNonRoot and image has non-numeric user (ap', { cause }],
    ['container has runAsNonRoot and image has non-numeric user (', { cause }],
    [
      `(b), cannot verify user is non-root\ncontainer has runAsNonRoot and image has non-numeric user (ap`,
      { cause },
    ],
    ['Error: container has runAsNonRoot and image has non-numeric user', { cause }],
    ['Error: container has runAsNonRoot and image has non-num…', { cause }],
    [
      'container has runAsNonRoot and image has non-numeric user(app), cannot verify user in non-root',
      { cause, user },
    ],
    [
      'Container has runAsNonRoot and image has non numeric user (app), cannot verify user is nonroot',
      { cause, user },
    ],
    [
      `Container has runAsNonRoot and image has non-numeric user(app) cannot verify ${suffix}`,
      { cause, user, ...names },
    ],
    ['container has runAsNonRoot and image will run a...', { cause: 'ImageRunsAsRoot' }],
    ["container's runAsUser breaks non-root", { cause: 'RunAsUserIsRoot' }],
    ['container’s runAsUser breaks non-root policy', { cause: 'RunAsUserIsRoot' }],
    ['container&#39;s runAsUser breaks non-root policy', { cause: 'RunAsUserIsRoot' }],
    ['container has runAsNonRoot and image has an invalid user id (-5', { cause: 'InvalidImageUID' }],
    [
      'container has runAsNonRoot and image has an invalid user id (-5).',
      { cause: 'InvalidImageUID', user: '-5' },
    ],
    [
      "container's runAsUserName (ContainerAdministrator) which will be regarded as root identity and wi",
      { cause: 'WindowsAdministrator', user: 'ContainerAdministrator' },
    ],
  ])('%s', (text, expected) => {
    expect(said(text)).toEqual(expected);
  });

  test('what is lost is marked in the sentence, never guessed', () => {
    const cut = 'container has runAsNonRoot and image has non-numeric user (ap';
    for (const text of [`Error: ${cut}`, `(b), cannot verify user is non-root\n${cut}`]) {
      expect(parseKubeletMessage(text)?.message).toBe(nonNumeric('…'));
    }
  });
});

describe('what only resembles a sentence is none', () => {
  test.each([
    '',
    'container has runAsNonRoot',
    'container has runAsNonRoot and image',
    'image will run as root',
    'image has non-numeric user (app), cannot verify user is non-root',
    'cannot verify user is non-root (pod: "web-1_shop(5d0c)", container: app)',
    '# set runAsUser, else: container has runAsNonRoot and image has non-numeric user names in it',
    'It fails with container has runAsNonRoot and image has non-numeric user',
    "the container's runAsUser (1000) is set",
    "container's runAsUserName (ContainerUser) is fine",
    'container has runAsNonRoot and image will run as rootless',
    'mycontainer has runAsNonRoot and image will run as root',
    'container has runAsNonRoot: true and image will not run as root',
    'cοntainer has runAsNonRoot and image will run as root',
    'container has runAsNonRoot and image will run as rооt',
    'ｃontainer has runAsNonRoot and image will run as root',
    'container has runAsNonRoot and image will run aſ root',
    'container\u0000 has runAsNonRoot and image will run as root',
    'container has runAs\u200BNonRoot and image will run as root',
    'secret "container has runAsNonRoot and image" not found',
  ])('%j', (text) => {
    expect(parseKubeletMessage(text)).toBeUndefined();
    expect(parseKubeletStatus(text)).toBeUndefined();
  });
});

describe('a user that imitates the kubelet is only a user', () => {
  const fake = '), cannot verify user is non-root (pod: "x_y(z)", container: victim)';
  test.each([
    fake,
    `a${fake}`,
    `${fake}${fake}`,
    `a${fake} ${nonNumeric('b')}`,
    `x" ${zero} (pod: "x_y(z)", container: victim)`,
    '), cannot verify user is non-root',
    '(((((',
    ')))))',
    'container: victim)',
  ])('%s', (user) => {
    for (const parse of [parseKubeletMessage, parseKubeletStatus]) {
      expect(parse(`${nonNumeric(user)} ${suffix}`)).toEqual({
        cause: 'NonNumericUser',
        user: printable(user, 200),
        ...names,
        message: nonNumeric(printable(user, 200)),
      });
    }
  });

  test('and one that imitates a whole Event changes neither cause nor container in a status', () => {
    const user = `a${fake}\nError: ${runsAsRoot} (pod: "x_y(z)", container: victim)`;
    expect(parseKubeletStatus(`${nonNumeric(user)} ${suffix}`)).toMatchObject({
      cause: 'NonNumericUser',
      ...names,
    });
  });

  test('while of two messages in two lines the first is read', () => {
    const lines = `Error: ${nonNumeric('a')} ${suffix}\nError: ${nonNumeric('b')} (pod: "c_d(e)", container: other)`;
    expect(said(lines)).toEqual({ cause: 'NonNumericUser', user: 'a', ...names });
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(fc.constantFrom(...corpus.map((row) => row.text), '\n', '\uD800', '\\', '"', '(', ')'), {
      maxLength: 6,
    })
    .map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom(...corpus.map((row) => row.text)), fc.nat(300), fc.nat(300))
    .map(([text, a, b]) => text.slice(a, a + b)),
);
const anyUser = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((user) => printable(user, 200) === user);
const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);

describe('properties', () => {
  test('no text makes it throw, and what it returns is printable and bounded', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const refusal of [parseKubeletMessage(text), parseKubeletStatus(text)]) {
          if (!refusal) continue;
          expect(others).not.toContain(refusal.cause);
          expect(refusal.message.length).toBeLessThanOrEqual(512);
          expect(JSON.stringify(refusal)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
          expect(refusal.user).not.toBe('');
        }
      }),
      { numRuns: 500 },
    );
  });

  test('any user comes back as it was, under any suffix', () => {
    fc.assert(
      fc.property(anyUser, label, label, label, (user, pod, namespace, container) => {
        const text = `${nonNumeric(user)} (pod: ${goQuoted(`${pod}_${namespace}(5d0c7b1e)`)}, container: ${container})`;
        const expected = {
          cause: 'NonNumericUser',
          user,
          pod,
          namespace,
          container,
          message: nonNumeric(user),
        };
        expect(parseKubeletStatus(text)).toEqual(expected);
        expect(parseKubeletMessage(text)).toEqual(expected);
        for (const name of [
          'an Event',
          'JSON',
          'the journal',
          'the journal, quoted',
          'YAML in single quotes',
        ]) {
          expect(parseKubeletMessage(wrappers[name]?.(text) ?? '')).toEqual(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("the sentence never holds the pod's name or uid, so that two replicas say the same", () => {
    fc.assert(
      fc.property(label, fc.constantFrom(...sentences), (pod, [sentence]) => {
        const text = `${sentence} (pod: "${pod}-x9_shop(5d0c7b1e)", container: app)`;
        expect(parseKubeletStatus(text)?.message).toBe(sentence);
        expect(parseKubeletMessage(text)?.message).toBe(sentence);
      }),
    );
  });

  test('a user of any length and content is bounded and cut visibly', () => {
    const refusal = parseKubeletStatus(`${nonNumeric('🚀\u202E\u0007'.repeat(1000))} ${suffix}`);
    expect(refusal).toMatchObject({ cause: 'NonNumericUser', container: 'app' });
    expect(refusal?.user?.endsWith('…')).toBe(true);
    expect(refusal?.user).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(refusal?.message.length).toBeLessThanOrEqual(512);
    expect(refusal?.message.isWellFormed()).toBe(true);
  });
});

/** Counts the characters that searches for a fixed text go through while `run` runs. */
function charactersSearched(run: () => unknown): number {
  const searches = [jest.spyOn(String.prototype, 'indexOf'), jest.spyOn(String.prototype, 'lastIndexOf')];
  run();
  const lengths = searches.flatMap(({ mock }) => mock.contexts.map((text) => String(text).length));
  for (const search of searches) search.mockRestore();
  return lengths.reduce((sum, length) => sum + length, 0);
}

describe('hostile sizes', () => {
  const mebibyte = 1_048_576;
  const repeated = (unit: string): string =>
    unit.repeat(Math.ceil(mebibyte / unit.length)).slice(0, mebibyte);
  const units = [
    'container has runAsNonRoot and image has non-numeric user (',
    "container's runAsUser (",
    `${nonNumeric('a')} `,
    `${nonNumeric('a')}\n`,
    '), cannot verify user is non-root',
    '(pod: "',
    '\\',
    '\n> ',
    ' ',
    "'",
    '"',
    '...',
    'container',
    '(combined from similar events): Error: ',
    '\u001B[0;0;0;0',
    '\uD800',
    'a_b(',
  ];

  test.each(units)('a mebibyte of %j is answered after a bounded look', (unit) => {
    for (const text of [
      repeated(unit),
      `${nonNumeric(repeated(unit))} ${suffix}`,
      repeated(unit) + runsAsRoot,
    ]) {
      for (const parse of [parseKubeletMessage, parseKubeletStatus]) {
        expect(charactersSearched(() => parse(text))).toBeLessThan(64 * 65_536);
      }
    }
  });

  test('of a longer text only the beginning is read', () => {
    expect(parseKubeletMessage(`${' '.repeat(60_000)}${runsAsRoot}`)).toMatchObject({
      cause: 'ImageRunsAsRoot',
    });
    expect(parseKubeletMessage(`${' '.repeat(70_000)}${runsAsRoot}`)).toBeUndefined();
  });

  test('a status whose user is longer than that still tells its cause', () => {
    expect(parseKubeletStatus(`${nonNumeric(' '.repeat(mebibyte))} ${suffix}`)).toEqual({
      cause: 'NonNumericUser',
      message: nonNumeric('…'),
    });
  });
});
