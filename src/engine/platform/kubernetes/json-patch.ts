// A strategic merge patch of a pod template as a JSON patch (RFC 6902): a custom resource takes no other that leaves the
// rest of a list as it is.

import type { JsonOperation } from '../../model/fix.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import { isObject } from '../data/field.ts';
import type { PodPatch } from './strategic-merge.ts';
import { mergeKeys } from './strategic-merge.ts';

/**
 * Items of lists stand at their index in the template, and each is tested for its name first: where somebody has moved
 * them since, the API server refuses the patch.
 *
 * @param template what the object has now
 * @param path of the template inside the object
 */
export function jsonPatch(
  { annotations, spec }: PodManifest,
  patch: PodPatch,
  path: readonly string[],
): readonly JsonOperation[] {
  const template = { ...(annotations && { metadata: { annotations } }), spec };
  return changesOf(template, patch, pointer('', ...path));
}

function changesOf(now: JsonFields, patch: JsonFields, path: string): readonly JsonOperation[] {
  return Object.entries(patch).flatMap(([name, value]) =>
    changeOf(now[name], value, pointer(path, name), name),
  );
}

function changeOf(now: unknown, value: unknown, path: string, name: string): readonly JsonOperation[] {
  if (value === undefined) return [];
  if (value === null) return now === undefined ? [] : [{ op: 'remove', path }];
  if (isObject(now) && isObject(value)) return changesOf(now, value, path);
  const key = mergeKeys.get(name);
  if (key !== undefined && isFieldsList(now) && isFieldsList(value))
    return value.flatMap((item) => itemChanges(now, item, path, key));
  return [{ op: 'add', path, value: withoutNulls(value) }];
}

function itemChanges(
  now: readonly JsonFields[],
  item: JsonFields,
  path: string,
  key: string,
): readonly JsonOperation[] {
  const index = now.findIndex((one) => one[key] === item[key]);
  const found = now[index];
  if (!found) return [{ op: 'add', path: `${path}/-`, value: withoutNulls(item) }];
  const { [key]: name, ...changes } = item;
  const place = `${path}/${index}`;
  const made = changesOf(found, changes, place);
  return made.length > 0 ? [{ op: 'test', path: pointer(place, key), value: name }, ...made] : [];
}

/** What is not there needs no removing. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, below]) => below !== null && below !== undefined);
  return Object.fromEntries(kept.map(([name, below]) => [name, withoutNulls(below)]));
}

type JsonFields = Readonly<Record<string, unknown>>;

const isFieldsList = (value: unknown): value is readonly JsonFields[] =>
  Array.isArray(value) && value.every(isObject);

const pointer = (path: string, ...names: readonly string[]): string =>
  [path, ...names.map((name) => name.replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
