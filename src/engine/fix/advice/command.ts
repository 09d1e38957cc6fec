// The command that makes the change.

import type { Workload } from '../../model/snapshot.ts';
import type { WorkloadRef } from '../../model/workload.ts';
import { diagnosisName } from '../../platform/kubernetes/diagnosis-name.ts';

/** The template of a Job cannot be changed, nor the security context of a live pod. */
export const isImmutable = ({ ref }: Workload): boolean => ref.kind === 'Pod' || ref.kind === 'Job';

/** Prints the patch where it stands, in the Diagnosis. */
export const printPatch = (ref: WorkloadRef): string =>
  `kubectl -n ${ref.namespace} get diagnosis ${diagnosisName(ref)} -o jsonpath='{.status.fix.patch}'`;

/** Reads the patch where it stands, so that nothing has to be copied; undefined where no command could do it. */
export function commandFor({ ref }: Workload): string | undefined {
  const kubectl = `kubectl -n ${ref.namespace}`;
  const read = printPatch(ref);
  if (ref.kind === 'Job') return undefined;
  if (ref.kind !== 'Pod')
    return `${read} | ${kubectl} patch ${ref.kind.toLowerCase()}/${ref.name} --patch-file=/dev/stdin`;
  const changed = `${kubectl} get pod ${ref.name} -o yaml | kubectl patch --local -f - --patch "$(${read})" -o yaml`;
  return `${changed} | ${kubectl} replace --force -f -`;
}

/** What to do with an object that cannot be changed in place. */
export function recreateAdvice({ ref }: Workload): string {
  if (ref.kind === 'Pod')
    return 'A live Pod cannot take the patch: change its manifest, delete the pod and create it again. The command does that with what the cluster has.';
  return `A live Job cannot take the patch: make the change in its manifest, then kubectl -n ${ref.namespace} delete job ${ref.name}, and create it again.`;
}
