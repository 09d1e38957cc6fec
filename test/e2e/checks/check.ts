// What every check gets: the cluster, what the operator writes there, and the means to make a place of its own.

import { makeNamespace } from '../namespaces.ts';
import type { Account } from '../account.ts';
import type { Cluster } from '../cluster.ts';
import type { Mirror } from '../mirror.ts';
import type { WireDiagnosis, WireEvent } from '../objects.ts';
import type { Images } from '../workloads.ts';
import type { Complaints } from '../until.ts';

export type Ground = {
  readonly cluster: Cluster;
  readonly diagnoses: Mirror<WireDiagnosis>;
  readonly images: Images;
  /** Whose rights the operator has. */
  readonly account: Account;
  /** `--settle` of the operator. */
  readonly settleMs: number;
  readonly signal: AbortSignal;
};

export type Check = (ground: Ground) => Promise<Complaints>;

/** Every namespace of a check begins so; the run deletes them in the end. */
export const checkPrefix = 'rootcause-e2e-';

export async function place({ cluster, signal }: Ground, name: string): Promise<string> {
  const namespace = checkPrefix + name;
  await makeNamespace(cluster, namespace, signal);
  return namespace;
}

export async function create(cluster: Cluster, ...objects: readonly object[]): Promise<void> {
  await cluster.kubectl(
    ['create', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  );
}

/** `workload` as `Kind/name`. */
export function diagnosisOf(
  { diagnoses }: Ground,
  namespace: string,
  workload: string,
): WireDiagnosis | undefined {
  return diagnoses.objects().find(({ metadata, spec: { workloadRef } }) => {
    const isSame = `${workloadRef.kind}/${workloadRef.name}` === workload;
    return isSame && metadata.namespace === namespace;
  });
}

/** For use with `demand`. */
export function lacks(ground: Ground, namespace: string, workload: string, state: 'Failing' | 'Resolved') {
  return (): Complaints => {
    const found = diagnosisOf(ground, namespace, workload)?.status?.state;
    return found === state
      ? []
      : [`expected a Diagnosis of ${workload} in state ${state}, it is ${found ?? 'not there'}`];
  };
}

/** Events of the operator on a workload, as `reason` → how often. */
export async function announced(
  { cluster }: Ground,
  namespace: string,
  name: string,
): Promise<Map<string, number>> {
  const { items } = await cluster.list<WireEvent>(`/api/v1/namespaces/${namespace}/events`);
  const counts = new Map<string, number>();
  for (const event of items.filter((one) => isOurs(one) && one.involvedObject?.name === name)) {
    const reason = event.reason ?? '';
    counts.set(reason, (counts.get(reason) ?? 0) + (event.series?.count ?? event.count ?? 1));
  }
  return counts;
}

function isOurs({ source, reportingComponent }: WireEvent): boolean {
  return [source?.component, reportingComponent].some((one) => one?.includes('rootcause'));
}
