// What an API object is to the server: JSON with a kind, a name and a version.

export type Json = null | boolean | number | string | readonly Json[] | Fields;

export interface Fields {
  readonly [name: string]: Json | undefined;
}

type Metadata = Fields & {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
};

export type KubeObject = Fields & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
};

export function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isKubeObject(value: Json | undefined): value is KubeObject {
  return [at(value, 'apiVersion'), at(value, 'kind'), at(value, 'metadata', 'name')].every(
    (text) => typeof text === 'string',
  );
}

export function asFields(value: Json | undefined): Fields {
  return isFields(value) ? value : {};
}

export function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** Text as it stands; numbers and booleans printed; everything else is empty. */
export function asText(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** What stands at a path of field names; undefined where the path ends early. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((found, name) => (isFields(found) ? found[name] : undefined), value);
}

/** `{a: 1, b: 2}` without `a`. */
export function omit(fields: Fields, ...names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

/** A copy that shares nothing with the original and has no undefined fields. */
export function cleanCopy<T extends Json>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/** JSON as Go writes it: what could end a script element or a line is escaped. */
export function jsonText(value: Json): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (mark) => `\\u${(mark.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
