// The flags of `rootcause scan`: their defaults, and which levels may be enforced.

import { describe, expect, jest, test } from '@jest/globals';

import { commandLine } from '../../test/command-line.ts';
import { runCommandLine } from './command-line.ts';

test('a person checks everything, in words, and no fix is tried', () => {
  expect(commandLine(['scan']).options).toMatchObject({
    output: 'text',
    wouldEnforce: undefined,
    scan: {
      scope: { namespaces: [], excludedNamespaces: [] },
      dryRun: false,
      readLogs: true,
      policy: { allowRootExemption: false },
      images: { inspect: true, pullSecrets: false, registries: [] },
    },
  });
});

test('flags and variables are those of the operator', () => {
  const flags = ['--namespaces', 'a,b', '--registries', 'ghcr.io', '--inspect-images', 'no'];
  expect(commandLine(['scan', ...flags], { ROOTCAUSE_DRY_RUN: 'yes' }).options).toMatchObject({
    scan: {
      dryRun: true,
      scope: { namespaces: ['a', 'b'] },
      images: { inspect: false, registries: ['ghcr.io'] },
    },
  });
});

describe('namespaces, as kubectl takes them', () => {
  test.each([
    [['-n', 'shop'], ['shop']],
    [['--namespace=shop'], ['shop']],
    [
      ['-n', 'shop', '--namespaces', 'bank,shop'],
      ['bank', 'shop'],
    ],
    [['-n', 'shop', '-A'], []],
    [['--all-namespaces'], []],
  ])('%j', (args, namespaces) => {
    const { options } = commandLine(['scan', ...args]);
    expect(options).toMatchObject({ scan: { scope: { namespaces } } });
  });

  test('-A takes precedence over the variable too', () => {
    const { options } = commandLine(['scan', '-A'], { ROOTCAUSE_NAMESPACES: 'shop' });
    expect(options).toMatchObject({ scan: { scope: { namespaces: [] } } });
  });

  test('a name that no namespace has is refused', () => {
    expect(commandLine(['scan', '-n', 'Shop'])).toMatchObject({ exitCode: 2 });
  });
});

test.each(['text', 'wide', 'json', 'yaml'])('-o %s', (output) => {
  expect(commandLine(['scan', '-o', output]).options).toMatchObject({ output });
  expect(commandLine(['scan', `--output=${output}`]).options).toMatchObject({ output });
});

test('patches are for a level, so that one must be given', async () => {
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    expect(await runCommandLine(['scan', '--patch'])).toBe(2);
    expect(write).toHaveBeenCalledWith(expect.stringContaining('--patch needs --would-enforce'));
  } finally {
    write.mockRestore();
  }
});

describe('a level to enforce', () => {
  test.each([
    ['restricted', { level: 'restricted', version: 'latest' }],
    ['baseline', { level: 'baseline', version: 'latest' }],
    ['restricted:latest', { level: 'restricted', version: 'latest' }],
    ['restricted:v1.28', { level: 'restricted', version: 28 }],
    ['baseline:v1.0', { level: 'baseline', version: 0 }],
  ])('may be %s', (text, wouldEnforce) => {
    expect(commandLine(['scan', '--would-enforce', text]).options).toMatchObject({ wouldEnforce });
  });

  test.each([
    'privileged',
    'Restricted',
    'restricted:',
    'restricted:1.28',
    'restricted:v1.028',
    'restricted:v2.0',
    '',
  ])('may not be %j', (text) => {
    const { exitCode, errors } = commandLine(['scan', '--would-enforce', text]);
    expect(exitCode).toBe(2);
    expect(errors).toMatch(/^error: [^\n]*--would-enforce[^\n]* Give baseline or restricted[^\n]*\n$/);
  });
});
