// Which images are made: each form of each kind beside usual ones, and mixtures of several odd ones.

import { seeded } from '../e2e/seeded.ts';
import { compressions } from './compression.ts';
import type { Compression } from './compression.ts';
import { groupForms } from './group-forms.ts';
import type { GroupForm } from './group-forms.ts';
import { layerForms } from './layer-forms.ts';
import type { LayerForm } from './layer-forms.ts';
import { passwdForms } from './passwd-forms.ts';
import type { PasswdForm } from './passwd-forms.ts';
import { userForms } from './user-forms.ts';
import type { UserForm } from './user-forms.ts';

export type Recipe = {
  readonly user: UserForm;
  readonly passwd: PasswdForm;
  readonly group: GroupForm;
  readonly layers: LayerForm;
  readonly compression: Compression;
};

const usual: Recipe = {
  user: 'a name',
  passwd: 'whole',
  group: 'whole',
  layers: 'one layer',
  compression: 'gzip',
};

const mixtures = 60;
const sampleStep = 12;

/** Always the same ones in the same order. */
export function allRecipes(): readonly Recipe[] {
  const byNumber: Partial<Recipe> = { user: 'a number' };
  const single: readonly Partial<Recipe>[] = [
    ...namesOf(userForms).map((user) => ({ user })),
    ...namesOf(passwdForms).flatMap((passwd) => [{ passwd }, { passwd, ...byNumber }]),
    ...namesOf(groupForms).map((group) => ({ group })),
    ...namesOf(groupForms).map((group) => ({ group, user: 'the name is a number' as const })),
    ...namesOf(groupForms).map((group) => ({ group, passwd: 'a gid past the usual range' as const })),
    ...namesOf(layerForms).flatMap((layers) => [{ layers }, { layers, ...byNumber }]),
    ...namesOf(compressions).map((compression) => ({ compression })),
  ];
  return distinct([...single.map((some) => ({ ...usual, ...some })), ...mixed()]);
}

/** Few of them, of every kind of form; always the same ones. */
export function sampleOf(recipes: readonly Recipe[]): readonly Recipe[] {
  return recipes.filter((_, at) => at % sampleStep === 0);
}

/** `user: a name; layers: removed above`, with what is usual left out. */
export function nameOf(recipe: Recipe): string {
  const odd = partsOf(recipe).filter(([part, form]) => form !== usual[part]);
  return odd.map(([part, form]) => `${part}: ${form}`).join('; ') || 'all as usual';
}

function partsOf(recipe: Recipe): readonly (readonly [keyof Recipe, string])[] {
  const parts: readonly (keyof Recipe)[] = ['user', 'passwd', 'group', 'layers', 'compression'];
  return parts.map((part) => [part, recipe[part]]);
}

/**
 * Forms of every kind by chance. Most have an ordinary user, since odd ones hide all else; and none has an odd group
 * file below odd layers, since we read no layer for that.
 */
function mixed(): readonly Recipe[] {
  const random = seeded(mixtures);
  const pick = <Form extends string>(forms: readonly Form[], ordinary: Form): Form =>
    forms[Math.floor(random() * forms.length)] ?? ordinary;
  return Array.from({ length: mixtures }, (_, at) => ({
    user: pick(at % 3 === 0 ? namesOf(userForms) : ['a name', 'a number', 'none'], usual.user),
    passwd: pick(namesOf(passwdForms), usual.passwd),
    ...(at % 2 === 0
      ? { group: pick(namesOf(groupForms), usual.group), layers: usual.layers }
      : { group: usual.group, layers: pick(namesOf(layerForms), usual.layers) }),
    compression: pick(namesOf(compressions), usual.compression),
  }));
}

function namesOf<Form extends string>(forms: Readonly<Record<Form, unknown>>): readonly Form[] {
  return Object.keys(forms) as Form[];
}

function distinct(recipes: readonly Recipe[]): readonly Recipe[] {
  return [...new Map(recipes.map((recipe) => [nameOf(recipe), recipe])).values()];
}
