import { describe, expect, test } from '@jest/globals';
import { namespaceLevels, policyText } from './pod-security-labels.ts';

const textsOf = (labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(namespaceLevels(labels)).map(([mode, policy]) => [mode, policyText(policy)]),
  );

describe('the labels of a namespace', () => {
  test('are read for each mode, the latest version where there is none', () => {
    expect(
      textsOf({ enforce: 'baseline', 'enforce-version': 'v1.28', warn: 'restricted', audit: 'privileged' }),
    ).toEqual({ enforce: 'baseline:v1.28', warn: 'restricted:latest', audit: 'privileged:latest' });
  });

  test('say nothing of a mode that they do not name, not even with a version', () => {
    expect(namespaceLevels({})).toEqual({});
    expect(namespaceLevels({ 'enforce-version': 'v1.28', 'warn-version': 'v1.28' })).toEqual({});
    expect(textsOf({ audit: 'baseline' })).toEqual({ audit: 'baseline:latest' });
  });

  test('warn of what they enforce, where they do not say what to warn of', () => {
    expect(textsOf({ enforce: 'restricted', 'enforce-version': 'v1.20' })).toEqual({
      enforce: 'restricted:v1.20',
      warn: 'restricted:v1.20',
    });
    expect(textsOf({ enforce: 'restricted', 'enforce-version': 'v1.20', 'warn-version': 'v1.30' })).toEqual({
      enforce: 'restricted:v1.20',
      warn: 'restricted:v1.30',
    });
    expect(textsOf({ enforce: 'privileged' })).toEqual({ enforce: 'privileged:latest' });
    expect(textsOf({ enforce: 'baseline', warn: 'privileged' })).toEqual({
      enforce: 'baseline:latest',
      warn: 'privileged:latest',
    });
  });

  test('enforce restricted where the level does not exist, and then warn of nothing', () => {
    expect(textsOf({ enforce: 'Restricted', warn: '', audit: 'strict' })).toEqual({
      enforce: 'restricted:latest',
      warn: 'privileged:latest',
      audit: 'privileged:latest',
    });
    expect(textsOf({ enforce: '' })).toEqual({ enforce: 'restricted:latest' });
  });

  test.each([
    '1.28',
    'v1.028',
    'v1.-1',
    'v2.0',
    'v1.28.1',
    'V1.28',
    'v1.',
    '',
    'v1.99999999999999999999',
    'v1.2\n',
  ])('mean the latest version where it is %j', (version) => {
    expect(textsOf({ audit: 'baseline', 'audit-version': version })).toEqual({ audit: 'baseline:latest' });
  });

  test.each(['v1.0', 'v1.28', 'v1.100', 'latest'])('mean version %s as it is written', (version) => {
    expect(textsOf({ audit: 'baseline', 'audit-version': version })).toEqual({
      audit: `baseline:${version}`,
    });
  });

  test('of other things are not looked at', () => {
    expect(namespaceLevels({ constructor: 'restricted', enforced: 'restricted' })).toEqual({});
  });
});
