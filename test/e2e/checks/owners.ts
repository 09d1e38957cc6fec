// Workloads of somebody's own controller: named as themselves where they may be read, and by the reference to them,
// marked as incomplete, where they may not.

import { demand, until } from '../until.ts';
import type { Complaints } from '../until.ts';
import type { KubeObject } from '../objects.ts';
import { replicaSet } from '../workloads.ts';
import { create, diagnosisOf, lacks, place } from './check.ts';
import type { Ground } from './check.ts';

const group = 'e2e.example.com';

export async function owners(ground: Ground): Promise<Complaints> {
  const namespace = await place(ground, 'owners');
  await ground.cluster.kubectl(
    ['apply', '-f', '-'],
    JSON.stringify(list([definition('Widget'), definition('Gadget')])),
  );
  try {
    const readable = ground.account === undefined ? [] : await readWidgets(ground, namespace);
    const widget = await ownedBy(ground, namespace, 'Widget', false);
    const gadget = await ownedBy(ground, namespace, 'Gadget', ground.account !== undefined);
    return [...readable, ...widget, ...gadget];
  } finally {
    const names = ['Widget', 'Gadget'].map((kind) => `${plural(kind)}.${group}`);
    await ground.cluster.kubectl(['delete', 'crd', ...names]);
    await ground.cluster.kubectl(['delete', 'clusterrole', `${namespace}-widgets`, '--ignore-not-found']);
  }
}

function list(items: readonly object[]): object {
  return { apiVersion: 'v1', kind: 'List', items };
}

function plural(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

function definition(kind: string): object {
  const schema = { openAPIV3Schema: { type: 'object' } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural(kind)}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural: plural(kind), singular: kind.toLowerCase() },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

/** What a team does for its kinds: a ClusterRole with the label that the operator's role is aggregated by. */
async function readWidgets({ cluster, account, signal }: Ground, namespace: string): Promise<Complaints> {
  const labels = account?.aggregation ?? {};
  if (Object.keys(labels).length === 0) return ['manifests/ has no aggregated ClusterRole for owners'];
  await create(cluster, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: `${namespace}-widgets`, labels },
    rules: [{ apiGroups: [group], resources: [plural('Widget')], verbs: ['get', 'list', 'watch'] }],
  });
  const question = [
    'auth',
    'can-i',
    'get',
    `${plural('Widget')}.${group}`,
    '-n',
    namespace,
    '--as',
    account?.user ?? '',
  ];
  const refused = async () => {
    const said = await cluster.kubectl(question).catch((error: unknown) => String(error));
    return said.trim() === 'yes' ? [] : [`the operator may not read Widgets: ${said.trim()}`];
  };
  return until(refused, { limitMs: 30_000, signal });
}

async function ownedBy(
  ground: Ground,
  namespace: string,
  kind: string,
  incomplete: boolean,
): Promise<Complaints> {
  const { cluster, images, signal } = ground;
  const apiVersion = `${group}/v1`;
  const path = `/apis/${apiVersion}/namespaces/${namespace}/${plural(kind)}`;
  const served = async () => ((await cluster.read(path)) ? [] : [`${kind} is not served yet`]);
  await demand('the definition', served, { limitMs: 30_000, signal });
  await cluster.send('POST', path, {
    apiVersion,
    kind,
    metadata: { name: 'mine' },
  });
  const owner = await cluster.read<KubeObject>(`${path}/mine`);
  const reference = { apiVersion, kind, name: 'mine', uid: owner?.metadata.uid, controller: true };
  await create(
    cluster,
    replicaSet({ namespace, name: plural(kind), image: images.root, replicas: 2 }, reference),
  );
  const workload = `${kind}/mine`;
  const missing = await until(lacks(ground, namespace, workload, 'Failing'), { limitMs: 60_000, signal });
  if (missing.length > 0) return missing;
  const { spec, status } = diagnosisOf(ground, namespace, workload) ?? {};
  const ref = spec?.workloadRef;
  return [
    ...(status?.ownerIncomplete === incomplete
      ? []
      : [`${workload}: ownerIncomplete is ${status?.ownerIncomplete}`]),
    ...(ref?.apiVersion === apiVersion && ref.kind === kind
      ? []
      : [`${workload}: workloadRef is ${JSON.stringify(ref)}`]),
  ];
}
