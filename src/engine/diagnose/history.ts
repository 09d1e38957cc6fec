// Whether a failing pod shows what its workload was, and no longer is: then its failure is history.

import type { Cause } from '../model/cause.ts';
import type { Container, Pod, SecurityField } from '../model/pod.ts';
import type { Workload } from '../model/snapshot.ts';
import { effective, securityFields, settingsOf } from '../platform/kubelet/kubelet-user.ts';
import { supersededPods } from './superseded-pods.ts';
import { containersOf } from '../platform/kubernetes/pod-containers.ts';
import { workloadKind } from '../platform/kubernetes/workload-kinds.ts';

/**
 * True where the template of now no longer has what the container failed with. A pod of the current template is never
 * history. Of an older one any difference counts, since the pods that replace it will show whether they fail as well.
 * Pods of the kinds that have no revisions do not show it, and admission may have changed them: only what contradicts the
 * template counts.
 */
export function isHistory(
  cause: Cause,
  container: Container,
  pod: Pod,
  workload: Workload | undefined,
): boolean {
  const { template } = workload ?? {};
  if (!workload || !template || container.type === 'EphemeralContainer') return false;
  const isOlder = pod.madeFrom === 'olderTemplate';
  if (!isOlder && !isWithoutRevisions(workload)) return false;
  const now = containersOf(template.manifest).find(({ name }) => name === container.name);
  if (!now) return isOlder || supersededPods([pod], template).length > 0;
  // What a program was denied depends on more than is compared here.
  if (isOlder && (cause === 'NonRootPermissionDenied' || now.image !== container.image)) return true;
  if (imageName(now.image) !== imageName(container.image)) return true;
  const differs = isOlder ? isOther : contradicts;
  return securityFields.some((field) =>
    differs(field, { container, pod }, { container: now, pod: template }),
  );
}

/** Of a Pod or Job the template cannot change. */
function isWithoutRevisions({ ref, runBy = ref }: Workload): boolean {
  const row = workloadKind(runBy);
  return row?.afterChange !== 'immutable' && row?.revision === undefined;
}

type Side = {
  readonly container: Pick<Container, 'securityContext' | 'managers' | 'name'>;
  readonly pod: Pick<Pod, 'manifest' | 'managers'>;
};

const valueIn = ({ container, pod }: Side, field: SecurityField) => effective(pod.manifest, container)[field];

const isOther = (field: SecurityField, made: Side, declared: Side): boolean =>
  valueIn(made, field) !== valueIn(declared, field);

/** What the template does not say may have been added by admission; a field that has a manager was declared once. */
function contradicts(field: SecurityField, made: Side, declared: Side): boolean {
  if (!isOther(field, made, declared)) return false;
  return valueIn(declared, field) !== undefined || managerIn(made, field) !== undefined;
}

function managerIn({ container, pod }: Side, field: SecurityField): string | undefined {
  const isContainers = settingsOf(container.securityContext)[field] !== undefined;
  return (isContainers ? container : pod).managers?.[field];
}

/** Without the registry and its folders, which an admission webhook may replace by those of a mirror. */
const imageName = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);
