// What a reflector remembers: the decoded objects of interest, and enough about each to know old news from new.

import { compareVersions } from './resource-version.ts';
import { idOf } from '../list/identity.ts';
import type { Identity } from '../list/identity.ts';

type StoredObject<T> = {
  readonly value: T;
  readonly uid: string;
  resourceVersion: string;
  /** Number of the last list that had it. */
  list: number;
};

type OnChange<T> = (id: string, now: T | undefined, before: T | undefined) => void;

/** Of objects that ceased to be of interest this many are remembered, lest late news bring them back. */
const droppedLimit = 1024;

/** Calls `onChange` once for every difference, after the store has changed. */
export class Store<T> {
  readonly #onChange: OnChange<T>;
  readonly #entries = new Map<string, StoredObject<T>>();
  readonly #dropped = new Map<string, string>();
  #list = 0;

  constructor(onChange: OnChange<T>) {
    this.#onChange = onChange;
  }

  /** Begins a list; what the one before it left half done counts for nothing. */
  startList(): void {
    this.#list += 1;
  }

  /** An item of a list: the truth, whatever was known. `decode` is called only if it says something new. */
  listed(identity: Identity, decode: () => T | undefined): void {
    const id = idOf(identity);
    const known = this.#entries.get(id);
    if (known && known.uid === identity.uid && known.resourceVersion === identity.resourceVersion) {
      known.list = this.#list;
    } else {
      this.#put(id, identity, known, decode());
    }
  }

  /** Ends a list: what it did not have is gone. */
  endList(): void {
    this.#dropped.clear();
    for (const [id, entry] of this.#entries) {
      if (entry.list !== this.#list) this.#drop(id, entry);
    }
  }

  /** News from a watch, ignored when it is older than what is known, or the same. */
  changed(identity: Identity, decode: () => T | undefined): void {
    const id = idOf(identity);
    const known = this.#entries.get(id);
    const age = compareVersions(identity.resourceVersion, this.#versionOf(id, known));
    if (age !== undefined && age <= 0) return;
    this.#put(id, identity, known, decode());
  }

  deleted(identity: Identity): void {
    const id = idOf(identity);
    const known = this.#entries.get(id);
    const age = compareVersions(identity.resourceVersion, this.#versionOf(id, known));
    if (age !== undefined && age < 0) return;
    // The end of an earlier object of that name, heard after its successor came.
    if (known && known.uid !== identity.uid && age === undefined) return;
    if (known) this.#drop(id, known);
    if (known || this.#dropped.has(id)) this.#remember(id, identity.resourceVersion);
  }

  #versionOf(id: string, known: StoredObject<T> | undefined): string {
    return known?.resourceVersion ?? this.#dropped.get(id) ?? '';
  }

  #put(id: string, identity: Identity, known: StoredObject<T> | undefined, value: T | undefined): void {
    const before = known && known.uid === identity.uid ? known.value : undefined;
    // Another object under the same name: the one before it is gone, and both changes are reported.
    if (known && (value === undefined || known.uid !== identity.uid)) this.#drop(id, known);
    if (value === undefined) {
      if (known) this.#remember(id, identity.resourceVersion);
      return;
    }
    const { uid, resourceVersion } = identity;
    this.#dropped.delete(id);
    this.#entries.set(id, { value, uid, resourceVersion, list: this.#list });
    this.#onChange(id, value, before);
  }

  #drop(id: string, entry: StoredObject<T>): void {
    this.#entries.delete(id);
    this.#onChange(id, undefined, entry.value);
  }

  #remember(id: string, resourceVersion: string): void {
    this.#dropped.delete(id);
    this.#dropped.set(id, resourceVersion);
    for (const oldest of this.#dropped.keys()) {
      if (this.#dropped.size <= droppedLimit) break;
      this.#dropped.delete(oldest);
    }
  }
}
