// Walks up from an object to the workload that a person edits, among the objects that were given.

import type { WorkloadRef } from '../../model/workload.ts';
import { parentOf } from '../../platform/kubernetes/controller-of.ts';
import type { GivenObject } from './identity.ts';

/** A chain longer than this is taken to be a loop. */
const maxDepth = 10;

export type OwnerChain = {
  /** The object itself first, then its owners as far as they were given. */
  readonly links: readonly GivenObject[];
  readonly top: WorkloadRef;
  /** False where an owner was not given: then `top` is the reference to it. */
  readonly isComplete: boolean;
};

export class GivenOwners {
  readonly #byUid: ReadonlyMap<string, GivenObject>;
  readonly #byName: ReadonlyMap<string, GivenObject>;

  constructor(all: readonly GivenObject[]) {
    this.#byUid = new Map(all.map((one) => [one.uid, one]));
    this.#byName = new Map(all.map((one) => [nameOf(one), one]));
  }

  chainOf(object: GivenObject): OwnerChain {
    const links = [object];
    for (let last = object; links.length < maxDepth;) {
      const parent = parentOf(last, last.object);
      if (!parent) return { links, top: refOf(last), isComplete: true };
      const owner = { ...parent, namespace: last.namespace };
      const found = this.#byUid.get(owner.uid) ?? this.#byName.get(nameOf(owner));
      if (!found) return { links, top: owner, isComplete: false };
      links.push(found);
      last = found;
    }
    return { links, top: refOf(object), isComplete: true };
  }
}

const nameOf = ({ kind, namespace, name }: Pick<GivenObject, 'kind' | 'namespace' | 'name'>): string =>
  `${kind}/${namespace}/${name}`;

const refOf = ({ apiVersion, kind, name, namespace, uid }: GivenObject): WorkloadRef => ({
  apiVersion,
  kind,
  name,
  namespace,
  uid,
});
