import { expect, test } from '@jest/globals';
import { imageOf } from './image.ts';
import { allRecipes, nameOf, sampleOf } from './recipe.ts';

const recipes = allRecipes();

test('there are more than two hundred images, each of its own', () => {
  expect(recipes.length).toBeGreaterThan(200);
  expect(new Set(recipes.map(nameOf)).size).toBe(recipes.length);
});

test('the sample is small and has odd forms of every kind', () => {
  const names = sampleOf(recipes).map(nameOf);
  expect(names.length).toBeLessThan(50);
  for (const part of ['user', 'passwd', 'group', 'layers'])
    expect(names.filter((name) => name.includes(`${part}: `)).length).toBeGreaterThan(3);
});

test('an image is the same each time it is made', () => {
  const program = Buffer.from('program');
  for (const recipe of sampleOf(recipes))
    expect(imageOf(recipe, program).digest).toBe(imageOf(recipe, program).digest);
});
