// Namespaces of the tests: made with a label of ours, and only namespaces with that label are ever deleted.

import type { Cluster } from './cluster.ts';
import type { KubeObject } from './objects.ts';
import { demand } from './until.ts';

const label = 'rootcause.dev/e2e';

/** Makes the namespace and waits until pods may be created in it; one that an earlier run left is deleted first. */
export async function makeNamespace(cluster: Cluster, name: string, signal: AbortSignal): Promise<void> {
  const path = `/api/v1/namespaces/${name}`;
  const old = await cluster.read<KubeObject>(path);
  if (old !== undefined && old.metadata.labels?.[label] !== 'true')
    throw new Error(`namespace ${name} is there already and not one of these tests': left alone`);
  if (old !== undefined) await dropNamespaces(cluster, [name], signal);
  await cluster.send('POST', '/api/v1/namespaces', { metadata: { name, labels: { [label]: 'true' } } });
  if (!cluster.hasControllers) return;
  const account = `${path}/serviceaccounts/default`;
  const missing = async () => ((await cluster.read(account)) ? [] : ['no service account yet']);
  await demand(`namespace ${name}`, missing, { limitMs: 60_000, signal });
}

/** Deletes those of the namespaces that are ours and waits until they are gone. */
export async function dropNamespaces(
  cluster: Cluster,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const ours = async () => {
    const { items } = await cluster.list<KubeObject>(`/api/v1/namespaces?labelSelector=${label}%3Dtrue`);
    return items.map((item) => item.metadata.name).filter((name) => names.includes(name));
  };
  for (const name of await ours()) await drop(cluster, name);
  const left = async () => (await ours()).map((name) => `namespace ${name} is still there`);
  await demand('deleting namespaces', left, { limitMs: 180_000, signal, everyMs: 1000 });
}

const contents = [
  'api/v1/pods',
  'api/v1/events',
  'api/v1/serviceaccounts',
  'apis/rootcause.dev/v1alpha1/diagnoses',
];

/** Where no controller empties it and lets it go, that is done here. */
async function drop(cluster: Cluster, name: string): Promise<void> {
  const path = `/api/v1/namespaces/${name}`;
  if (!cluster.hasControllers)
    for (const kind of contents)
      await cluster.send('DELETE', `/${inNamespace(kind, name)}?gracePeriodSeconds=0`);
  await cluster.send('DELETE', path);
  if (cluster.hasControllers) return;
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: { finalizers: [] } };
  await cluster.send('PUT', `${path}/finalize`, namespace);
}

/** `api/v1/pods` → `api/v1/namespaces/NAME/pods` */
function inNamespace(kind: string, name: string): string {
  const slash = kind.lastIndexOf('/');
  return `${kind.slice(0, slash)}/namespaces/${name}${kind.slice(slash)}`;
}
