// From which template of its workload a pod was made: that of now, or an older one.

import type { Pod } from '../model/pod.ts';
import type { Workload } from '../model/snapshot.ts';
import type { ObjectRef } from '../model/workload.ts';
import { textAt } from '../platform/data/field.ts';
import { workloadKind, workloadKinds } from '../platform/kubernetes/workload-kinds.ts';

type Maker = Pick<Workload, 'ref' | 'runBy' | 'revision' | 'rollout'>;

/**
 * Undefined where the pod, or the workload, does not show it.
 *
 * @param ofController the revision of the controller that made the pod, see `controllerRevision`
 */
export function madeFrom(
  { name, labels = {} }: Pick<Pod, 'name' | 'labels'>,
  { ref, runBy = ref, revision: now, rollout = {} }: Maker,
  ofController: string | undefined,
): Pod['madeFrom'] {
  const { podLabel } = workloadKind(runBy)?.revision ?? {};
  const own = podLabel === undefined ? ofController : labels[podLabel];
  if (now === undefined || own === undefined) return undefined;
  return own === now || isKept(name, rollout.partition) ? 'currentTemplate' : 'olderTemplate';
}

/** Below its partition a StatefulSet keeps pods of the template before on purpose. */
const isKept = (name: string, partition = 0): boolean => Number(/-(\d+)$/.exec(name)?.[1]) < partition;

/** Of a ReplicaSet or ReplicationController, the revision of the template that it was made for. */
export function controllerRevision({ kind }: Pick<ObjectRef, 'kind'>, object: unknown): string | undefined {
  const key = workloadKinds.find(({ child, revision }) => child === kind && revision?.controllerAnnotation)
    ?.revision?.controllerAnnotation;
  return key === undefined ? undefined : textAt(object, 'metadata', 'annotations', key)?.slice(0, 64);
}
