// Two patches of one pod as one.

import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';

type PatchFields = Readonly<Record<string, unknown>>;

/**
 * What both say, the second one decides. Lists of named things are put together by name, in the order of `order` where
 * that names them: the API server takes over the order of a patch.
 */
export function mergedPatch(first: PodPatch, second: PodPatch, order: readonly string[] = []): PodPatch {
  return { spec: mergedMaps(first.spec ?? {}, second.spec ?? {}, order) };
}

function mergedMaps(
  first: PatchFields,
  second: PatchFields,
  order: readonly string[],
): Record<string, unknown> {
  const keys = [...new Set([...Object.keys(first), ...Object.keys(second)])];
  return Object.fromEntries(keys.map((key) => [key, mergedValues(first[key], second[key], order)]));
}

function mergedValues(first: unknown, second: unknown, order: readonly string[]): unknown {
  if (second === undefined) return first;
  if (isKeyedList(first) && isKeyedList(second)) return mergedLists(first, second, order);
  return isFields(first) && isFields(second) ? mergedMaps(first, second, order) : second;
}

function mergedLists(
  first: readonly PatchFields[],
  second: readonly PatchFields[],
  order: readonly string[],
) {
  const keys = [...new Set([...first, ...second].map(keyOf))];
  const find = (list: readonly PatchFields[], key: unknown): PatchFields =>
    list.find((one) => keyOf(one) === key) ?? {};
  const place = (key: unknown): number => {
    const index = order.indexOf(String(key));
    return index < 0 ? order.length : index;
  };
  return keys
    .toSorted((a, b) => place(a) - place(b))
    .map((key) => mergedMaps(find(first, key), find(second, key), order));
}

/** Mounts of one volume at two places are two. */
const keyOf = (item: PatchFields): unknown => item['mountPath'] ?? item['name'];

const isFields = (value: unknown): value is PatchFields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isKeyedList = (value: unknown): value is readonly PatchFields[] =>
  Array.isArray(value) && value.every((item) => isFields(item) && typeof keyOf(item) === 'string');
