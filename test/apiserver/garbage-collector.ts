// Deletes what belongs to deleted things: dependents of an owner, and everything in a namespace. Promptly, not at once.

import { asFields, asList, asText, type Json, type KubeObject } from './object.ts';
import type { Resource } from './resource.ts';
import { ownerUids, type Change, type Store } from './store.ts';

/** Watches the store for deletions, until the returned function is called. */
export function collectGarbage(store: Store, resources: () => readonly Resource[]): () => void {
  return store.subscribe((change) => {
    if (change.type === 'DELETED' && hadDependents(store, change))
      setImmediate(() => sweep(store, resources(), change));
  });
}

function hadDependents(store: Store, { object }: Change): boolean {
  return object.kind === 'Namespace' || store.isOwner(object.metadata.uid ?? '');
}

function sweep(store: Store, resources: readonly Resource[], { object: owner }: Change): void {
  const uid = owner.metadata.uid ?? '';
  for (const resource of resources) {
    for (const object of store.list(resource)) {
      const inNamespace = owner.kind === 'Namespace' && object.metadata.namespace === owner.metadata.name;
      if (inNamespace) drop(store, resource, object);
      else if (uid !== '' && ownerUids(object).includes(uid)) orphan(store, resource, object, uid);
    }
  }
}

/** An object goes with its last owner; while it has others it only forgets this one. */
function orphan(store: Store, resource: Resource, object: KubeObject, uid: string): void {
  if (!ownerUids(object).some((other) => other !== uid && store.hasUid(other)))
    return drop(store, resource, object);
  const isOther = (owner: Json): boolean => asText(asFields(owner)['uid']) !== uid;
  const ownerReferences = asList(object.metadata['ownerReferences']).filter(isOther);
  store.save(resource, { ...object, metadata: { ...object.metadata, ownerReferences } });
}

/** Removes an object that was created for an owner that no longer exists. */
export function collectIfOrphaned(store: Store, resource: Resource, object: KubeObject): void {
  const owners = ownerUids(object);
  if (owners.length > 0 && !owners.some((uid) => store.hasUid(uid)))
    setImmediate(() => drop(store, resource, object));
}

function drop(store: Store, resource: Resource, { metadata }: KubeObject): void {
  store.remove(resource, metadata.namespace ?? '', metadata.name);
}
