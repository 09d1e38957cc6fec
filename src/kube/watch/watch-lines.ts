// One line of a watch, as bytes; only what contains a needle is parsed.

import { objectAt } from '../../engine/platform/data/field.ts';
import { identityAt, identityOf } from '../list/identity.ts';
import type { Identity } from '../list/identity.ts';
import { eachMember, endOfValue, endsWith, enough, none, parseJson, stringAt } from '../list/json-bytes.ts';
import { hasNeedle } from '../list/needles.ts';
import { WireError } from '../list/wire-error.ts';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** One line of a watch. `object` is there when it had a needle, and for errors. */
export type WatchEvent = { readonly type: EventType; readonly identity: Identity; readonly object?: unknown };

/** Reads one line of a watch. Without needles every object is parsed. Throws WireError. */
export function readEvent(line: Buffer, needles: readonly string[]): WatchEvent {
  const head = hasNeedle(line, needles) || !isClosed(line) ? undefined : readHead(line);
  if (head && isComplete(head)) return head;
  const { type, object } = objectAt(parseJson(line));
  const event = isEventType(type) ? { type, identity: identityOf(object), object } : undefined;
  if (event && (event.type === 'ERROR' || isComplete(event))) return event;
  throw new WireError('garbage', 'A line of the watch is not an event');
}

/** A bookmark has no name; an error has neither, and its object is wanted. */
function isComplete({ type, identity }: WatchEvent): boolean {
  if (type === 'ERROR') return false;
  return identity.resourceVersion !== '' && (identity.name !== '' || type === 'BOOKMARK');
}

const isClosed = (line: Buffer): boolean => endsWith(line, '}}') || endsWith(line, '"}');

/** Type and identity from the first bytes of a line; undefined where they do not stand where they should. */
export function readHead(line: Buffer): WatchEvent | undefined {
  let type: string | undefined;
  let metadata: Identity | undefined;
  const isDone = (): boolean => type !== undefined && metadata !== undefined;
  const end = eachMember(line, 0, (at, key) => {
    if (key === 'type') type = stringAt(line, at);
    if (key !== 'object') return isDone() ? enough : endOfValue(line, at);
    return eachMember(line, at, (memberAt, member) => {
      if (member === 'metadata') metadata = identityAt(line, memberAt);
      return member === 'metadata' && isDone() ? enough : endOfValue(line, memberAt);
    });
  });
  if (end === none || !isEventType(type) || !metadata) return undefined;
  return { type, identity: metadata };
}

function isEventType(type: unknown): type is EventType {
  return (
    type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK' || type === 'ERROR'
  );
}
