// The flags of `rootcause explain`.

import { expect, test } from '@jest/globals';

import { commandLine } from '../../test/command-line.ts';

test('takes files, or standard input, and the form of the answer', () => {
  expect(commandLine(['explain']).options).toEqual({ files: [], output: 'text', lines: false });
  expect(commandLine(['explain', 'pod.yaml', '-', '--output', 'json', '--lines']).options).toEqual({
    files: ['pod.yaml', '-'],
    output: 'json',
    lines: true,
  });
});

test.each([
  [['--output', 'yaml'], "option '-o, --output <text|json>' argument 'yaml' is invalid. Give text or json."],
  [['--lines=yes'], "unknown option '--lines=yes' (see --help)"],
])('refuses %j in one line', (args, message) => {
  expect(commandLine(['explain', ...args])).toEqual({
    exitCode: 2,
    output: '',
    errors: `error: ${message}\n`,
  });
});
