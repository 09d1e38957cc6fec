// Which fields somebody owns: managedFields as a set of paths, and the values that stand at them.

import { asFields, isFields, type Fields, type Json } from './object.ts';
import type { Typing } from './typing.ts';

/** Elements of a path as FieldsV1 writes them, `f:spec`, `k:{"name":"app"}`, `v:"x"`, joined by line ends. */
type Path = string;

const separator = '\n';

/** Stands for the items of a list in a path of names: `['status', 'conditions', '[]', 'type']`. */
const inItems = '[]';

/** Every owned path of a value, with what stands there as JSON; empty text for an item or entry with fields below. */
export function fieldsIn(value: Fields, typing: Typing): ReadonlyMap<Path, string> {
  const found = new Map<Path, string>();
  for (const [name, child] of Object.entries(value))
    collect(found, child ?? null, typing, [name], `f:${name}`);
  return found;
}

function collect(
  found: Map<Path, string>,
  value: Json,
  typing: Typing,
  names: readonly string[],
  path: Path,
): void {
  if (isFields(value) && !typing.isAtomic(names) && Object.keys(value).length > 0) {
    collectEntries(found, value, typing, names, path);
  } else if (Array.isArray(value) && typing.list(names) !== 'atomic') {
    collectItems(found, value as readonly Json[], typing, names, path);
  } else {
    found.set(path, JSON.stringify(value));
  }
}

function collectEntries(
  found: Map<Path, string>,
  value: Fields,
  typing: Typing,
  names: readonly string[],
  path: Path,
): void {
  for (const [name, child] of Object.entries(value)) {
    const below = path + separator + `f:${name}`;
    if (typing.isMap(names)) found.set(below, '');
    collect(found, child ?? null, typing, [...names, name], below);
  }
}

function collectItems(
  found: Map<Path, string>,
  list: readonly Json[],
  typing: Typing,
  names: readonly string[],
  path: Path,
): void {
  for (const item of list) {
    const below = path + separator + itemElement(item, typing, names);
    found.set(below, '');
    collect(found, item, typing, [...names, inItems], below);
  }
}

/** `k:{"name":"app"}` or, in a set, `v:"x"`. */
export function itemElement(item: Json, typing: Typing, names: readonly string[]): string {
  const keys = typing.list(names);
  if (keys === 'atomic' || keys === 'set') return `v:${JSON.stringify(item)}`;
  const found = keys.toSorted().map((key): [string, Json] => [key, asFields(item)[key] ?? null]);
  return `k:${JSON.stringify(Object.fromEntries(found))}`;
}

/** A value without the doomed paths, nor the objects and lists that this empties. Paths in `kept` stay. */
export function without(
  value: Fields,
  typing: Typing,
  doomed: ReadonlySet<Path>,
  kept: ReadonlySet<Path>,
): Fields {
  const protects = new Set([...kept].flatMap(prefixesOf));
  const cut = (child: Json, names: readonly string[], path: Path): Json | undefined => {
    if (doomed.has(path) && !protects.has(path)) return undefined;
    if (isFields(child) && !typing.isAtomic(names)) {
      const left = entriesLeft(child, (name, below) =>
        cut(below, [...names, name], path + separator + `f:${name}`),
      );
      return isEmptied(child, left) ? undefined : left;
    }
    if (!Array.isArray(child) || typing.list(names) === 'atomic') return child;
    const items = (child as readonly Json[]).flatMap((item): Json[] => {
      const left = cut(item, [...names, inItems], path + separator + itemElement(item, typing, names));
      return left === undefined ? [] : [left];
    });
    return items.length === 0 && child.length > 0 ? undefined : items;
  };
  return entriesLeft(value, (name, child) => cut(child, [name], `f:${name}`));
}

function entriesLeft(value: Fields, cut: (name: string, child: Json) => Json | undefined): Fields {
  const entries = Object.entries(value).map(([name, child]): [string, Json | undefined] => [
    name,
    child === undefined ? undefined : cut(name, child),
  ]);
  return Object.fromEntries(entries.filter(([, child]) => child !== undefined));
}

function isEmptied(before: Fields, after: Fields): boolean {
  return Object.keys(after).length === 0 && Object.keys(before).length > 0;
}

function prefixesOf(path: Path): readonly Path[] {
  const elements = path.split(separator);
  return elements.map((_, i) => elements.slice(0, i + 1).join(separator));
}

/** Reads `fieldsV1`. */
export function parseFieldSet(fieldsV1: Fields): ReadonlySet<Path> {
  const found = new Set<Path>();
  const read = (tree: Fields, path: readonly string[]): void => {
    for (const [element, below] of Object.entries(tree)) {
      if (element === '.') found.add(path.join(separator));
      else if (Object.keys(asFields(below)).length === 0) found.add([...path, element].join(separator));
      else read(asFields(below), [...path, element]);
    }
  };
  read(fieldsV1, []);
  return found;
}

type Tree = { [element: string]: Tree };

/** Writes `fieldsV1`, in order; a path that is owned and has others below it gets a `.`. */
export function formatFieldSet(paths: ReadonlySet<Path>): Fields {
  const root: Tree = {};
  const parents = new Set([...paths].flatMap((path) => prefixesOf(path).slice(0, -1)));
  for (const path of [...paths].toSorted()) {
    const node = path.split(separator).reduce((tree, element) => (tree[element] ??= {}), root);
    if (parents.has(path)) node['.'] = {};
  }
  return root;
}
