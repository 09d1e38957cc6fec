// A real shell is the judge: what goes in as a value comes out as one word.

import { execFileSync } from 'node:child_process';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { shell } from './shell.ts';

/** The words that a shell makes of these, in one run. */
function wordsOf(text: string): readonly string[] {
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${text}`], { encoding: 'utf8' });
  return printed.split('\0').slice(0, -1);
}

const hostile = [
  '; touch /tmp/x;: ',
  '$(id)',
  '`id`',
  "it's",
  '',
  '*',
  '~',
  'a=b',
  '\n',
  '\\',
  '"',
  '!!',
  '#x',
  '{a,b}',
];
const anyText = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom(...' \'"\\$`*?~#!&|;<>(){}[]=\n\tab'.split('')) }),
  )
  .filter((text) => !text.includes('\0'));

describe('a value in a shell command', () => {
  test('is one word to sh, whatever it holds', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 200 }), (texts) => {
        const all = [...hostile, ...texts];
        expect(wordsOf(shell`${all}`.sh)).toEqual(all);
      }),
      { numRuns: 40 },
    );
  });

  test('stands unquoted where a person would not quote it', () => {
    expect(shell`kubectl -n ${'shop'} delete pod ${['web-0', 'web-1']}`.sh).toBe(
      'kubectl -n shop delete pod web-0 web-1',
    );
    expect(shell`chown ${10001}:${10001} ${'/var/data'}`.sh).toBe('chown 10001:10001 /var/data');
  });

  test('keeps a command within a command, and a placeholder for a person to replace', () => {
    expect(shell`${shell`cat patch.yaml`} | wc -l`.sh).toBe('cat patch.yaml | wc -l');
    expect(shell`rootcause image ${{ fillIn: 'image of app' }}`.sh).toBe('rootcause image <image of app>');
    expect(shell`rootcause image ${{ fillIn: 'image of $(id)' }}`.sh).toBe(
      "rootcause image '<image of $(id)>'",
    );
  });
});
