// Custom kinds for the tests, and objects of them that own pods.

import type { Cluster } from './cluster.ts';
import type { KubeObject } from './objects.ts';
import type { OwnerReference } from './synthetic.ts';
import { demand } from './until.ts';

export const widgetGroup = 'e2e.example.com';
const apiVersion = `${widgetGroup}/v1`;

/** `widgets` for `Widget`. */
export function pluralOf(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

export async function defineKinds(
  cluster: Cluster,
  kinds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: kinds.map((kind) => definition({ group: widgetGroup, version: 'v1', kind })),
  };
  await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(list));
  const names = kinds.map((kind) => `crd/${pluralOf(kind)}.${widgetGroup}`);
  await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...names]);
  for (const kind of kinds) {
    const path = `/apis/${apiVersion}/${pluralOf(kind)}`;
    const unserved = async () => {
      const found = await cluster.read(path);
      return found ? [] : [`${kind} is not served yet`];
    };
    await demand('a custom kind', unserved, { limitMs: 30_000, signal });
  }
}

/** Their objects go with them. */
export async function forgetKinds(cluster: Cluster, kinds: readonly string[]): Promise<void> {
  const names = kinds.map((kind) => `${pluralOf(kind)}.${widgetGroup}`);
  await cluster.kubectl(['delete', 'crd', '--ignore-not-found', ...names]);
}

/** Makes an object of the kind; returns the reference for what it is to own. */
export async function makeOwner(
  cluster: Cluster,
  kind: string,
  namespace: string,
  name: string,
): Promise<OwnerReference> {
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${pluralOf(kind)}`;
  await cluster.send('POST', path, { apiVersion, kind, metadata: { name } });
  const owner = await cluster.read<KubeObject>(`${path}/${name}`);
  return { apiVersion, kind, name, uid: owner?.metadata.uid ?? '', controller: true };
}

export type CustomKind = { readonly group: string; readonly version: string; readonly kind: string };

/** A kind without a schema: every field is kept. */
export function definition({ group, version, kind }: CustomKind) {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${pluralOf(kind)}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural: pluralOf(kind), singular: kind.toLowerCase() },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}
