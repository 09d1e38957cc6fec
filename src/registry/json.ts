// What the JSON of registries and runtimes needs beyond reading fields: errors, and names in any case.

import { isObject, jsonIn, type Fields } from '../engine/platform/data/field.ts';
import { RegistryError } from './error.ts';

/** Throws `badAnswer` with what it is about when it is not an object. */
export function parseFields(bytes: Uint8Array, about: string): Fields {
  const value = jsonIn(bytes);
  if (!isObject(value)) throw new RegistryError('badAnswer', `${about} is not a JSON object`);
  return value;
}

/** Names of fields are compared without regard to case, as the runtimes' own decoder does; the last one counts. */
export function fieldOf(fields: Fields, name: string): unknown {
  const found = Object.keys(fields).findLast((key) => key.toLowerCase() === name);
  return found === undefined ? undefined : fields[found];
}
