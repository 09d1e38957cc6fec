// Walks up from an object to the workload that a person edits, among the objects that were given.

import type { WorkloadRef } from '../../model/workload.ts';
import { booleanAt, listAt, textAt } from '../../platform/data/field.ts';
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
      const owner = ownerOf(last);
      if (!owner) return { links, top: refOf(last), isComplete: true };
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

/** The mirror of a static pod is controlled by its Node, which nobody edits to mend it. */
function ownerOf({ object, namespace }: GivenObject): WorkloadRef | undefined {
  const owner = listAt(object, 'metadata', 'ownerReferences').find(
    (one) => booleanAt(one, 'controller') === true && textAt(one, 'kind') !== 'Node',
  );
  const [apiVersion = '', kind = '', name = '', uid = ''] = ['apiVersion', 'kind', 'name', 'uid'].map(
    (field) => textAt(owner, field),
  );
  return owner === undefined || kind === '' ? undefined : { apiVersion, kind, name, namespace, uid };
}
