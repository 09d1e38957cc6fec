import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { yamlLineOf, yamlOf } from './yaml.ts';

/** As kubectl reads it, or stricter: what that takes for text because it is odd enough, this may take for a number. */
const read = (text: string): unknown => parse(text, { version: '1.1', merge: true, uniqueKeys: true });

test('what a patch usually holds is written as a person would write it', () => {
  const patch = {
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: null, sysctls: [] },
      containers: [
        {
          name: 'app',
          image: 'registry.example:5000/shop/web:1.4@sha256:0a1b',
          securityContext: { runAsUser: 10001, capabilities: { drop: ['ALL'] } },
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        },
      ],
      volumes: [{ name: 'tmp', emptyDir: {} }],
    },
  };
  expect(yamlOf(patch)).toBe(`spec:
  securityContext:
    runAsNonRoot: true
    runAsUser: null
    sysctls: []
  containers:
    - name: app
      image: registry.example:5000/shop/web:1.4@sha256:0a1b
      securityContext:
        runAsUser: 10001
        capabilities:
          drop:
            - ALL
      volumeMounts:
        - name: tmp
          mountPath: /tmp
  volumes:
    - name: tmp
      emptyDir: {}
`);
});

describe('text that YAML 1.1 takes for something else is quoted', () => {
  const names = ['on', 'off', 'no', 'yes', 'y', 'n', 'null', 'true', '012', '0x1f', '1e3', '0o7', '0b1', '1'];
  const others = [
    '~',
    '',
    '.5',
    '.inf',
    '-.INF',
    '.nan',
    '1_000',
    '12:30',
    '2001-01-01',
    '<<',
    '=',
    'NO',
    'On',
  ];

  test.each([...names, ...others])('%j', (text) => {
    expect(yamlOf({ [text]: text })).toBe(`${JSON.stringify(text)}: ${JSON.stringify(text)}\n`);
  });
});

describe('text that is no plain text is quoted', () => {
  test.each([
    'a: b',
    'a #b',
    ' a',
    'a ',
    'a:',
    '- a',
    '*a',
    '&a',
    '!a',
    '%a',
    '@a',
    '`a',
    '{a}',
    '[a]',
    '? a',
  ])('%j', (text) => {
    expect(yamlOf([text])).toBe(`- ${JSON.stringify(text)}\n`);
  });

  test('and what no file can hold is replaced, what YAML refuses is escaped', () => {
    expect(yamlOf('a\ud800\u0007\u007f\u0085\u2028\ufeff\uffff\t\0')).toBe(
      String.raw`"a�\u0007\u007f\u0085\u2028\ufeff\uffff\t\u0000"` + '\n',
    );
  });
});

test('long text stays on its line, and no text makes a line of its own', () => {
  const long = 'word '.repeat(100) + 'end';
  expect(yamlOf({ long, quoted: `${long}:`, script: 'set -e\n  run: "it"\n\ndone\n' })).toBe(
    `long: ${long}\nquoted: "${long}:"\nscript: "set -e\\n  run: \\"it\\"\\n\\ndone\\n"\n`,
  );
});

test('an object that stands in two places is written twice', () => {
  const securityContext = { runAsUser: 10001 };
  expect(yamlOf([securityContext, securityContext])).not.toMatch(/[&*]/);
});

describe('whatever is written is read back', () => {
  const of = (characters: string, maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...characters.split('')), maxLength });
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    of('a-:# \n\t"\'|>%&*!?{}[],0.~=<\u0085\u2028\ufeffé', 12),
    of('0123456789_+-.:eExob', 8),
    fc.string({ minLength: 1020, maxLength: 1100 }),
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.oneof(text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
      fc.constant(null),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.dictionary(text, tie('any'), { maxKeys: 4 }),
    ),
  })).any;

  test('any value', () => {
    fc.assert(
      fc.property(value, (any) => {
        expect(JSON.stringify(read(yamlOf(any)))).toBe(JSON.stringify(any));
      }),
      { numRuns: 2000 },
    );
  });

  test('and no time is lost over text made to cost some', () => {
    for (const part of ['a', 'a ', 'a:', '\n', 'a\n', ' ', 'a\n ', '"'])
      expect(read(yamlOf(part.repeat(100_000)))).toBe(part.repeat(100_000));
  });
});

test('a value for a person to fill in stands without quotes', () => {
  expect(yamlOf({ runAsUser: { fillIn: 'uid of app' } })).toBe('runAsUser: <uid of app>\n');
});

test('characters that a terminal obeys, or that no one sees, stand by their numbers', () => {
  const hostile = '\u001b[31m\u009b\u202e\u2028\u{e0041}';
  expect(yamlOf({ a: hostile })).toBe('a: "\\u001b[31m\\u009b\\u202e\\u2028\\U000e0041"\n');
  expect(yamlLineOf({ a: `${hostile}'` })).toBe(`{"a":"\\u001b[31m\\u009b\\u202e\\u2028\\U000e0041'"}`);
  expect(parse(yamlLineOf([hostile]))).toEqual([hostile]);
});
