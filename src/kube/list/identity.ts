// What tells one object from all others, read from parsed JSON or from bytes.

import { objectAt, textOf } from '../../engine/platform/data/field.ts';
import { eachMember, endOfValue, enough, none, stringAt } from './json-bytes.ts';

export type Identity = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
};

const identityFields = ['name', 'namespace', 'uid', 'resourceVersion'] as const;

const identityFrom = (field: (name: string) => string): Identity => ({
  name: field('name'),
  namespace: field('namespace'),
  uid: field('uid'),
  resourceVersion: field('resourceVersion'),
});

export function identityOf(object: unknown): Identity {
  const metadata = objectAt(objectAt(object)['metadata']);
  return identityFrom((name) => textOf(metadata[name]));
}

/** Of the metadata at `at`. Reads on until all four are known, or to the end of the metadata when one is missing. */
export function identityAt(bytes: Buffer, at: number): Identity | undefined {
  const found = new Map<string, string>();
  const end = eachMember(bytes, at, (valueAt, key) => {
    if (!identityFields.some((field) => field === key)) return endOfValue(bytes, valueAt);
    const text = stringAt(bytes, valueAt);
    if (text !== undefined) found.set(key, text);
    return found.size === identityFields.length ? enough : endOfValue(bytes, valueAt);
  });
  return end === none ? undefined : identityFrom((name) => found.get(name) ?? '');
}

/** `namespace/name`, or the name alone of what lives in no namespace. */
export function idOf({ namespace, name }: Identity): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}
