// Somebody else's JSON, read without trusting its shape.

import { RegistryError } from './error.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Throws `badAnswer` with what it is about when it is no object. */
export function parseFields(bytes: Uint8Array, about: string): Fields {
  const value = parse(bytes);
  if (!isFields(value)) throw new RegistryError('badAnswer', `${about} is not a JSON object`);
  return value;
}

export function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

export function elementsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function textsOf(value: unknown): readonly string[] {
  return elementsOf(value).filter((element) => typeof element === 'string');
}

/** Names of fields are compared without regard to case, as the runtimes' own decoder does; the last one counts. */
export function fieldOf(fields: Fields, name: string): unknown {
  const found = Object.keys(fields).findLast((key) => key.toLowerCase() === name);
  return found === undefined ? undefined : fields[found];
}
