// The objects, their versions, and the bounded record of changes that watches are fed from.

import { asFields, asList, asText, type KubeObject } from './object.ts';
import { qualifiedPlural, type Resource } from './resource.ts';

export type Change = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: Resource;
  readonly version: number;
  /** A deleted object as it last was, with the version of its deletion. */
  readonly object: KubeObject;
  readonly previous?: KubeObject;
};

export class Store {
  readonly #historySize: number;
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #uids = new Set<string>();
  readonly #ownerUids = new Set<string>();
  readonly #listeners = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #version = 1000;
  #compactedAt = 1000;

  constructor(historySize: number) {
    this.#historySize = historySize;
  }

  /** The version of the latest change; one counter for all kinds. */
  get version(): number {
    return this.#version;
  }

  get(resource: Resource, namespace: string, name: string): KubeObject | undefined {
    return this.#of(resource).get(`${namespace}/${name}`);
  }

  hasUid(uid: string): boolean {
    return this.#uids.has(uid);
  }

  /** Whether anything ever named this uid as its owner. */
  isOwner(uid: string): boolean {
    return this.#ownerUids.has(uid);
  }

  /** All objects of a kind in the order of their keys, `namespace/name`. */
  list(resource: Resource): readonly KubeObject[] {
    const entries = [...this.#of(resource)];
    return entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  /** Stores an object under the next version, and returns it as stored. */
  save(resource: Resource, object: KubeObject): KubeObject {
    const { namespace = '', name, uid = '' } = object.metadata;
    const previous = this.get(resource, namespace, name);
    const saved = this.#stamped(object);
    this.#of(resource).set(`${namespace}/${name}`, saved);
    this.#uids.add(uid);
    for (const owner of ownerUids(saved)) this.#ownerUids.add(owner);
    const type = previous ? 'MODIFIED' : 'ADDED';
    this.#record({ type, resource, version: this.#version, object: saved, ...(previous && { previous }) });
    return saved;
  }

  /** Removes an object; answers with what was removed. */
  remove(resource: Resource, namespace: string, name: string): KubeObject | undefined {
    const previous = this.get(resource, namespace, name);
    if (!previous) return undefined;
    this.#of(resource).delete(`${namespace}/${name}`);
    this.#uids.delete(previous.metadata.uid ?? '');
    const object = this.#stamped(previous);
    this.#record({ type: 'DELETED', resource, version: this.#version, object, previous });
    return object;
  }

  /** The changes after a version; undefined when the record no longer reaches back that far. */
  since(version: number): readonly Change[] | undefined {
    return version < this.#compactedAt
      ? undefined
      : this.#history.filter((change) => change.version > version);
  }

  /** Forgets the record: whoever wants to go on from an earlier version hears 410. */
  compact(): void {
    this.#history = [];
    this.#compactedAt = this.#version;
  }

  /** Calls back for every change from now on, until the returned function is called. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #of(resource: Resource): Map<string, KubeObject> {
    const key = qualifiedPlural(resource);
    const found = this.#objects.get(key) ?? new Map<string, KubeObject>();
    this.#objects.set(key, found);
    return found;
  }

  #stamped(object: KubeObject): KubeObject {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #record(change: Change): void {
    this.#history.push(change);
    // Cut in halves, so that a full record costs one copy now and then and not one at each change.
    if (this.#history.length > this.#historySize * 2) {
      this.#history = this.#history.slice(-this.#historySize);
      this.#compactedAt = (this.#history[0]?.version ?? this.#version) - 1;
    }
    for (const listener of this.#listeners) listener(change);
  }
}

/** The uids in `metadata.ownerReferences`. */
export function ownerUids(object: KubeObject): readonly string[] {
  return asList(object.metadata['ownerReferences']).map((owner) => asText(asFields(owner)['uid']));
}
