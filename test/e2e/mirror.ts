// What the API server holds of one kind, kept current by list and watch, with everything that was ever seen of it.

import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import type { KubeObject } from './objects.ts';

export type Mirror<T extends KubeObject> = {
  /** What is there now. */
  objects(): readonly T[];
  /** Every state that was seen, oldest first, bounded; `receivedMs` is `performance.now()` at the time. */
  seen(): readonly Sighting<T>[];
};

export type Sighting<T> = { readonly type: string; readonly object: T; readonly receivedMs: number };

const seenLimit = 50_000;

/** Resolves once the first list is in, and follows until the signal; a lost stream is listed anew. */
export async function mirror<T extends KubeObject>(cluster: Cluster, path: string, signal: AbortSignal) {
  const held = new Map<string, T>();
  const seen: Sighting<T>[] = [];
  const note = (type: string, object: T) => {
    const before = held.get(object.metadata.uid);
    if (type === 'DELETED') held.delete(object.metadata.uid);
    else held.set(object.metadata.uid, object);
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion && type !== 'DELETED') return;
    if (seen.length < seenLimit) seen.push({ type, object, receivedMs: performance.now() });
  };
  let version = await relist(cluster, path, held, note);
  const follow = async () => {
    for (;;) {
      await stream(cluster, path, version, note, signal);
      if (signal.aborted) return;
      await delay(200, undefined, { signal }).catch(() => {});
      version = await relist(cluster, path, held, note).catch(() => version);
    }
  };
  void follow();
  return { objects: () => [...held.values()], seen: () => seen } satisfies Mirror<T>;
}

type Note<T> = (type: string, object: T) => void;

async function relist<T extends KubeObject>(
  cluster: Cluster,
  path: string,
  held: Map<string, T>,
  note: Note<T>,
) {
  const { items, metadata } = await cluster.list<T>(path);
  const present = new Set(items.map((item) => item.metadata.uid));
  for (const old of held.values()) if (!present.has(old.metadata.uid)) note('DELETED', old);
  for (const item of items) note(held.has(item.metadata.uid) ? 'MODIFIED' : 'ADDED', item);
  return metadata.resourceVersion;
}

/** Ends without an error however the stream ends: what follows is a new list. */
async function stream<T>(
  cluster: Cluster,
  path: string,
  version: string,
  note: Note<T>,
  signal: AbortSignal,
) {
  try {
    const query = `?watch=1&allowWatchBookmarks=true&resourceVersion=${version}`;
    for await (const line of cluster.watch(path + query, signal)) {
      const { type, object }: { type: string; object: T } = JSON.parse(line);
      if (type === 'ERROR') return;
      if (type !== 'BOOKMARK') note(type, object);
    }
  } catch {
    // a cut connection
  }
}
