// What a person must still do once the workload is changed, in the order in which to do it, with the exact commands.

import type { ManagedBy } from '../../model/fix.ts';
import type { Workload } from '../../model/snapshot.ts';
import type { Pod } from '../../model/pod.ts';
import { isBuiltIn } from '../../model/workload.ts';

/** Pods and Jobs named in one command. */
const maxNames = 10;

/** @param failing the pods that fail now */
export function followUpOf(workload: Workload, failing: readonly Pod[]): readonly string[] {
  const { kind, apiVersion } = workload.ref;
  return isBuiltIn({ apiVersion }) ? (steps[kind]?.(workload, failing) ?? []) : [];
}

type Steps = (workload: Workload, failing: readonly Pod[]) => readonly string[];

const steps: Readonly<Record<string, Steps>> = {
  Deployment: ({ ref, rollout }) =>
    rollout?.isPaused
      ? [`Its rollout is paused: kubectl -n ${ref.namespace} rollout resume deployment/${ref.name}`]
      : [],
  StatefulSet: (workload, failing) => {
    const { rollout } = workload;
    if (rollout?.strategy === 'OnDelete')
      return [
        `Its update strategy is OnDelete, so delete the pods yourself: ${deletePods(workload, failing)}`,
      ];
    const isOrdered = rollout?.podManagement !== 'Parallel';
    const partition = rollout?.partition ?? 0;
    return [
      ...(partition > 0
        ? [
            `Pods below partition ${partition} keep the old template until you lower spec.updateStrategy.rollingUpdate.partition.`,
          ]
        : []),
      ...(isOrdered
        ? [
            `A StatefulSet does not replace a pod that never became ready, so delete it once: ${deletePods(workload, failing)}`,
          ]
        : []),
    ];
  },
  DaemonSet: (workload, failing) =>
    workload.rollout?.strategy === 'OnDelete'
      ? [`Its update strategy is OnDelete, so delete the pods yourself: ${deletePods(workload, failing)}`]
      : [],
  ReplicaSet: keepsOldPods,
  ReplicationController: keepsOldPods,
  CronJob: ({ ref, rollout }, failing) => {
    const jobs = namesOf(
      failing.flatMap(({ controller }) => (controller?.kind === 'Job' ? controller.name : [])),
    );
    const blocks =
      rollout?.concurrency === 'Forbid'
        ? ', and with concurrencyPolicy Forbid it blocks every later run'
        : '';
    return [
      ...(jobs.length > 0
        ? [
            `A Job keeps the old template and never ends by itself${blocks}: kubectl -n ${ref.namespace} delete job ${jobs.join(' ')}`,
          ]
        : []),
      ...(rollout?.isSuspended ? [`It is suspended: no run starts until spec.suspend is false.`] : []),
    ];
  },
};

function keepsOldPods({ ref, selector }: Workload, failing: readonly Pod[]): readonly string[] {
  const which =
    selector === undefined ? namesOf(failing.map(({ name }) => name)).join(' ') : `-l ${quoted(selector)}`;
  return [`Its pods keep the old template, so delete them: kubectl -n ${ref.namespace} delete pods ${which}`];
}

function deletePods({ ref }: Workload, failing: readonly Pod[]): string {
  return `kubectl -n ${ref.namespace} delete pod ${namesOf(failing.map(({ name }) => name)).join(' ')}`;
}

const namesOf = (names: readonly string[]): readonly string[] =>
  [...new Set(names)].toSorted().slice(0, maxNames);

const byHand = new Set([
  'kubectl',
  'kubectl-client-side-apply',
  'kubectl-create',
  'kubectl-edit',
  'kubectl-replace',
]);

/** A person or a pipeline applies it from a file, which nobody sees from here. */
export function manifestAdvice({ marks }: Workload): readonly string[] {
  const isApplied =
    marks?.annotations['kubectl.kubernetes.io/last-applied-configuration'] !== undefined ||
    marks?.managers.some((manager) => manager.includes('kustomize') || byHand.has(manager));
  return isApplied
    ? ['Make the same change in the manifest that it is applied from, or the next apply may undo it.']
    : [];
}

/** For a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Where the change belongs, for an object that a tool writes from a source. */
export function sourceAdvice({ tool, name, namespace }: ManagedBy): string {
  const where = namespace === undefined ? '' : ` in ${namespace}`;
  switch (tool) {
    case 'ArgoCD':
      return `Argo CD application ${name}${where} writes this object: make the change in the application's source, since a change of the object would be reverted or shown as drift.`;
    case 'Flux':
      return `Flux writes this object from ${name}${where}: make the change in its source, since the next reconciliation takes back a change of the object.`;
    case 'Helm':
      return `Helm release ${name}${where} writes this object: make the change in the chart's values or in a post-renderer, since the next upgrade takes back a change of the object.`;
    case 'Operator':
      return `${name}${where} makes these pods: make the change in that resource, since its controller takes back a change of what it makes.`;
    default:
      return tool satisfies never;
  }
}
