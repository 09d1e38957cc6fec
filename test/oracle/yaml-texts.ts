// Strings that YAML may take for something else than strings, or not take at all.

import * as fc from 'fast-check';

/** Of each word of YAML 1.1 every case, of each number every notation, what is syntax somewhere, and a lot of chance. */
export function oddTexts(): readonly string[] {
  const odd = Object.values(kinds).flat();
  const cased = [...odd, ...odd.map((text) => text.toUpperCase()), ...odd.map(capitalised)];
  return [...new Set([...cased, ...fc.sample(byChance, { seed: 1, numRuns: 4000 })])];
}

const kinds: Readonly<Record<string, readonly string[]>> = {
  words: ['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null', 'nil', 'nan', 'inf', 'infinity'],
  integers: ['0', '1', '-1', '+1', '012', '08', '0o7', '0x1f', '0b1', '-0b1', '1_000', '0x_1', '_1', '1_'],
  floats: ['.5', '5.', '1.0', '1e3', '1e+3', '1e-3', '1.5e3', 'e3', 'e0', '.e3', '.inf', '-.inf', '.nan'],
  large: ['9223372036854775807', '9223372036854775808', '18446744073709551616', '1'.repeat(400), '1e400'],
  times: ['12:30', '12:30:45', '190:20:30.15', '1:2', '2001-01-01', '2001-1-1', '2001-12-14 21:59:43.10'],
  zones: ['2001-12-14t21:59:43.10-05:00', '2001-12-14T21:59:43Z', '2001-12-14 21:59:43.10 -5'],
  nearNumbers: ['1.2.3.4', '10001:20001', '1.4', '1-2', '0a', '1password', '4e', '0x', '0xg', '20010101'],
  indicators: [
    '~',
    '',
    ' ',
    '=',
    '<<',
    '-',
    '--',
    '---',
    '...',
    '?',
    ':',
    '|',
    '>',
    '|-',
    '>+',
    '!',
    '!!str',
  ],
  syntax: ['&a', '*a', '#', '#a', 'a#', 'a #', 'a # b', 'a:', 'a: b', ':a', '- a', '-a', '? a', '{}', '[]'],
  quotes: ['{a', 'a,b', 'a]', '"', "'", '"a"', "'a'", 'a"b', "it's", '\\', '\\n', '%', '%YAML 1.1', '@', '`'],
  spaces: ['\t', 'a\tb', ' a', 'a ', '  ', 'a  b', '\u00a0', '\u200b', '\u3000'],
  lines: ['\n', 'a\n', 'a\nb', 'a\n\n', '\na', 'a\n b', ' a\nb', 'a\r\nb', '\r', 'a \nb', 'a\n ', 'a\n\tb'],
  markers: ['a\n---\nb', '---\na\n', 'a\n...\n', 'a\n#b\n', 'a: b\nc: d\n', '- a\n- b', '%a\n', 'a\n%b\n'],
  indented: ['a\n  b\n\n  c\nd\n', 'a\n   \nb', 'a\n\n\nb\n', 'a\nb ', 'a\nb \n', 'é\n用户\n'],
  controls: ['\0', '\u0007', '\u001b', '\u007f', '\u0080', '\u0085', '\u009f', '\u00ad', '\u2028', '\u2029'],
  unicode: ['\ufeff', '\ufffe', '\uffff', '\u{1f600}', '\u{1fffe}', '\u{10ffff}', 'é', '用户', 'a\u2028b'],
  usual: [
    '$patch',
    '$(HOME)',
    '${HOME}',
    'ALL',
    '/tmp',
    '/',
    '$',
    'a/b',
    'example.com/a',
    'USER 10001:20001',
  ],
  long: ['a'.repeat(2000), 'a b '.repeat(500), 'a: '.repeat(500), '用'.repeat(1000), '\u2028'.repeat(1000)],
};

const byChance = fc
  .oneof(
    of('0123456789_+-.:eExobTZ ', 10),
    of('ynotfalsruNOTE~.-', 5),
    of('a-:# \n\t"\'|>%&*!?{}[],0.~=<\\\r\u0085\u2028\ufeffé', 12),
    fc.string({ unit: 'binary', maxLength: 20 }),
  )
  .map((text) => text.toWellFormed());

function of(characters: string, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...characters.split('')), maxLength });
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
