// Workloads of somebody's own controller: named as themselves where they may be read, and by the reference to them,
// marked as incomplete, where they may not.

import { until } from '../until.ts';
import type { Complaints } from '../until.ts';
import { defineKinds, forgetKinds, makeOwner, pluralOf, widgetGroup } from '../widget.ts';
import { replicaSet } from '../workloads.ts';
import { create, diagnosisOf, lacks, place } from './check.ts';
import type { Ground } from './check.ts';

const kinds = ['Widget', 'Gadget'];

export async function owners(ground: Ground): Promise<Complaints> {
  const { cluster, signal } = ground;
  const namespace = await place(ground, 'owners');
  await defineKinds(cluster, kinds, signal);
  try {
    const unread = await readWidgets(ground, namespace);
    const widget = await ownedBy(ground, namespace, 'Widget', false);
    const gadget = await ownedBy(ground, namespace, 'Gadget', true);
    return [...unread, ...widget, ...gadget];
  } finally {
    await forgetKinds(cluster, kinds);
    await cluster.kubectl(['delete', 'clusterrole', `${namespace}-widgets`, '--ignore-not-found']);
  }
}

/** What a team does for its kinds: a ClusterRole with the label that the operator's role is aggregated by. */
async function readWidgets({ cluster, account, signal }: Ground, namespace: string): Promise<Complaints> {
  const labels = account.aggregation;
  if (Object.keys(labels).length === 0) return ['manifests/ has no aggregated ClusterRole for owners'];
  await create(cluster, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: `${namespace}-widgets`, labels },
    rules: [{ apiGroups: [widgetGroup], resources: [pluralOf('Widget')], verbs: ['get'] }],
  });
  const resource = `${pluralOf('Widget')}.${widgetGroup}`;
  const refused = async () => {
    const question = ['auth', 'can-i', 'get', resource, '-n', namespace, '--as', account.user];
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
  const owner = await makeOwner(cluster, kind, namespace, 'mine');
  const name = pluralOf(kind);
  await create(cluster, replicaSet({ namespace, name, image: images.root, replicas: 2 }, owner));
  const workload = `${kind}/mine`;
  const missing = await until(lacks(ground, namespace, workload, 'Failing'), { limitMs: 60_000, signal });
  if (missing.length > 0) return missing;
  const { spec, status } = diagnosisOf(ground, namespace, workload) ?? {};
  const ref = spec?.workloadRef;
  const isRight = ref?.apiVersion === owner.apiVersion && ref.kind === kind && ref.name === 'mine';
  return [
    ...(status?.workload === workload ? [] : [`${workload}: status.workload is ${status?.workload}`]),
    ...(status?.ownerIncomplete === incomplete
      ? []
      : [`${workload}: ownerIncomplete is ${status?.ownerIncomplete}`]),
    ...(isRight ? [] : [`${workload}: workloadRef is ${JSON.stringify(ref)}`]),
  ];
}
