// Commands to paste: what they say, and what no name can make of them.

import { describe, expect, test } from '@jest/globals';

import type { WorkloadRef } from '../model/workload.ts';
import { commandText } from './command-text.ts';

const workload: WorkloadRef = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  uid: 'u-1',
};
const inShop = { namespace: 'shop' };
const spec = { containers: [{ name: 'app', securityContext: { runAsUser: 10001 } }] };
const patch = { spec: { template: { spec } } };

test.each([
  { do: 'delete', kind: 'pod', which: ['web-0', '--all'] },
  { do: 'explainLog', pod: '--kubeconfig=x', container: 'app' },
  { do: 'inspectImage', reference: '--platform=x' },
] as const)('a name that would be an option makes no command: %j', (command) => {
  expect(commandText(command, inShop)).toBeUndefined();
});

describe('the command that makes the change', () => {
  test('carries its own patch, so that it needs no record in the cluster and can apply no other', () => {
    expect(commandText({ do: 'patch', workload, patch }, inShop)).toBe(
      `kubectl -n shop patch deployment/web -p '${JSON.stringify(patch)}'`,
    );
  });

  test('names no namespace that is not known', () => {
    expect(commandText({ do: 'patch', workload, patch: {} }, {})).toBe(
      "kubectl patch deployment/web -p '{}'",
    );
  });

  test('says the type of a patch that is a list', () => {
    const rollout = { ...workload, apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' };
    expect(commandText({ do: 'patch', workload: rollout, patch: [] }, inShop)).toBe(
      "kubectl -n shop patch rollouts.argoproj.io/web --type=json -p '[]'",
    );
  });

  test('deletes a pod only after the API server has taken the new one, in a dry run and under another name', () => {
    const pod = { ...workload, apiVersion: 'v1', kind: 'Pod' };
    const command = commandText({ do: 'recreate', workload: pod, patch: { spec } }, inShop) ?? '';
    const steps = command.split(' && ');
    expect(steps).toHaveLength(4);
    expect(steps[0]).toMatch(/^object=\$\(kubectl -n shop get pod web .*"ephemeralContainers":null.*\)$/);
    expect(steps[1]).toMatch(/"generateName":"check-".* create --dry-run=server -f -$/);
    expect(steps[2]).toBe('kubectl -n shop delete pod web');
    expect(steps[3]).toBe('printf %s "$object" | kubectl -n shop create -f -');
    expect(command).not.toContain('--force');
  });

  test.each([
    { kind: 'service;touch /tmp/x;: ' },
    { kind: '' },
    { kind: '--kubeconfig' },
    { name: 'web;id' },
    { name: '$(id)' },
    { name: '-web' },
    { name: 'web\n' },
  ])('does not exist for an owner that Kubernetes would not have accepted: %j', (part) => {
    const hostile = { ...workload, ...part };
    expect(commandText({ do: 'patch', workload: hostile, patch }, inShop)).toBeUndefined();
    expect(commandText({ do: 'recreate', workload: hostile, patch }, inShop)).toBeUndefined();
  });
});
