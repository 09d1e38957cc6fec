// What comes over the wire from a list or a watch, as bytes; only what contains a needle is parsed.

import { listAt, objectAt, textOf } from '../../engine/platform/data/field.ts';
import { WireError } from './wire-error.ts';
import { afterSpace, eachElement, eachMember, endOfValue, enough, none, stringAt } from './json-bytes.ts';

/** What tells one object from all others, and one state of it from another. */
export type Identity = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
};

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** One line of a watch. `object` is there when it had a needle, and for errors. */
export type WatchEvent = { readonly type: EventType; readonly identity: Identity; readonly object?: unknown };

/** One page of a list, its items aside. An empty token means that it is the last. */
export type PageEnd = { readonly resourceVersion: string; readonly continueToken: string };

const newline = 0x0a;

/** Reads one line of a watch. Without needles every object is parsed. Throws WireError. */
export function readEvent(line: Buffer, needles: readonly string[]): WatchEvent {
  const head = hasNeedle(line, needles) ? undefined : headOf(line);
  if (head && isComplete(head)) return head;
  const { type, object } = objectAt(parsed(line));
  const event = isEventType(type) ? { type, identity: identityOf(object), object } : undefined;
  if (event && (event.type === 'ERROR' || isComplete(event))) return event;
  throw new WireError('garbage', 'A line of the watch is no event');
}

/** A bookmark has no name; an error has neither, and its object is wanted. */
function isComplete({ type, identity }: WatchEvent): boolean {
  if (type === 'ERROR') return false;
  return identity.resourceVersion !== '' && (identity.name !== '' || type === 'BOOKMARK');
}

/** Reads one page of a list and calls back with each item that has a needle. Throws WireError. */
export function readPage(page: Buffer, needles: readonly string[], onItem: (item: unknown) => void): PageEnd {
  const quick = hasNeedle(page, needles) ? undefined : pageHead(page);
  return quick ?? pageByItems(page, needles, onItem) ?? pageByParsing(page, onItem);
}

export function identityOf(object: unknown): Identity {
  const { name, namespace, uid, resourceVersion } = objectAt(objectAt(object)['metadata']);
  return {
    name: textOf(name),
    namespace: textOf(namespace),
    uid: textOf(uid),
    resourceVersion: textOf(resourceVersion),
  };
}

function hasNeedle(bytes: Buffer, needles: readonly string[]): boolean {
  return needles.length === 0 || needles.some((needle) => bytes.includes(needle));
}

/** Type and identity from the first bytes of a line; undefined where they do not stand where they should. */
function headOf(line: Buffer): WatchEvent | undefined {
  let type: string | undefined;
  let metadata: Identity | undefined;
  if (!endsWith(line, '}}') && !endsWith(line, '"}')) return undefined;
  const isDone = (): boolean => type !== undefined && metadata !== undefined;
  const end = eachMember(line, 0, (at, key) => {
    if (key === 'type') type = stringAt(line, at);
    if (key !== 'object') return isDone() ? enough : endOfValue(line, at);
    return eachMember(line, at, (memberAt, member) => {
      if (member === 'metadata') metadata = metadataAt(line, memberAt);
      return member === 'metadata' && isDone() ? enough : endOfValue(line, memberAt);
    });
  });
  if (end === none || !isEventType(type) || !metadata) return undefined;
  return { type, identity: metadata };
}

/** Reads on until all four are known, or to the end of the metadata when one is missing. */
function metadataAt(bytes: Buffer, at: number): Identity | undefined {
  const found = new Map<string, string>();
  const end = eachMember(bytes, at, (valueAt, key) => {
    if (!identityFields.has(key)) return endOfValue(bytes, valueAt);
    const text = stringAt(bytes, valueAt);
    if (text !== undefined) found.set(key, text);
    return found.size === identityFields.size ? enough : endOfValue(bytes, valueAt);
  });
  if (end === none) return undefined;
  return {
    name: found.get('name') ?? '',
    namespace: found.get('namespace') ?? '',
    uid: found.get('uid') ?? '',
    resourceVersion: found.get('resourceVersion') ?? '',
  };
}

const identityFields = new Set(['name', 'namespace', 'uid', 'resourceVersion']);

/** The metadata of a page, when it stands before the items; they are not looked at. */
function pageHead(page: Buffer): PageEnd | undefined {
  if (!endsWith(page, ']}')) return undefined;
  let found: PageEnd | undefined;
  const end = eachMember(page, afterSpace(page, 0), (at, key) => {
    if (key === 'items') return enough;
    if (key === 'metadata') found = pageMetadataAt(page, at);
    return endOfValue(page, at);
  });
  return end === enough ? found : undefined;
}

function pageMetadataAt(page: Buffer, at: number): PageEnd | undefined {
  const end = endOfValue(page, at);
  return end === none ? undefined : pageEndOf(parsed(page.subarray(at, end)));
}

function pageEndOf(metadata: unknown): PageEnd {
  const { resourceVersion, continue: token } = objectAt(metadata);
  return { resourceVersion: textOf(resourceVersion), continueToken: textOf(token) };
}

/** Undefined when the bytes cannot be followed; no item was handed out then. */
function pageByItems(
  page: Buffer,
  needles: readonly string[],
  onItem: (item: unknown) => void,
): PageEnd | undefined {
  let found: PageEnd | undefined;
  let hasItems = false;
  const hits: [start: number, end: number][] = [];
  const isHit = searcher(page, needles);
  const end = eachMember(page, afterSpace(page, 0), (at, key) => {
    if (key === 'metadata') found = pageMetadataAt(page, at);
    if (key !== 'items') return endOfValue(page, at);
    hasItems = true;
    return eachElement(page, at, (start, itemEnd) => {
      if (isHit(start, itemEnd)) hits.push([start, itemEnd]);
    });
  });
  if (end === none || afterSpace(page, end) !== page.length || !found || !hasItems) return undefined;
  for (const [start, itemEnd] of hits) onItem(parsed(page.subarray(start, itemEnd)));
  return found;
}

/** Says whether a needle lies between two positions; asked in ascending order, it searches each byte once. */
function searcher(bytes: Buffer, needles: readonly string[]): (start: number, end: number) => boolean {
  if (needles.length === 0) return () => true;
  const next = needles.map((needle) => bytes.indexOf(needle));
  return (start, end) =>
    needles.some((needle, i) => {
      let at = next[i] ?? none;
      if (at !== none && at < start) at = bytes.indexOf(needle, start);
      next[i] = at;
      return at !== none && at + needle.length <= end;
    });
}

function pageByParsing(page: Buffer, onItem: (item: unknown) => void): PageEnd {
  const { metadata, items } = objectAt(parsed(page));
  if (metadata === undefined || (items !== null && !Array.isArray(items))) {
    throw new WireError('garbage', 'The answer is no list');
  }
  for (const item of listAt(items)) onItem(item);
  return pageEndOf(metadata);
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new WireError('garbage', 'What came is not JSON', cause);
  }
}

/** Bytes that were cut end in another way, as a rule; a newline at the end does not matter. */
function endsWith(bytes: Buffer, ending: string): boolean {
  const end = bytes.at(-1) === newline ? bytes.length - 1 : bytes.length;
  return bytes.toString('latin1', Math.max(0, end - ending.length), end) === ending;
}

function isEventType(type: unknown): type is EventType {
  return (
    type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK' || type === 'ERROR'
  );
}
