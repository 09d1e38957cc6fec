// Which other policy engine refused a pod that might run as root, and which texts are no such refusal.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

import { rejectingPolicy } from './other-admission.ts';

const denied = (webhook: string, said: string): string =>
  `Error creating: admission webhook "${webhook}" denied the request: ${said}`;
const notAllowed =
  'Running as root is not allowed. Either the field spec.securityContext.runAsNonRoot must be set to `true`, or the fields spec.containers[*].securityContext.runAsNonRoot must be set to `true`.';
const kyverno = denied(
  'validate.kyverno.svc-fail',
  `\n\nresource Pod/shop/web was blocked due to the following policies \n\ndisallow-latest:\n  tags: 'validation error: a tag is required'\nrequire-run-as-nonroot:\n  run-as-non-root: 'validation error: ${notAllowed} rule run-as-non-root failed at path /spec/'\n`,
);
const users =
  'Container web is attempting to run without a required securityContext/runAsNonRoot or securityContext/runAsUser != 0';
const ranges =
  '.containers[0].runAsUser: Invalid value: 2000: must be in the ranges: [1001130000, 1001139999]';

describe('the engine and its policy', () => {
  test.each<readonly [string, string, string | undefined]>([
    [kyverno, 'Kyverno', 'require-run-as-nonroot'],
    [JSON.stringify(kyverno), 'Kyverno', 'require-run-as-nonroot'],
    [kyverno.replaceAll(/\s+/g, ' '), 'Kyverno', 'require-run-as-nonroot'],
    [
      `policy require-run-as-nonroot/run-as-non-root fail: validation error: ${notAllowed}`,
      'Kyverno',
      'require-run-as-nonroot',
    ],
    [notAllowed, 'Kyverno', undefined],
    [
      denied(
        'validate.kyverno.svc-fail',
        `\n\nresource Pod/shop/web was blocked due to the following policies \n\npss:\n  restricted: 'Validation rule 'restricted' failed. It violates PodSecurity "restricted:latest": (Forbidden reason: runAsNonRoot != true, field error list: [])'`,
      ),
      'Kyverno',
      'pss',
    ],
    [denied('validation.gatekeeper.sh', `[users] ${users}`), 'Gatekeeper', 'users'],
    [
      denied('validation.gatekeeper.sh', `[labels] you must provide labels: {"team"}\n[users] ${users}`),
      'Gatekeeper',
      'users',
    ],
    [denied('validation.gatekeeper.sh', `[denied by users] ${users}`), 'Gatekeeper', 'users'],
    [
      'Container web is attempting to run as disallowed user 0. Allowed runAsUser: {"rule": "MustRunAsNonRoot"}',
      'Gatekeeper',
      undefined,
    ],
    [
      `pods "web-1" is forbidden: unable to validate against any security context constraint: [provider "anyuid": Forbidden: not usable by user or serviceaccount, provider restricted-v2: ${ranges}, provider "restricted": Forbidden: not usable by user or serviceaccount]`,
      'SCC',
      'restricted-v2',
    ],
    [
      'unable to validate against any security context constraint: [spec.containers[0].securityContext.securityContext.runAsUser: Invalid value: 1: must be in the ranges: [5, 6]]',
      'SCC',
      undefined,
    ],
    [
      'pods "web-" is forbidden: PodSecurityPolicy: unable to admit pod: [spec.containers[0].securityContext.runAsUser: Invalid value: 0: running with the root UID is forbidden]',
      'PodSecurityPolicy',
      undefined,
    ],
    [
      'pods "web-" is forbidden: unable to validate against any pod security policy: [spec.containers[0].securityContext.runAsNonRoot: Invalid value: false: must be true]',
      'PodSecurityPolicy',
      undefined,
    ],
    [
      `pods "web-1" is forbidden: ValidatingAdmissionPolicy 'nonroot.example.com' with binding 'all' denied request: Pods must not explicitly run containers as root (UID 0)`,
      'ValidatingAdmissionPolicy',
      'nonroot.example.com',
    ],
    [denied('guard.example.com', 'container web must set runAsNonRoot'), 'webhook', 'guard.example.com'],
    [
      denied('k-rail.example.com', 'No Root user: Container web can as the root user which is forbidden'),
      'webhook',
      'k-rail.example.com',
    ],
  ])('%s', (text, engine, policy) => {
    expect(rejectingPolicy(text)).toEqual({ engine, ...(policy && { policy }) });
  });
});

describe('is not named', () => {
  test.each([
    [
      'of a refusal for another reason',
      denied('validation.gatekeeper.sh', '[labels] you must provide labels: {"team"}'),
    ],
    ['of a webhook with other worries', denied('guard.example.com', 'the image is not signed')],
    [
      'of an SCC that refuses volumes',
      'unable to validate against any security context constraint: [provider restricted-v2: .spec.volumes[0]: Invalid value: "hostPath": not allowed]',
    ],
    [
      'of Pod Security',
      'pods "web-1" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
    ],
    [
      'of the webhook of Pod Security',
      denied(
        'pod-security-webhook.kubernetes.io',
        'pods "web-1" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
      ),
    ],
    ['of the kubelet', 'container has runAsNonRoot and image will run as root'],
    [
      'of a linter',
      'RunAsNonRoot is not set in ContainerSecurityContext, which results in root user being allowed!',
    ],
    ['of quota', 'pods "web-1" is forbidden: exceeded quota: compute'],
    ['of nothing', ''],
  ])('%s', (_what, text) => {
    expect(rejectingPolicy(text)).toBeUndefined();
  });

  test('of any row of the corpus but those of other admission plug-ins', () => {
    const lines = ['corpus.jsonl', 'more-refusals.jsonl'].flatMap((file) =>
      readFileSync(new URL(`../../../../cases/messages/${file}`, import.meta.url), 'utf8')
        .trim()
        .split('\n'),
    );
    const rows = lines.map((line): { text: string; sub?: string } => JSON.parse(line));
    for (const { text } of rows.filter(({ sub }) => sub !== 'other-admission'))
      expect(rejectingPolicy(text)).toBeUndefined();
  });
});

test.each([
  'runAsNonRoot ',
  'a:\n runAsNonRoot ',
  '[a] runAsNonRoot ',
  'running as ',
  'run a b c ',
  'admission webhook "',
  '\\n',
  ' ',
  'provider "a": ',
])('a mebibyte of %j is answered', (unit) => {
  const text = `runAsNonRoot ${denied('validate.kyverno.svc', unit.repeat(1_048_576 / unit.length))}`;
  expect(JSON.stringify(rejectingPolicy(text) ?? {}).length).toBeLessThan(1000);
});

test('a policy whose name could not be that of an object is not named', () => {
  expect(rejectingPolicy(denied('a\u202Eb', 'runAsNonRoot must be true'))).toEqual({ engine: 'webhook' });
});
