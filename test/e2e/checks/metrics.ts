// What /metrics says while scenarios fail: every Diagnosis counted, and no pod named.

import type { Operator } from '../operator.ts';
import type { KubeObject, WireDiagnosis } from '../objects.ts';
import type { Complaints } from '../until.ts';
import { until } from '../until.ts';
import type { Ground } from './check.ts';

/** `namespaces`: only what lies in these is compared. */
export async function metrics(
  ground: Ground,
  operator: Operator,
  namespaces: readonly string[],
): Promise<Complaints> {
  const differs = async () => {
    const { text } = await operator.get('/metrics');
    return [...complainCounts(ground, text, namespaces), ...(await complainPods(ground, text, namespaces))];
  };
  return until(differs, { limitMs: 15_000, signal: ground.signal, everyMs: 1000 });
}

function complainCounts({ diagnoses }: Ground, text: string, namespaces: readonly string[]): Complaints {
  const failing = diagnoses.objects().flatMap((one) => (one.status?.state === 'Failing' ? [one] : []));
  return namespaces.flatMap((namespace) => {
    const here = failing.filter(({ metadata }) => metadata.namespace === namespace);
    const expected = here.reduce((total, one) => total + causesOf(one), 0);
    const counted = sum(text, 'rootcause_diagnoses', namespace);
    const broken = here.filter(isBroken).length;
    const named = workloadsNamed(text, namespace);
    return [
      ...(counted === expected
        ? []
        : [`rootcause_diagnoses of ${namespace} is ${counted}, expected ${expected}`]),
      ...(named === broken
        ? []
        : [`workloads of ${namespace} in rootcause_workload_failing: ${named}, expected ${broken}`]),
    ];
  });
}

function causesOf({ status }: WireDiagnosis): number {
  return new Set(status?.findings.map(({ cause }) => cause)).size;
}

/** A debug container that cannot start breaks nothing. */
function isBroken({ status }: WireDiagnosis): boolean {
  return status?.findings.some(({ container }) => container.type !== 'EphemeralContainer') === true;
}

/** A workload with two causes has two samples. */
function workloadsNamed(text: string, namespace: string): number {
  const samples = samplesOf(text, 'rootcause_workload_failing', namespace).filter((line) =>
    line.endsWith(' 1'),
  );
  return new Set(samples.map((line) => line.replace(/cause="[^"]*"/, ''))).size;
}

/** The sum of all samples of a metric with this `namespace` label. */
function sum(text: string, metric: string, namespace: string): number {
  return samplesOf(text, metric, namespace).reduce(
    (total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)),
    0,
  );
}

function samplesOf(text: string, metric: string, namespace: string): readonly string[] {
  const label = `namespace="${namespace}"`;
  return text.split('\n').filter((line) => line.startsWith(`${metric}{`) && line.includes(label));
}

/** Bare pods are workloads, and their names may be there. */
async function complainPods(
  { cluster }: Ground,
  text: string,
  namespaces: readonly string[],
): Promise<Complaints> {
  const { items } = await cluster.list<KubeObject>('/api/v1/pods');
  const owned = items.filter(
    ({ metadata }) => metadata.ownerReferences?.length && namespaces.includes(metadata.namespace ?? ''),
  );
  return owned.flatMap(({ metadata }) =>
    text.includes(metadata.name) ? [`pod ${metadata.name} is in /metrics`] : [],
  );
}
