// Failures that are not ours: recognised in the kubelet's own words, and not where a program says something alike.

import { describe, expect, test } from '@jest/globals';

import { configErrorNeighbour, neighbourIn } from './neighbour-message.ts';

describe('a line', () => {
  test.each([
    ['Error: secret "db-password" not found', { is: 'missingObject', kind: 'Secret', name: 'db-password' }],
    ['configmap "app-config" not found', { is: 'missingObject', kind: 'ConfigMap', name: 'app-config' }],
    [
      'Warning  Failed  3s (x9 over 2m)  kubelet  Error: secret "db-password" not found',
      { is: 'missingObject', kind: 'Secret', name: 'db-password' },
    ],
    [
      'failed to "StartContainer" for "app" with CreateContainerConfigError: "secret \\"db\\" not found" pod="shop/web-0"',
      { is: 'missingObject', kind: 'Secret', name: 'db' },
    ],
    [
      'MountVolume.SetUp failed for volume "tls" : secret "tls-web" not found',
      { is: 'missingObject', kind: 'Secret', name: 'tls-web' },
    ],
    [
      "Error: couldn't find key DATABASE_URL in Secret shop/db",
      { is: 'missingKey', kind: 'Secret', name: 'shop/db', key: 'DATABASE_URL' },
    ],
    [
      'Error: failed to sync configmap cache: timed out waiting for the condition',
      { is: 'unreadCache', what: 'ConfigMap' },
    ],
    [
      'Keys [1-x, a b] from the EnvFrom configMap shop/env were skipped since they are considered invalid environment variable names.',
      { is: 'invalidEnvironmentNames', names: '1-x, a b' },
    ],
    [
      'Error: failed to prepare subPath for volumeMount "config" of container "app"',
      { is: 'subPath', volumeMount: 'config' },
    ],
    [
      'failed to start sandbox "7c1d": failed to generate user string: user group "3000" is specified without user',
      { is: 'groupWithoutUser', group: '3000' },
    ],
    [
      'failed to make sandbox docker config for pod "x": runAsGroup is specified without a runAsUser',
      { is: 'groupWithoutUser' },
    ],
    [
      'encountered an error during hcsshim::System::CreateProcess: failure in a Windows system call: The user name or password is incorrect. (0x52e)',
      { is: 'unknownWindowsAccount' },
    ],
  ])('%j', (line, neighbour) => {
    expect(neighbourIn(line)).toEqual(neighbour);
  });

  test.each([
    '2025-01-01 10:00:00 ERROR vault client: secret "db-password" not found in mount kv, retrying',
    'the secret "x" not found message is misleading',
    'login failed: The user name or password is incorrect.',
    'container has runAsNonRoot and image will run as root',
  ])('of a program or of ours is none: %j', (line) => {
    expect(neighbourIn(line)).toBeUndefined();
  });
});

test('the message of a container that waits is one, whatever it says, without secrets', () => {
  expect(configErrorNeighbour('fieldPath "status.x" not supported')).toEqual({
    is: 'otherConfigError',
    message: 'fieldPath "status.x" not supported',
  });
  expect(JSON.stringify(configErrorNeighbour('key AKIAIOSFODNN7EXAMPLE is wrong'))).not.toContain('AKIA');
  expect(configErrorNeighbour('')).toBeUndefined();
});
