// The service account that the operator has in a cluster, with the rights of manifests/ and no others, so that a
// missing right shows.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Cluster } from './cluster.ts';
import { makeNamespace } from './namespaces.ts';
import type { KubeObject } from './objects.ts';

export type Account = {
  /** Path of a kubeconfig with the account's token. */
  readonly kubeconfig: string;
  /** For `kubectl auth can-i --as`. */
  readonly user: string;
  /** Labels that make a ClusterRole part of what the operator may read. */
  readonly aggregation: Readonly<Record<string, string>>;
  /** Takes the cluster-wide objects away; what is in the namespace goes with it. */
  remove(): Promise<void>;
};

type Rights = KubeObject & {
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
  }[];
  readonly aggregationRule?: {
    readonly clusterRoleSelectors: readonly { readonly matchLabels?: Record<string, string> }[];
  };
};

const accountKinds = new Set(['ServiceAccount', 'ClusterRoleBinding', 'Role', 'RoleBinding']);

/** Renders the folders, moves its account and roles to `namespace` under names of their own, and makes a token. */
export async function makeAccount(
  cluster: Cluster,
  manifests: readonly string[],
  namespace: string,
  folder: string,
  signal: AbortSignal,
): Promise<Account> {
  const texts = await Promise.all(manifests.map((one) => cluster.kubectl(['kustomize', one])));
  const rendered = texts.flatMap((text) => parseAllDocuments(text));
  const objects: readonly Rights[] = rendered.map((one) => one.toJS());
  const rights = held(objects).map((one) => move(one, namespace));
  const name = rights.find(({ kind }) => kind === 'ServiceAccount')?.metadata.name;
  if (name === undefined) throw new Error(`${manifests.join(', ')} hold no ServiceAccount`);
  await makeNamespace(cluster, namespace, signal);
  await cluster.kubectl(
    ['apply', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: rights }),
  );
  const token = await cluster.kubectl(['-n', namespace, 'create', 'token', name, '--duration=4h']);
  const kubeconfig = join(folder, `${namespace}.kubeconfig`);
  await writeFile(kubeconfig, await withToken(cluster, token.trim()), { mode: 0o600 });
  return {
    kubeconfig,
    user: `system:serviceaccount:${namespace}:${name}`,
    aggregation: aggregationOf(rights),
    remove: () => removeClusterWide(cluster, rights),
  };
}

/** The account and what is bound to it; roles for people stay out. */
function held(objects: readonly Rights[]): readonly Rights[] {
  const bound = new Set(
    objects.flatMap(({ roleRef }) => (roleRef?.kind === 'ClusterRole' ? [roleRef.name] : [])),
  );
  return objects.filter(
    ({ kind = '', metadata }) =>
      accountKinds.has(kind) || (kind === 'ClusterRole' && bound.has(metadata.name)),
  );
}

/** Cluster-wide names get the namespace before them, so that an installed rootcause is left alone. */
function move(object: Rights, namespace: string): Rights {
  const isWide = object.kind?.startsWith('Cluster') === true;
  const { name } = object.metadata;
  const metadata = isWide
    ? { ...object.metadata, name: `${namespace}-${name}` }
    : { ...object.metadata, namespace };
  const subjects = object.subjects?.map((one) => ({ ...one, namespace }));
  const { roleRef } = object;
  const ours =
    roleRef?.kind === 'ClusterRole' ? { ...roleRef, name: `${namespace}-${roleRef.name}` } : roleRef;
  return { ...object, metadata, ...(subjects ? { subjects } : {}), ...(ours ? { roleRef: ours } : {}) };
}

function aggregationOf(rights: readonly Rights[]): Readonly<Record<string, string>> {
  return (
    rights.find(({ aggregationRule }) => aggregationRule)?.aggregationRule?.clusterRoleSelectors[0]
      ?.matchLabels ?? {}
  );
}

async function removeClusterWide(cluster: Cluster, rights: readonly Rights[]): Promise<void> {
  for (const { kind, metadata } of rights)
    if (kind?.startsWith('Cluster'))
      await cluster.kubectl(['delete', kind, metadata.name, '--ignore-not-found']);
}

/** The same server and certificate authority as the tests' own kubeconfig. */
async function withToken(cluster: Cluster, token: string): Promise<string> {
  const view = await cluster.kubectl(['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json']);
  const { clusters }: { clusters: readonly { readonly cluster: object }[] } = JSON.parse(view);
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'tested', cluster: clusters[0]?.cluster }],
    users: [{ name: 'operator', user: { token } }],
    contexts: [{ name: 'tested', context: { cluster: 'tested', user: 'operator' } }],
    'current-context': 'tested',
  });
}
