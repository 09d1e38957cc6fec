// Kinds that others define, for a cluster that lacks them: custom resources without a schema and without a controller, which
// the scripts of the scenarios play.

import type { Cluster } from './cluster.ts';
import { definition } from './widget.ts';
import type { CustomKind } from './widget.ts';

const kinds: readonly CustomKind[] = [
  { group: 'argoproj.io', version: 'v1alpha1', kind: 'Rollout' },
  // A custom resource only here: OpenShift's own API server serves it, and takes strategic merge patches.
  { group: 'apps.openshift.io', version: 'v1', kind: 'DeploymentConfig' },
];

const label = 'rootcause.dev/stand-in';

/** What the cluster has itself is left as it is. */
export async function addStandIns(cluster: Cluster): Promise<void> {
  for (const kind of kinds) {
    if (await cluster.read(`/apis/${kind.group}/${kind.version}`)) continue;
    const { metadata, ...rest } = definition(kind);
    const labelled = { ...rest, metadata: { ...metadata, labels: { [label]: 'true' } } };
    await cluster.kubectl(['create', '-f', '-'], JSON.stringify(labelled));
    await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', `crd/${metadata.name}`]);
  }
}

export async function removeStandIns(cluster: Cluster): Promise<void> {
  await cluster.kubectl(['delete', 'crd', '-l', `${label}=true`, '--ignore-not-found']);
}
