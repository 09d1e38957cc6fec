// Flags and environment: what is accepted, what is refused, and in which words.

import { readFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import type { Exit, Invocation } from './config.ts';
import { readConfig } from './config.ts';

let output = '';
let errors = '';

beforeEach(() => {
  output = '';
  errors = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((output += String(text))));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((errors += String(text))));
});

const variables = new Set<string>();

afterEach(() => {
  jest.restoreAllMocks();
  for (const name of variables) delete process.env[name];
});

function read(args: readonly string[], env: Readonly<Record<string, string>> = {}): Invocation | Exit {
  for (const [name, value] of Object.entries(env)) {
    variables.add(name);
    process.env[name] = value;
  }
  return readConfig(args);
}

function operator(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const asked = read(['operator', ...args], env);
  if (!('command' in asked) || asked.command !== 'operator') throw new Error(`no operator: ${errors}`);
  return asked.config;
}

test('without flags it watches everything, and serves on port 8080 of every address', () => {
  const config = operator([]);
  expect(config).toMatchObject({
    scope: { namespaces: [], excludedNamespaces: [] },
    settleSeconds: 30,
    keepResolvedSeconds: 86_400,
    listen: { host: '', port: 8080 },
    leader: { elect: false },
    logLevel: 'info',
  });
});

test('a flag beats its variable, and its variable beats the default', () => {
  expect(operator([], { ROOTCAUSE_SETTLE: '45s' }).settleSeconds).toBe(45);
  expect(operator(['--settle', '2m'], { ROOTCAUSE_SETTLE: '45s' }).settleSeconds).toBe(120);
  expect(operator([], { ROOTCAUSE_SETTLE: '' }).settleSeconds).toBe(30);
});

test('fixes are tried by dry runs, unless that is switched off', () => {
  expect(operator([]).dryRun).toBe(true);
  expect(operator(['--dry-run', 'no']).dryRun).toBe(false);
  expect(operator([], { ROOTCAUSE_DRY_RUN: 'no' }).dryRun).toBe(false);
});

test('logs are read, unless that is switched off', () => {
  expect(operator([]).readLogs).toBe(true);
  expect(operator(['--read-logs', 'no']).readLogs).toBe(false);
  expect(operator([], { ROOTCAUSE_READ_LOGS: 'no' }).readLogs).toBe(false);
});

test('namespaces are split, trimmed and freed of doubles', () => {
  const config = operator(['--namespaces', 'a, b,a,', '--exclude-namespaces', 'kube-system']);
  expect(config.scope).toEqual({ namespaces: ['a', 'b'], excludedNamespaces: ['kube-system'] });
});

test.each([
  [':9090', { host: '', port: 9090 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:8080', { host: '::1', port: 8080 }],
])('listens on %s', (text, listen) => {
  expect(operator(['--listen', text]).listen).toEqual(listen);
});

describe('refuses, in one line that names the flag, and ends with 2', () => {
  test.each([
    [['operator', '--settle', 'soon'], '--settle'],
    [['operator', '--settle', '-5s'], '--settle'],
    [['operator', '--keep-resolved', '9999999d'], '--keep-resolved'],
    [['operator', '--workers', '0'], '--workers'],
    [['operator', '--workers', '1e3'], '--workers'],
    [['operator', '--listen', '8080'], '--listen'],
    [['operator', '--listen', 'example.com:80'], '--listen'],
    [['operator', '--listen', ':70000'], '--listen'],
    [['operator', '--namespaces', 'Not_One'], '--namespaces'],
    [['operator', '--dry-run', 'maybe'], '--dry-run'],
    [['operator', '--read-logs', 'some'], '--read-logs'],
    [['operator', '--log-level', 'loud'], '--log-level'],
    [['operator', '--unknown'], '--unknown'],
    [['operator', 'surplus'], 'argument'],
    [['nonsense'], 'nonsense'],
  ])('%j', (args, named) => {
    expect(read(args)).toEqual({ exitCode: 2 });
    expect(errors).toContain(named);
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(output).toBe('');
  });

  test('a bad value from the environment, naming the variable', () => {
    expect(read(['operator'], { ROOTCAUSE_WORKERS: 'many' })).toEqual({ exitCode: 2 });
    expect(errors).toContain('ROOTCAUSE_WORKERS');
    expect(errors.trim().split('\n')).toHaveLength(1);
  });
});

test('--help names every flag with its variable, and is no failure', () => {
  expect(read(['operator', '--help'])).toEqual({ exitCode: 0 });
  const flags = [...output.matchAll(/^\s+--([a-z-]+)/gm)]
    .map((match) => match[1] ?? '')
    .filter((flag) => flag !== 'help');
  expect(flags.length).toBeGreaterThanOrEqual(13);
  const flat = output.replaceAll(/\s+/g, ' ');
  for (const flag of flags)
    expect(flat).toContain(`env: ROOTCAUSE_${flag.toUpperCase().replaceAll('-', '_')}`);
  for (const flag of flags) expect(flat).toMatch(new RegExp(`--${flag}\\b[^-]`));
});

test('the README names every flag', () => {
  read(['operator', '--help']);
  const flags = [...output.matchAll(/^\s+(--[a-z-]+)/gm)]
    .map((match) => match[1] ?? '')
    .filter((flag) => flag !== '--help');
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const listed = [...readme.matchAll(/^\| `(--[a-z-]+)/gm)].map((match) => match[1] ?? '');
  expect(listed.toSorted()).toEqual(flags.toSorted());
});

describe('rootcause image', () => {
  test('takes a reference, a user and a platform', () => {
    const asked = read([
      'image',
      'nginx:1.27',
      '--as',
      '1000:2000',
      '--platform',
      'linux/arm/v7',
      '--output',
      'json',
    ]);
    expect(asked).toMatchObject({
      command: 'image',
      config: {
        reference: 'nginx:1.27',
        output: 'json',
        asUid: 1000,
        asGid: 2000,
        platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
      },
    });
  });

  test.each([
    [['image'], 'ref'],
    [['image', 'nginx', '--as', 'root'], '--as'],
    [['image', 'nginx', '--as', '2147483648'], '--as'],
    [['image', 'nginx', '--platform', 'linux'], '--platform'],
    [['image', 'nginx', '--output', 'yaml'], '--output'],
  ])('refuses %j in one line that names what is wrong', (args, named) => {
    expect(read(args)).toEqual({ exitCode: 2 });
    expect(errors).toContain(named);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });
});

describe('rootcause explain', () => {
  test('takes files, or standard input, and what to answer', () => {
    expect(read(['explain'])).toEqual({
      command: 'explain',
      config: { files: [], output: 'text', lines: false },
    });
    expect(read(['explain', 'pod.yaml', '-', '--output', 'json', '--lines'])).toEqual({
      command: 'explain',
      config: { files: ['pod.yaml', '-'], output: 'json', lines: true },
    });
  });

  test.each([
    [['explain', '--output', 'yaml'], '--output'],
    [['explain', '--bogus'], '--bogus'],
    [['explain', '--lines=yes'], '--lines'],
  ])('refuses %j in one line that names what is wrong', (args, wrong) => {
    expect(read(args)).toEqual({ exitCode: 2 });
    expect(errors).toContain(wrong);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });
});

test('without a command it prints the help and ends with 2', () => {
  expect(read([])).toEqual({ exitCode: 2 });
  expect(output + errors).toContain('operator');
});
