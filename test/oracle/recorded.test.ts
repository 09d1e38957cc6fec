import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { imageOf } from './image.ts';
import { openInMemory, oursOf, termsOf } from './ours.ts';
import { allRecipes, nameOf } from './recipe.ts';
import { recordedPath } from './recorded.ts';
import type { Recorded } from './recorded.ts';
import { disagreement } from './verdict.ts';
import type { RuntimeSays } from './verdict.ts';

const recorded = JSON.parse(readFileSync(recordedPath, 'utf8')) as Recorded;
const recipes = allRecipes();
const { signal } = new AbortController();

test('a runtime has been asked about every image, and about no other', () => {
  expect(Object.keys(recorded)).toEqual(recipes.map(nameOf));
});

describe('we say who a container of an image runs as, as the runtime does', () => {
  test.each(recipes.map((recipe) => [nameOf(recipe), recipe] as const))('%s', async (name, recipe) => {
    const image = imageOf(recipe, Buffer.from('program'));
    const ours = await oursOf(() => openInMemory(image, signal), signal);
    const runtime = recorded[name];
    if (runtime === undefined) throw new Error('nothing is recorded');
    expect(disagreement(runtime, ours, await termsOf(recipe, signal))).toBeUndefined();
  });
});

describe('a disagreement is', () => {
  const ran: RuntimeSays = { is: 'ran', uid: 5, gid: 6 };
  const refused: RuntimeSays = { is: 'refused', reason: 'CreateContainerError', message: 'no users found' };
  const notUnpacked: RuntimeSays = { is: 'notUnpacked', reason: 'ErrImagePull', message: 'damaged' };
  const detail = 'because';
  const known = { is: 'resolved', uid: 5, gid: 6, detail } as const;
  const terms = { mayBeOpen: false, inOrder: known };
  const open = { mayBeOpen: true, inOrder: known };
  const number = { is: 'resolved', uid: 5, detail } as const;

  test('another number, a missing number, a number where the runtime has none', () => {
    expect(disagreement(ran, known, terms)).toBeUndefined();
    expect(disagreement(ran, { ...known, uid: 0 }, terms)).toContain('ran it as 5:6, we say resolved 0:6');
    expect(disagreement(ran, { ...known, gid: 0 }, terms)).toBeDefined();
    expect(disagreement(ran, number, terms)).toBeDefined();
    expect(disagreement(ran, { is: 'unreadable', detail }, terms)).toBeDefined();
    expect(disagreement(refused, known, terms)).toContain('no users found');
    expect(disagreement(refused, { is: 'unreadable', detail }, terms)).toBeDefined();
    expect(disagreement(refused, { is: 'notInImage', detail }, terms)).toBeUndefined();
  });

  test('any number but the right one where the image cannot be unpacked', () => {
    expect(disagreement(notUnpacked, { ...known, uid: 7 }, terms)).toBeDefined();
    expect(disagreement(notUnpacked, known, terms)).toBeUndefined();
    expect(disagreement(notUnpacked, { is: 'unreadable', detail }, terms)).toBeUndefined();
  });

  test('any guess where the answer is left open', () => {
    expect(disagreement(ran, { is: 'unreadable', detail }, open)).toBeUndefined();
    expect(disagreement(ran, number, open)).toBeUndefined();
    expect(disagreement(ran, { ...number, uid: 7 }, open)).toBeDefined();
    expect(disagreement(ran, known, open)).toBeDefined();
    expect(disagreement(ran, { is: 'notInImage', detail }, open)).toBeDefined();
  });
});
