import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { disagreement, recordedPath } from './kubelet-says.ts';
import type { Recorded } from './kubelet-says.ts';
import { allSpecs, nameOf, sampleOf } from './kubelet-specs.ts';

const recorded = JSON.parse(readFileSync(recordedPath, 'utf8')) as Recorded;
const specs = allSpecs();

test('a kubelet has been asked about every container, and about no other', () => {
  expect(Object.keys(recorded)).toEqual(specs.map(nameOf));
});

describe('we say what the kubelet says', () => {
  test.each(specs.map((spec) => [nameOf(spec), spec] as const))('%s', (name, spec) => {
    const kubelet = recorded[name];
    if (kubelet === undefined) throw new Error('nothing is recorded');
    expect(disagreement(spec, kubelet)).toBeUndefined();
  });
});

test('a sample has something of every answer', () => {
  const answers = sampleOf(specs).map((spec) => recorded[nameOf(spec)]);
  const messages = answers.map((answer) => (answer?.is === 'refused' ? answer.message : 'passed'));
  for (const words of ['passed', 'breaks non-root', 'will run as root', 'non-numeric', 'invalid user id'])
    expect(messages.filter((message) => message.includes(words)).length).toBeGreaterThan(0);
});

test('a refusal where we see none, another cause, or none where we see one is a disagreement', () => {
  const spec = { pod: { runAsNonRoot: true }, container: {}, user: '0' };
  const refused = (message: string) => disagreement(spec, { is: 'refused', message });
  expect(refused('container has runAsNonRoot and image will run as root')).toBeUndefined();
  expect(refused("container's runAsUser breaks non-root policy")).toContain('we say');
  expect(refused('secret "a" not found')).toContain('we say');
  expect(disagreement(spec, { is: 'passed' })).toContain('we say');
  expect(disagreement({ ...spec, user: '1' }, { is: 'refused', message: 'anything' })).toContain('we say');
});
