// Reads fields of objects of any shape: a wrong type is the same as an absent field.

export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object, or an empty one. */
export function objectAt(value: unknown, ...path: readonly string[]): Fields {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : {};
}

/** The value as a list, or an empty one. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The same, empty where it is absent. */
export function textOf(value: unknown, ...path: readonly string[]): string {
  return textAt(value, ...path) ?? '';
}

export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

export function booleanAt(value: unknown, ...path: readonly string[]): boolean | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'boolean' ? found : undefined;
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same object without the keys whose value is undefined, as exact optional properties want it. */
export function present<T extends Readonly<Record<string, unknown>>>(fields: T): WithoutUndefined<T> {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  // The compiler does not follow a filter by value; what it leaves is what the type says.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(kept) as WithoutUndefined<T>;
}

type WithoutUndefined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** What the text or its bytes hold; undefined where that is not JSON. */
export function jsonIn(text: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : new TextDecoder().decode(text));
  } catch {
    return undefined;
  }
}

function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
}
