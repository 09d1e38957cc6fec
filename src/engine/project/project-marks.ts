// Projects what shows which tool wrote a workload: a few labels and annotations, and who manages its spec.

import type { Marks } from '../model/snapshot.ts';
import { objectAt, textAt } from '../platform/data/field.ts';
import { managedFieldsOf } from './field-managers.ts';

/** Those that such tools set; where one ends in a slash, all below it. */
const labelKeys: readonly string[] = [
  'argocd.argoproj.io/',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/managed-by',
  'helm.sh/chart',
  'kustomize.toolkit.fluxcd.io/',
  'helm.toolkit.fluxcd.io/',
  'olm.owner',
  'olm.owner.kind',
  'olm.owner.namespace',
];
const annotationKeys: readonly string[] = ['argocd.argoproj.io/', 'meta.helm.sh/'];

/** The first holds the whole object, secrets included, the second perhaps an address with a password in it. */
const keysWithoutValue: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'config.kubernetes.io/origin',
];

const maxEntries = 32;
const maxTextLength = 1024;
const maxManagers = 20;

export function projectMarks(object: unknown): Marks {
  const annotations = objectAt(object, 'metadata', 'annotations');
  const applied = keysWithoutValue.filter((key) => Object.hasOwn(annotations, key));
  return {
    labels: kept(objectAt(object, 'metadata', 'labels'), labelKeys),
    annotations: {
      ...kept(annotations, annotationKeys),
      ...Object.fromEntries(applied.map((key) => [key, ''])),
    },
    managers: managersOf(object),
  };
}

function kept(
  from: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Readonly<Record<string, string>> {
  const isKept = (name: string): boolean =>
    keys.some((key) => (key.endsWith('/') ? name.startsWith(key) : name === key));
  const entries = Object.entries(from).flatMap(([key, value]) =>
    isKept(key) && typeof value === 'string' ? [[key, value.slice(0, maxTextLength)] as const] : [],
  );
  return Object.fromEntries(entries.slice(0, maxEntries));
}

/** A controller that writes only the status manages nothing that a person would change. */
function managersOf(object: unknown): readonly string[] {
  const managers = managedFieldsOf(object)
    .filter((entry) => textAt(entry, 'subresource') === undefined)
    .filter((entry) => Object.keys(objectAt(entry, 'fieldsV1', 'f:spec')).length > 0)
    .flatMap((entry) => textAt(entry, 'manager')?.slice(0, 128) ?? []);
  return [...new Set(managers)].toSorted().slice(0, maxManagers);
}
