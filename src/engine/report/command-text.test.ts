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
const inShop = { namespace: 'shop', patchIn: 'Diagnosis' } as const;

describe('the command that makes the change', () => {
  test('takes the patch from the Diagnosis', () => {
    expect(commandText({ do: 'patch', workload }, inShop)).toBe(
      "kubectl -n shop get diagnosis deployment-web -o jsonpath='{.status.fix.patch}' | " +
        'kubectl -n shop patch deployment/web --patch-file=/dev/stdin',
    );
  });

  test('takes it from a file where there is no Diagnosis, and names no namespace that is not known', () => {
    expect(commandText({ do: 'patch', workload }, { patchIn: 'file' })).toBe(
      'cat patch.yaml | kubectl patch deployment/web --patch-file=/dev/stdin',
    );
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
    expect(commandText({ do: 'patch', workload: hostile }, inShop)).toBeUndefined();
    expect(commandText({ do: 'replacePod', workload: hostile }, inShop)).toBeUndefined();
  });
});

test('a selector is one word for a shell', () => {
  const which = { selector: "tier in (a),x='y'" };
  expect(commandText({ do: 'delete', kind: 'pod', which }, inShop)).toBe(
    `kubectl -n shop delete pod -l 'tier in (a),x='\\''y'\\'''`,
  );
});
