// A strategic merge patch of a pod template, applied as the API server would apply it.

import type { PodManifest } from '../../model/pod-manifest.ts';
import { isObject } from '../data/field.ts';
import { podManifestOf } from './pod-manifest.ts';

/**
 * Patch of the object that has `spec`: `{spec: {securityContext: {…}, containers: [{name: 'app', …}]}}`. Null removes.
 * Of the directives only `$patch` is known, since the others are not written by hand.
 */
export type PodPatch = {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string | null>> };
  readonly spec?: MergedFields;
};

type MergedFields = Readonly<Record<string, unknown>>;
type Items = readonly unknown[];

/**
 * The manifest with the patch: what the API server would have, as far as a PodManifest keeps it.
 *
 * Defaults that the server fills in, such as the mode of a new secret, are not added, and nothing is validated.
 * An empty securityContext of a container counts as none.
 */
export function patchedManifest(manifest: PodManifest, patch: PodPatch): PodManifest {
  const { annotations = {}, spec } = manifest;
  // The server gives every pod a securityContext, if only an empty one, and so there is one to replace.
  const original = { metadata: { annotations }, spec: { securityContext: {}, ...spec } };
  return podManifestOf(mergedFields(original, patch));
}

/** By what the items of a list are the same; every other list is replaced as a whole. A port's protocol is no part of it. */
export const mergeKeys: ReadonlyMap<string, string> = new Map([
  ['containers', 'name'],
  ['initContainers', 'name'],
  ['ephemeralContainers', 'name'],
  ['volumes', 'name'],
  ['env', 'name'],
  ['volumeMounts', 'mountPath'],
  ['ports', 'containerPort'],
]);

function mergedFields(original: MergedFields, { $patch: directive, ...patch }: MergedFields): MergedFields {
  if (directive === 'delete') return {};
  if (directive === 'replace') return patch;
  const changes = new Map(Object.entries(patch).filter(([, value]) => value !== undefined));
  const untouched = Object.entries(original).filter(([name]) => !changes.has(name));
  const changed = [...changes]
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, mergedValue(original[name], value, mergeKeys.get(name))] as const)
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries([...untouched, ...changed]);
}

function mergedValue(original: unknown, patch: unknown, key?: string): unknown {
  if (isObject(original) && isObject(patch)) return mergedFields(original, patch);
  if (!Array.isArray(original) || !Array.isArray(patch)) return withoutDirectives(patch);
  return key === undefined ? patch : mergedItems(original, patch, key);
}

/** Where there is nothing to merge with, whatever has a directive is left out, even what should replace. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, '$patch')) return undefined;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, below]) => [name, withoutDirectives(below)] as const)
      .filter(([, below]) => below !== undefined),
  );
}

function mergedItems(original: Items, patch: Items, key: string): Items {
  const changes = patch.filter((item) => directiveOf(item) === undefined);
  if (patch.some((item) => directiveOf(item) === 'replace')) return changes;
  const deletions = patch.filter((item) => directiveOf(item) === 'delete');
  const deleted = new Set(deletions.map((item) => valueOf(item, key)));
  const kept = original.filter((item) => !deleted.has(valueOf(item, key)));
  const items = [...kept];
  for (const change of changes) {
    const at = items.findIndex((item) => valueOf(item, key) === valueOf(change, key));
    if (at < 0) items.push(change);
    else items[at] = mergedValue(items[at], change);
  }
  return inOrder(items, kept, changes, key);
}

/**
 * The patch decides the order of what it names, the original the order of the rest. What the patch names goes before
 * the rest, so new items come first; but what stood before an item that the patch names stays before it.
 */
function inOrder(items: Items, original: Items, patch: Items, key: string): Items {
  const placeIn = (list: Items, item: unknown): number =>
    list.findIndex((other) => valueOf(other, key) === valueOf(item, key));
  const named = items
    .filter((item) => placeIn(patch, item) >= 0)
    .toSorted((left, right) => placeIn(patch, left) - placeIn(patch, right));
  const rest = items.filter((item) => placeIn(patch, item) < 0);
  const ordered: unknown[] = [];
  for (const item of named) {
    while (rest.length > 0 && placeIn(original, rest[0]) < placeIn(original, item))
      ordered.push(rest.shift());
    ordered.push(item);
  }
  return [...ordered, ...rest];
}

const directiveOf = (item: unknown): unknown => valueOf(item, '$patch');

const valueOf = (item: unknown, key: string): unknown => (isObject(item) ? item[key] : undefined);
