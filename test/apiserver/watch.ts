// WATCH: what happened since a version, then what happens, with selectors, bookmarks and an end.

import { expired, statusOf } from './api-error.ts';
import { bookmarkObject, formatObject, type Format } from './formats.ts';
import { jsonText, type Fields, type KubeObject } from './object.ts';
import type { ApiRequest } from './request.ts';
import type { Resource } from './resource.ts';
import { selectorOf } from './selectors.ts';
import type { Sink } from './sink.ts';
import type { Change, Store } from './store.ts';

/** Streams until the client leaves or `timeoutSeconds` are over. */
export function watch(
  store: Store,
  resource: Resource,
  request: ApiRequest,
  format: Format,
  sink: Sink,
  bookmarkIntervalMs: number,
): void {
  const { resourceVersion = '', allowWatchBookmarks, timeoutSeconds } = request.parameters;
  const wantsBookmarks = allowWatchBookmarks === 'true' || allowWatchBookmarks === '1';
  const passes = scopeOf(resource, request);
  let isFirst = true;
  const send = (type: string, object: Fields): void => sink.write(`${jsonText({ type, object })}\n`);
  const sendObject = (type: string, object: KubeObject): void => {
    send(type, formatObject(resource, object, format, isFirst));
    isFirst = false;
  };
  const sendBookmark = (ends = false): void =>
    send('BOOKMARK', bookmarkObject(resource, store.version, ends));
  const tell = (change: Change): void => {
    const seen = change.resource === resource ? seenThrough(passes, change) : undefined;
    if (seen) sendObject(seen.type, seen.object);
  };

  sink.head(200, { 'content-type': 'application/json' });
  if (resourceVersion === '' || resourceVersion === '0') {
    for (const object of store.list(resource).filter(passes)) sendObject('ADDED', object);
    // Asked from "any version" with bookmarks, the server marks where the initial objects end.
    if (wantsBookmarks) sendBookmark(true);
  } else {
    const missed = store.since(Number(resourceVersion));
    if (!missed) {
      send('ERROR', statusOf(expired(`too old resource version: ${resourceVersion} (${store.version})`)));
      return sink.end();
    }
    missed.forEach(tell);
  }
  const timeoutMs = Number(timeoutSeconds ?? Infinity) * 1000;
  const timers = timersOf(
    timeoutMs,
    wantsBookmarks ? bookmarkIntervalMs : Infinity,
    () => sendBookmark(),
    () => sink.end(),
  );
  const unsubscribe = store.subscribe(tell);
  sink.closed.addEventListener('abort', () => {
    unsubscribe();
    timers.forEach(clearTimeout);
  });
}

/** The last bookmark comes two seconds before the end, so that the next watch can go on from there. */
function timersOf(
  timeoutMs: number,
  intervalMs: number,
  bookmark: () => void,
  end: () => void,
): NodeJS.Timeout[] {
  const timers: NodeJS.Timeout[] = [];
  if (Number.isFinite(intervalMs)) timers.push(setInterval(bookmark, intervalMs));
  if (!Number.isFinite(timeoutMs)) return timers;
  if (Number.isFinite(intervalMs) && timeoutMs > 2000) timers.push(setTimeout(bookmark, timeoutMs - 2000));
  return [...timers, setTimeout(end, timeoutMs)];
}

function scopeOf(resource: Resource, { namespace, parameters }: ApiRequest): (object: KubeObject) => boolean {
  const selector = selectorOf(resource, parameters['labelSelector'] ?? '', parameters['fieldSelector'] ?? '');
  return (object) =>
    (namespace === '' || object.metadata.namespace === namespace) && (selector ? selector(object) : true);
}

/** A change as somebody sees it who sees only some objects: leaving their sight is a deletion, entering it an addition. */
function seenThrough(
  passes: (object: KubeObject) => boolean,
  { type, object, previous }: Change,
): Pick<Change, 'type' | 'object'> | undefined {
  const before = previous !== undefined && passes(previous);
  if (type === 'DELETED') return before ? { type, object } : undefined;
  if (passes(object)) return { type: before ? 'MODIFIED' : 'ADDED', object };
  if (!previous || !before) return undefined;
  const { resourceVersion = '' } = object.metadata;
  return { type: 'DELETED', object: { ...previous, metadata: { ...previous.metadata, resourceVersion } } };
}
