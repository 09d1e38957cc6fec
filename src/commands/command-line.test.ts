// How a command is chosen, and how mistakes, --help and --version are answered.

import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { commandLine, flagsOf } from '../../test/command-line.ts';

const commands = ['operator', 'scan', 'explain', 'image'];

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('a mistake ends with 2, and with one line that names it and the way out', () => {
  test.each([
    [['operatr'], "unknown command 'operatr' (Did you mean operator?)"],
    [['nonsense'], "unknown command 'nonsense' (see --help)"],
    [['operator', '--setle', '3s'], "unknown option '--setle' (Did you mean --settle?)"],
    [['explain', '--bogus'], "unknown option '--bogus' (see --help)"],
    [['operator', 'surplus'], "too many arguments for 'operator'. Expected 0 arguments but got 1: surplus."],
    [['image'], "missing required argument 'ref' (see --help)"],
    [['scan', '--namespaces'], "option '--namespaces <names>' argument missing (see --help)"],
  ])('%j', (args, message) => {
    expect(commandLine(args)).toEqual({ exitCode: 2, output: '', errors: `error: ${message}\n` });
  });
});

test('without a command the help is printed, and the exit code is 2', () => {
  const { exitCode, output, errors } = commandLine([]);
  expect(exitCode).toBe(2);
  for (const command of commands) expect(output + errors).toContain(`\n  ${command} [options]`);
});

test('--version prints the version of package.json', () => {
  const { version } = JSON.parse(read('package.json')) as { readonly version: string };
  expect(commandLine(['--version'])).toEqual({ exitCode: 0, output: `rootcause ${version}\n`, errors: '' });
});

describe.each(commands)('%s --help', (command) => {
  const { exitCode, output } = commandLine([command, '--help']);

  test('ends with three examples that the command accepts', () => {
    expect(exitCode).toBe(0);
    const examples = [...output.matchAll(/^ {2}.*\brootcause (.*)$/gm)].map(([, args = '']) =>
      args.split(' '),
    );
    expect(examples).toHaveLength(3);
    for (const args of examples) expect(commandLine(args)).toMatchObject({ options: {}, errors: '' });
  });

  test('says the variable of each flag', () => {
    const flags = flagsOf(command);
    expect(flags).toHaveLength((output.match(/^ {2}(-[^h], )?--/gm) ?? []).length);
    for (const { usage, variable } of flags)
      expect(variable).toBe(
        `ROOTCAUSE_${usage
          .replace(/^(-\w, )?--/, '')
          .replace(/ .*/, '')
          .toUpperCase()
          .replaceAll('-', '_')}`,
      );
  });

  test('is what the README lists', () => {
    const rows = read('README.md')
      .split('\n')
      .filter((line) => line.startsWith('| `-'))
      .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')));
    const listed = rows
      .filter(([, , owners = '']) => owners.split(', ').includes(command))
      .map(([, usage, , byDefault, description]) => `${usage} ${byDefault}: ${description}`);
    const flags = flagsOf(command).map(
      ({ usage, byDefault, description }) => `\`${usage}\` ${byDefault}: ${description}`,
    );
    expect(listed.toSorted()).toEqual(flags.toSorted());
  });
});
