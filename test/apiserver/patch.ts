// JSON patch, JSON merge patch, and strategic merge patch as far as people and rootcause use them.

import { isDeepStrictEqual } from 'node:util';

import { asFields, asText, isFields, omit, type Fields, type Json } from './object.ts';
import { builtInTyping } from './typing.ts';

/** RFC 6902, without `move` and `copy`. Undefined where an operation does not fit the target. */
export function jsonPatch(target: Json, operations: readonly Json[]): Json | undefined {
  return operations.reduce<Json | undefined>((next, operation) => {
    const { op, path, value } = asFields(operation);
    const names = asText(path).split('/').slice(1).map(unescaped);
    return next === undefined ? undefined : changed(next, names, { op: asText(op), value: value ?? null });
  }, target);
}

type Operation = { readonly op: string; readonly value: Json };

const unescaped = (name: string): string => name.replaceAll('~1', '/').replaceAll('~0', '~');

function changed(target: Json, [name, ...rest]: readonly string[], operation: Operation): Json | undefined {
  if (name === undefined) return atTarget(target, operation);
  const isLast = rest.length === 0;
  if (Array.isArray(target)) return changedItem(target as readonly Json[], name, rest, operation);
  if (!isFields(target)) return undefined;
  if (isLast && operation.op === 'add') return { ...target, [name]: operation.value };
  const now = target[name];
  if (now === undefined) return undefined;
  if (isLast && operation.op === 'remove') return omit(target, name);
  const next = changed(now, rest, operation);
  return next === undefined ? undefined : { ...target, [name]: next };
}

function changedItem(
  target: readonly Json[],
  name: string,
  rest: readonly string[],
  operation: Operation,
): Json | undefined {
  const index = name === '-' ? target.length : Number(name);
  const isLast = rest.length === 0;
  if (isLast && operation.op === 'add') return target.toSpliced(index, 0, operation.value);
  const now = target[index];
  if (now === undefined) return undefined;
  if (isLast && operation.op === 'remove') return target.toSpliced(index, 1);
  const next = changed(now, rest, operation);
  return next === undefined ? undefined : target.with(index, next);
}

function atTarget(target: Json, { op, value }: Operation): Json | undefined {
  if (op === 'test') return isDeepStrictEqual(target, value) ? target : undefined;
  return op === 'replace' ? value : undefined;
}

/** RFC 7386: null deletes, objects merge, everything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isFields(patch)) return patch;
  return mergeFields(asFields(target), patch, mergePatch);
}

/** The same, but lists of the built-in kinds that have keys merge item by item; `$patch: delete` and `replace`. */
export function strategicMergePatch(
  target: Json | undefined,
  patch: Json,
  path: readonly string[] = [],
): Json {
  if (Array.isArray(patch)) return mergeList(target, patch as readonly Json[], path);
  if (!isFields(patch)) return patch;
  if (patch['$patch'] === 'replace') return omit(patch, '$patch');
  return mergeFields(asFields(target), patch, (below, change, name) =>
    strategicMergePatch(below, change, [...path, name]),
  );
}

type Merge = (target: Json | undefined, patch: Json, name: string) => Json;

function mergeFields(target: Fields, patch: Fields, merge: Merge): Fields {
  // Names with a dollar are directives about order, which nothing here depends on.
  const changes = Object.entries(patch).filter(([name]) => !name.startsWith('$'));
  const doomed = changes.filter(([, value]) => value === null).map(([name]) => name);
  const merged = changes.flatMap(([name, value]): [string, Json][] =>
    value === null || value === undefined ? [] : [[name, merge(target[name], value, name)]],
  );
  return { ...omit(target, ...doomed), ...Object.fromEntries(merged) };
}

function mergeList(target: Json | undefined, patch: readonly Json[], path: readonly string[]): Json {
  const keys = builtInTyping.list(path);
  if (typeof keys === 'string' || !Array.isArray(target)) return patch.filter((item) => !isDirective(item));
  const keyOf = (item: Json): string => keys.map((key) => asText(asFields(item)[key])).join('\n');
  const merged = new Map((target as readonly Json[]).map((item) => [keyOf(item), item]));
  for (const item of patch) {
    if (isDirective(item)) merged.delete(keyOf(item));
    else merged.set(keyOf(item), strategicMergePatch(merged.get(keyOf(item)), item, path));
  }
  return [...merged.values()];
}

function isDirective(item: Json): boolean {
  return asFields(item)['$patch'] === 'delete';
}
