// What the contract's words are for what the engine holds as data.

import { expect, test } from '@jest/globals';

import type { Finding } from '../../model/finding.ts';
import { recordedFinding } from './recorded-finding.ts';

const finding: Finding = {
  cause: 'PodSecurityViolation',
  container: { name: 'app', type: 'Container' },
  message: 'violates PodSecurity "baseline:v1.28": hostPort',
  policy: { level: 'baseline', version: 28 },
  violations: [],
  settings: [
    { level: 'Pod', field: 'a', value: true, setBy: { is: 'manager', name: 'helm' } },
    { level: 'Pod', field: 'b', value: 0, setBy: { is: 'admission' } },
    { level: 'Pod', field: 'c', value: 0, setBy: { is: 'unknown' } },
  ],
  image: { reference: 'web:1', resolution: 'NotAttempted' },
};

test('the policy is the family, and each setting names who set it', () => {
  const { family, settings, ...rest } = recordedFinding(finding);
  expect(family).toBe('baseline:v1.28');
  expect(settings.map(({ setBy }) => setBy)).toEqual(['helm', 'admission, unnamed', 'unknown']);
  expect(rest).not.toHaveProperty('policy');
});

test('fields stand in the order that they have always had', () => {
  expect(Object.keys(recordedFinding(finding))).toEqual([
    'cause',
    'container',
    'message',
    'family',
    'violations',
    'settings',
    'image',
  ]);
});
