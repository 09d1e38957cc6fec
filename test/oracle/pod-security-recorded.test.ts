import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { policyText } from '../../src/engine/platform/pod-security/pod-security-labels.ts';
import { disagreements } from './pod-security-ours.ts';
import { allPods, sampleOf } from './pod-security-pods.ts';
import { allPolicies, samplePolicies } from './pod-security-policies.ts';
import { digestOf, packed, recordedPath, unpacked } from './pod-security-recorded.ts';
import type { Answers, Recorded } from './pod-security-recorded.ts';

const recorded = JSON.parse(readFileSync(recordedPath, 'utf8')) as Recorded;
const pods = allPods();

const answersOf = (name: string): Answers =>
  unpacked(recorded.answers[name] ?? '', recorded.parts, recorded.policies.length);

describe('an API server has been asked', () => {
  test('about every pod under every policy, and about no other', () => {
    expect(Object.keys(recorded.answers)).toEqual(pods.map(({ name }) => name));
    expect(recorded.policies).toEqual(allPolicies.map(policyText));
    expect(recorded.pods).toBe(digestOf(pods));
  });

  test('about more than six hundred pods, nearly all of which it judged', () => {
    const judged = pods.filter(({ name }) => answersOf(name).every((answer) => answer !== undefined));
    expect(judged.length).toBeGreaterThan(600);
    expect(judged.length).toBeGreaterThan(0.98 * pods.length);
  });

  test('and has refused for every reason there is', () => {
    const all = recorded.parts.join('\n');
    for (const reason of reasons) expect(all).toContain(`${reason} (`);
  });
});

test('we say of every pod under every policy what the API server says, word for word', () => {
  const wrong = pods.flatMap(({ name, pod }) =>
    disagreements(pod, allPolicies, answersOf(name), recorded.server).map((line) => `${name}: ${line}`),
  );
  expect(wrong).toEqual([]);
});

test('the sample is of about eighty pods, and of policies that are among all', () => {
  expect(sampleOf(pods).length).toBeGreaterThan(70);
  expect(sampleOf(pods).length).toBeLessThan(90);
  for (const policy of samplePolicies) expect(allPolicies).toContainEqual(policy);
});

test('answers are recorded as they are: none, an admission, texts with brackets and commas', () => {
  const numbers = new Map<string, number>();
  const numberOf = (part: string) => numbers.set(part, numbers.get(part) ?? numbers.size).get(part) ?? 0;
  const answers = ['', '', 'a (b), c (d "e), f")', 'a (b), c', 'c', undefined, undefined, ''];
  const text = packed(answers, numberOf);
  expect(unpacked(text, [...numbers.keys()], answers.length)).toEqual(answers);
});

const reasons = [
  'forbidden AppArmor profile',
  'forbidden AppArmor profiles',
  'non-default capabilities',
  'host namespaces',
  'hostPath volumes',
  'hostPort',
  'probe or lifecycle host',
  'privileged',
  'procMount',
  'seLinuxOptions',
  'seccompProfile',
  'forbidden sysctls',
  'hostProcess',
  'allowPrivilegeEscalation != false',
  'unrestricted capabilities',
  'restricted volume types',
  'runAsNonRoot != true',
  'runAsUser=0',
];
