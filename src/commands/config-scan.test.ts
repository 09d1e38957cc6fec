// Flags of `rootcause scan`: what they default to, and which levels there are.

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import type { ScanConfig } from './config.ts';
import { readConfig } from './config.ts';

let errors = '';

beforeEach(() => {
  errors = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((errors += String(text))));
});

afterEach(() => {
  jest.restoreAllMocks();
  delete process.env['ROOTCAUSE_DRY_RUN'];
});

function scan(...flags: readonly string[]): ScanConfig {
  const asked = readConfig(['scan', ...flags]);
  if (!('command' in asked) || asked.command !== 'scan') throw new Error(`no scan: ${errors}`);
  return asked.config;
}

test('a person looks at everything, in words, and has nothing tried', () => {
  const config = scan();
  expect(config).toMatchObject({
    scope: { namespaces: [], excludedNamespaces: [] },
    output: 'text',
    dryRun: false,
    readLogs: true,
    allowRootExemption: false,
    images: { inspect: true, pullSecrets: false, registries: [] },
  });
  expect(config).not.toHaveProperty('wouldEnforce');
});

test('flags and variables are those of the operator', () => {
  process.env['ROOTCAUSE_DRY_RUN'] = 'yes';
  const flags = ['--namespaces', 'a,b', '--registries', 'ghcr.io', '--inspect-images', 'no'];
  expect(scan(...flags)).toMatchObject({
    dryRun: true,
    scope: { namespaces: ['a', 'b'] },
    images: { inspect: false, registries: ['ghcr.io'] },
  });
});

describe('a level to enforce', () => {
  test.each([
    ['restricted', { level: 'restricted', version: 'latest' }],
    ['baseline', { level: 'baseline', version: 'latest' }],
    ['restricted:latest', { level: 'restricted', version: 'latest' }],
    ['restricted:v1.28', { level: 'restricted', version: 28 }],
    ['baseline:v1.0', { level: 'baseline', version: 0 }],
  ])('may be %s', (text, policy) => {
    expect(scan('--would-enforce', text).wouldEnforce).toEqual(policy);
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
    expect(readConfig(['scan', '--would-enforce', text])).toEqual({ exitCode: 2 });
    expect(errors).toMatch(/^error: [^\n]*--would-enforce[^\n]* Give baseline or restricted[^\n]*\n$/);
  });
});
