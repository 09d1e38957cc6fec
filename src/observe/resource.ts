// What a kind is called in paths: from the table of kinds where it is built in, else from the API server.

import type { Discovery, ResourceName } from '../kube/api/discovery.ts';
import type { ObjectRef } from '../engine/model/workload.ts';
import { isBuiltIn } from '../engine/model/workload.ts';
import { workloadKind } from '../engine/platform/kubernetes/workload-kinds.ts';

/** Undefined when the API server has no such kind. Throws KubeErrors. */
export async function resourceOf(
  ref: Omit<ObjectRef, 'name'>,
  discovery: Discovery,
  signal: AbortSignal,
): Promise<ResourceName | undefined> {
  const row = isBuiltIn(ref) ? workloadKind(ref) : undefined;
  return row
    ? { plural: row.plural, namespaced: true }
    : discovery.resourceOf(ref.apiVersion, ref.kind, signal);
}
