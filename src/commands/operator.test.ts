// The flags of `rootcause operator`: their defaults, what they accept, and in which words they refuse.

import { hostname } from 'node:os';

import { describe, expect, test } from '@jest/globals';

import { commandLine } from '../../test/command-line.ts';
import type { OperatorOptions } from '../operator/operator-options.ts';

type Read = { readonly operator: OperatorOptions; readonly logLevel: string };

function operator(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const { options, errors } = commandLine(['operator', ...args], variables);
  if (options === undefined) throw new Error(errors);
  return (options as Read).operator;
}

test('without flags it watches everything, tries its fixes, and serves on port 8080 of every address', () => {
  expect(commandLine(['operator']).options).toMatchObject({ logLevel: 'info' });
  expect(operator([])).toMatchObject({
    scope: { namespaces: [], excludedNamespaces: [] },
    settleSeconds: 30,
    keepResolvedSeconds: 86_400,
    dryRun: true,
    readLogs: true,
    listen: { host: '', port: 8080 },
    leader: { elect: false },
  });
});

test('a flag takes precedence over its variable, and the variable over the default', () => {
  expect(operator([], { ROOTCAUSE_SETTLE: '45s' }).settleSeconds).toBe(45);
  expect(operator(['--settle', '2m'], { ROOTCAUSE_SETTLE: '45s' }).settleSeconds).toBe(120);
  expect(operator([], { ROOTCAUSE_SETTLE: '' }).settleSeconds).toBe(30);
  expect(operator([], { ROOTCAUSE_DRY_RUN: 'no', ROOTCAUSE_READ_LOGS: 'no' })).toMatchObject({
    dryRun: false,
    readLogs: false,
  });
});

test.each([
  ['true', true],
  ['yes', true],
  ['false', false],
  ['no', false],
  ['0', false],
  ['', false],
])('the variable of a switch may say %j', (value, isSet) => {
  const { allowRootExemption, leader } = operator([], {
    ROOTCAUSE_ALLOW_ROOT_EXEMPTION: value,
    ROOTCAUSE_LEADER_ELECT: value,
  });
  expect([allowRootExemption, leader.elect]).toEqual([isSet, isSet]);
});

test('namespaces are split, trimmed and taken once each', () => {
  expect(operator(['--namespaces', 'a, b,a,', '--exclude-namespaces', 'kube-system']).scope).toEqual({
    namespaces: ['a', 'b'],
    excludedNamespaces: ['kube-system'],
  });
});

test.each([
  [':9090', { host: '', port: 9090 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:8080', { host: '::1', port: 8080 }],
])('listens on %s', (text, listen) => {
  expect(operator(['--listen', text]).listen).toEqual(listen);
});

describe('identity for leader election', () => {
  test('is of one process only, with or without the name of a pod', () => {
    const identities = [{}, {}, { POD_NAME: 'rootcause-0' }, { POD_NAME: 'rootcause-0' }].map(
      (variables) => operator([], { POD_NAME: '', HOSTNAME: '', ...variables }).leader.identity,
    );
    expect(new Set(identities).size).toBe(4);
    expect(identities[0]?.slice(0, -36)).toBe(`${hostname()}_`);
    expect(identities[3]).toMatch(/^rootcause-0_[0-9a-f-]{36}$/);
  });
});

describe('refuses, in one line that names the flag and what to give', () => {
  test.each([
    ['--settle', 'soon', 'Give a duration such as 30s, 5m or 24h, from 0s to 86400s.'],
    ['--settle', '-5s', 'Give a duration'],
    ['--keep-resolved', '9999999d', 'Give a duration'],
    ['--workers', '0', 'Give a whole number from 1 to 64.'],
    ['--workers', '1e3', 'Give a whole number'],
    ['--listen', '8080', 'Give [host]:port'],
    ['--listen', 'example.com:80', 'Give [host]:port'],
    ['--listen', ':70000', 'Give [host]:port'],
    ['--namespaces', 'Not_One', 'Give the name of a namespace'],
    ['--namespaces', ',', 'Give at least one name, or an empty text.'],
    ['--registries', ' ,', 'Give at least one name'],
    ['--registries', 'a/b', 'Give hosts separated by commas'],
    ['--dry-run', 'maybe', 'Give yes or no.'],
    ['--read-logs', 'some', 'Give yes or no.'],
    ['--log-level', 'loud', 'Give debug, info, warn or error.'],
  ])('%s %s', (flag, value, wayOut) => {
    const { exitCode, errors, output } = commandLine(['operator', flag, value]);
    expect([exitCode, output]).toEqual([2, '']);
    expect(errors).toMatch(/^error: option '.*\n$/);
    expect(errors).toContain(flag);
    expect(errors).toContain(wayOut);
  });

  test('and names the variable, where the value is from there', () => {
    const { exitCode, errors } = commandLine(['operator'], { ROOTCAUSE_WORKERS: 'many' });
    expect(exitCode).toBe(2);
    expect(errors).toMatch(/^error: [^\n]*'ROOTCAUSE_WORKERS' is invalid. Give a whole number[^\n]*\n$/);
  });
});
