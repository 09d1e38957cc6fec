// The kinds the server knows: built-in ones in a table, custom ones made from a name or a CRD.

import type { CustomSchema } from './custom-schema.ts';

export type Resource = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** Whether `/status` is an endpoint of its own, so that each of the two ignores the fields of the other. */
  readonly hasStatus: boolean;
  /** Whether `metadata.generation` counts the changes outside metadata and status. */
  readonly hasGeneration: boolean;
  /** Custom kinds differ from built-in ones in patches, list items and the order of fields. */
  readonly custom?: CustomSchema;
};

type Row = readonly [string, string, string, string, (readonly string[])?, ('cluster' | 'plain')?];

// apiVersion, kind, plural, short names; cluster-scoped; plain: neither status nor generation.
const rows: readonly Row[] = [
  ['', 'v1', 'Pod', 'pods', ['po']],
  ['', 'v1', 'Event', 'events', ['ev'], 'plain'],
  ['', 'v1', 'Namespace', 'namespaces', ['ns'], 'cluster'],
  ['', 'v1', 'Node', 'nodes', ['no'], 'cluster'],
  ['', 'v1', 'ReplicationController', 'replicationcontrollers', ['rc']],
  ['', 'v1', 'Service', 'services', ['svc']],
  ['', 'v1', 'Secret', 'secrets', [], 'plain'],
  ['', 'v1', 'ServiceAccount', 'serviceaccounts', ['sa'], 'plain'],
  ['apps', 'v1', 'ReplicaSet', 'replicasets', ['rs']],
  ['apps', 'v1', 'Deployment', 'deployments', ['deploy']],
  ['apps', 'v1', 'StatefulSet', 'statefulsets', ['sts']],
  ['apps', 'v1', 'DaemonSet', 'daemonsets', ['ds']],
  ['batch', 'v1', 'Job', 'jobs'],
  ['batch', 'v1', 'CronJob', 'cronjobs', ['cj']],
  ['discovery.k8s.io', 'v1', 'EndpointSlice', 'endpointslices', [], 'plain'],
  ['networking.k8s.io', 'v1', 'Ingress', 'ingresses', ['ing']],
  ['policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets', ['pdb']],
  ['autoscaling', 'v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', ['hpa']],
  ['coordination.k8s.io', 'v1', 'Lease', 'leases', [], 'plain'],
];

const withoutGeneration = new Set(['Namespace', 'Node', 'Service']);

export const builtInResources: readonly Resource[] = rows.map(
  ([group, version, kind, plural, shortNames = [], form]) => ({
    group,
    version,
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames,
    namespaced: form !== 'cluster',
    hasStatus: form !== 'plain',
    hasGeneration: form !== 'plain' && !withoutGeneration.has(kind),
  }),
);

/** A kind of somebody else's, namespaced, with a status and without a schema: `customKind('example.com/v1', 'Widget')`. */
export function customKind(apiVersion: string, kind: string, plural = `${kind.toLowerCase()}s`): Resource {
  const [group = '', version = ''] = apiVersion.split('/');
  const custom = { schema: undefined, columns: [] };
  const names = { kind, plural, singular: kind.toLowerCase(), shortNames: [] };
  return { group, version, ...names, namespaced: true, hasStatus: true, hasGeneration: true, custom };
}

/** `apps/v1`, or `v1` in the group without a name. */
export function apiVersionOf(resource: Pick<Resource, 'group' | 'version'>): string {
  return resource.group ? `${resource.group}/${resource.version}` : resource.version;
}

/** `deployments.apps`, as error messages have it; `pods` in the group without a name. */
export function qualifiedPlural(resource: Resource): string {
  return resource.group ? `${resource.plural}.${resource.group}` : resource.plural;
}

/** `Deployment.apps`; `Pod`. */
export function qualifiedKind(resource: Pick<Resource, 'group' | 'kind'>): string {
  return resource.group ? `${resource.kind}.${resource.group}` : resource.kind;
}
