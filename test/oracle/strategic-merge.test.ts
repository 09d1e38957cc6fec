import { describe, expect, test } from '@jest/globals';
import { allPairs } from './strategic-merge-pairs.ts';
import { disagreement, readRecorded } from './strategic-merge-recorded.ts';

const recorded = readRecorded();

describe('we say what a patch makes of a pod template, as the API server does', () => {
  test.each(recorded.map((answers, at) => [at, answers] as const))(
    'template %i',
    (_, { before, patches }) => {
      expect(patches.flatMap((answer) => disagreement(before, answer) ?? [])).toEqual([]);
    },
  );
});

test('the API server has been asked often, and has mostly answered', () => {
  const answers = recorded.flatMap(({ patches }) => patches);
  expect(answers.filter(({ after }) => after !== undefined).length).toBeGreaterThan(300);
  expect(recorded).toHaveLength(allPairs().length);
});

test('another order, a field that stays, a field too few is a disagreement', () => {
  const containers = [{ name: 'a', image: 'x' }, { name: 'b' }];
  const before = { spec: { containers } };
  const patch = { spec: { containers: [{ name: 'a', image: null }] } };
  const is = (after: readonly { name: string; image?: string }[]) =>
    disagreement(before, { patch, after: { spec: { containers: after } } });
  expect(is([{ name: 'a' }, { name: 'b' }])).toBeUndefined();
  expect(is([{ name: 'b' }, { name: 'a' }])).toContain('but we say');
  expect(is(containers)).toContain('but we say');
  expect(is([{ name: 'a' }])).toContain('but we say');
});
