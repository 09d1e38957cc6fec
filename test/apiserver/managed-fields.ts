// Field ownership: what server-side apply merges, refuses and takes away, and what other writes take over.

import { ApiError } from './api-error.ts';
import { fieldsIn, formatFieldSet, itemElement, parseFieldSet, without } from './field-sets.ts';
import { asFields, asList, asText, isFields, omit, type Fields, type Json } from './object.ts';
import type { Typing } from './typing.ts';

/** Who writes, how and when; `time` in RFC 3339. */
export type Writer = {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
};

type Entry = Writer & { readonly fields: ReadonlySet<string> };

/** Fields that belong to nobody. */
export function ownable(object: Fields): Fields {
  const { apiVersion: _, kind: _kind, metadata, ...rest } = object;
  const system = [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'generation',
    'managedFields',
    'resourceVersion',
  ];
  const left = omit(
    asFields(metadata),
    ...system,
    'selfLink',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  );
  return Object.keys(left).length > 0 ? { metadata: left, ...rest } : rest;
}

/**
 * Server-side apply. `config` holds only what the endpoint takes. Returns the object with its new managedFields.
 * Throws 409 when another manager owns a field that would change, unless forced.
 */
export function applied(
  live: Fields,
  config: Fields,
  typing: Typing,
  writer: Writer,
  force: boolean,
): Fields {
  const wanted = new Set(fieldsIn(ownable(config), typing).keys());
  const entries = entriesOf(live);
  const previous = entries.find((entry) => isSame(entry, writer));
  const others = entries.filter((entry) => entry !== previous);
  const merged = asFields(merge(live, ownable(config), typing, []));
  const changes = changesBetween(live, merged, typing);
  if (!force) refuseConflicts(others, changes);
  const kept = new Set(others.flatMap((entry) => [...entry.fields]));
  const doomed = new Set(
    [...(previous?.fields ?? [])].filter((path) => !wanted.has(path) && !kept.has(path)),
  );
  const object = without(merged, typing, doomed, new Set([...kept, ...wanted]));
  const own = { ...writer, time: sameSet(previous?.fields, wanted) ? (previous?.time ?? '') : writer.time };
  return withEntries(object, [...withoutPaths(others, changes), { ...own, fields: wanted }]);
}

/** Any other write: the writer comes to own what it changed, and the others lose it. */
export function updated(live: Fields, next: Fields, typing: Typing, writer: Writer): Fields {
  const changes = changesBetween(live, next, typing);
  const removed = new Set(removedBetween(live, next, typing));
  const entries = entriesOf(live);
  if (changes.size === 0 && removed.size === 0) return withEntries(next, entries);
  const previous = entries.find((entry) => isSame(entry, writer));
  const others = withoutPaths(
    entries.filter((entry) => entry !== previous),
    new Set([...changes, ...removed]),
  );
  const fields = new Set([...(previous?.fields ?? []), ...changes].filter((path) => !removed.has(path)));
  const own = { ...writer, time: changes.size === 0 ? (previous?.time ?? writer.time) : writer.time };
  return withEntries(next, [...others, { ...own, fields }]);
}

function changesBetween(before: Fields, after: Fields, typing: Typing): ReadonlySet<string> {
  const old = fieldsIn(ownable(before), typing);
  const changed = [...fieldsIn(ownable(after), typing)].filter(([path, value]) => old.get(path) !== value);
  return new Set(changed.map(([path]) => path));
}

function removedBetween(before: Fields, after: Fields, typing: Typing): readonly string[] {
  const now = fieldsIn(ownable(after), typing);
  return [...fieldsIn(ownable(before), typing).keys()].filter((path) => !now.has(path));
}

function refuseConflicts(others: readonly Entry[], changes: ReadonlySet<string>): void {
  const causes = others.flatMap((entry) =>
    [...entry.fields]
      .filter((path) => changes.has(path))
      .map((path) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with "${entry.manager}"`,
        field: readable(path),
      })),
  );
  if (causes.length === 0) return;
  const list = causes.map(({ message, field }) => `${message}: ${field}`).join('\n');
  const count = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`;
  throw new ApiError(409, 'Conflict', `Apply failed with ${count}: ${list}`, { causes });
}

/** `.spec.containers[name="app"].image` */
function readable(path: string): string {
  return path
    .split('\n')
    .map((element) => (element.startsWith('f:') ? `.${element.slice(2)}` : `[${readableKey(element)}]`))
    .join('');
}

function readableKey(element: string): string {
  if (!element.startsWith('k:')) return `=${element.slice(2)}`;
  const keys: Fields = JSON.parse(element.slice(2));
  return Object.entries(keys)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',');
}

function merge(live: Json | undefined, config: Json, typing: Typing, names: readonly string[]): Json {
  if (isFields(config) && isFields(live) && !typing.isAtomic(names)) {
    const merged = Object.entries(config).map(([name, value]): [string, Json] => [
      name,
      merge(live[name], value ?? null, typing, [...names, name]),
    ]);
    return { ...live, ...Object.fromEntries(merged) };
  }
  const isKeyed = Array.isArray(config) && Array.isArray(live) && typing.list(names) !== 'atomic';
  return isKeyed ? mergeLists(live as readonly Json[], config as readonly Json[], typing, names) : config;
}

/** What lives comes first, in its order; new items follow. */
function mergeLists(
  live: readonly Json[],
  config: readonly Json[],
  typing: Typing,
  names: readonly string[],
): Json {
  const keyed = (items: readonly Json[]): [string, Json][] =>
    items.map((item) => [itemElement(item, typing, names), item]);
  const wanted = new Map(keyed(config));
  const old = new Map(keyed(live));
  const kept = [...old].map(([key, item]) => {
    const change = wanted.get(key);
    return change === undefined ? item : merge(item, change, typing, [...names, '[]']);
  });
  return [...kept, ...[...wanted].filter(([key]) => !old.has(key)).map(([, item]) => item)];
}

function entriesOf(object: Fields): readonly Entry[] {
  return asList(asFields(object['metadata'])['managedFields']).map((item) => {
    const entry = asFields(item);
    return {
      manager: asText(entry['manager']),
      operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
      apiVersion: asText(entry['apiVersion']),
      subresource: asText(entry['subresource']),
      time: asText(entry['time']),
      fields: parseFieldSet(asFields(entry['fieldsV1'])),
    };
  });
}

function isSame(a: Writer, b: Writer): boolean {
  const sameAs = a.manager === b.manager && a.operation === b.operation;
  return sameAs && a.apiVersion === b.apiVersion && a.subresource === b.subresource;
}

function withoutPaths(entries: readonly Entry[], paths: ReadonlySet<string>): readonly Entry[] {
  const left = ({ fields, ...writer }: Entry): Entry => {
    const kept = [...fields].filter((path) => !paths.has(path));
    return { ...writer, fields: new Set(kept) };
  };
  return entries.map(left);
}

function sameSet(a: ReadonlySet<string> | undefined, b: ReadonlySet<string>): boolean {
  return a !== undefined && a.size === b.size && [...a].every((path) => b.has(path));
}

function withEntries(object: Fields, entries: readonly Entry[]): Fields {
  const managedFields = entries
    .filter(({ fields }) => fields.size > 0)
    .toSorted(byAge)
    .map(formatEntry);
  const metadata = omit(asFields(object['metadata']), 'managedFields');
  return { ...object, metadata: managedFields.length > 0 ? { ...metadata, managedFields } : metadata };
}

function byAge(a: Entry, b: Entry): number {
  const rank = ({ operation, time, manager }: Entry): string => `${operation} ${time} ${manager}`;
  return rank(a) < rank(b) ? -1 : 1;
}

function formatEntry({ manager, operation, apiVersion, subresource, time, fields }: Entry): Fields {
  const entry = { apiVersion, fieldsType: 'FieldsV1', fieldsV1: formatFieldSet(fields), manager, operation };
  return { ...entry, ...(subresource && { subresource }), time };
}
