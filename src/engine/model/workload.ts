// What a workload is called: its reference, and the key that the queue and the store use for it.

/** A reference as Kubernetes writes it: `apps/v1`, `Deployment`, `web`. */
export type ObjectRef = { readonly apiVersion: string; readonly kind: string; readonly name: string };

/** The owner that a person edits, wherever it stands in the controller chain. */
export type WorkloadRef = ObjectRef & { readonly namespace: string; readonly uid: string };

/** `Kind/namespace/name`; `Kind.group/namespace/name` for a kind that is not built in. */
export type WorkloadKey = string & { readonly brand?: 'WorkloadKey' };

const builtInGroups = new Set(['', 'apps', 'batch']);

/** The API group of `apps/v1` is `apps`; that of `v1` is the empty string. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

export function isBuiltIn(ref: { readonly apiVersion: string }): boolean {
  return builtInGroups.has(groupOf(ref.apiVersion));
}

/** `Deployment`, or `StatefulSet.apps.kruise.io` for a kind that shares its name with a built-in one. */
export function qualifiedKind(ref: { readonly apiVersion: string; readonly kind: string }): string {
  return isBuiltIn(ref) ? ref.kind : `${ref.kind}.${groupOf(ref.apiVersion)}`;
}

export function keyOf(ref: Pick<WorkloadRef, 'apiVersion' | 'kind' | 'namespace' | 'name'>): WorkloadKey {
  return `${qualifiedKind(ref)}/${ref.namespace}/${ref.name}`;
}
