// What a person must still do once the workload is changed, in the order in which to do it, with the exact commands.

import type { Command, ManagedBy, Step } from '../../model/fix.ts';
import type { Workload } from '../../model/snapshot.ts';
import type { Pod } from '../../model/pod.ts';
import type { WorkloadKind } from '../../platform/kubernetes/workload-kinds.ts';
import { isImmutable, workloadKind } from '../../platform/kubernetes/workload-kinds.ts';

/** Pods and Jobs named in one command. */
const maxNames = 10;

type Change = {
  readonly workload: Workload;
  /** The pods that fail now. */
  readonly failing: readonly Pod[];
  readonly manager?: ManagedBy;
};

export function stepsAfter({ workload, failing, manager }: Change): readonly Step[] {
  return [
    ...sourceSteps(manager),
    ...(isImmutable(workload.ref) ? [recreateStep(workload)] : rolloutSteps(workload, failing)),
    ...(manager || isImmutable(workload.ref) ? [] : manifestSteps(workload)),
  ];
}

function recreateStep({ ref }: Workload): Step {
  if (ref.kind === 'Pod')
    return {
      text: 'An existing Pod cannot be patched: change its manifest, delete the pod and create it again. The command does this from the live object',
    };
  return {
    text: 'An existing Job cannot be patched: make the change in its manifest, delete the Job and create it again',
    command: { do: 'delete', kind: 'job', which: [ref.name] },
  };
}

function rolloutSteps(workload: Workload, failing: readonly Pod[]): readonly Step[] {
  const { runBy: ref = workload.ref } = workload;
  const row = workloadKind(ref);
  return row ? steps[row.afterChange]({ ...workload, ref }, failing) : [];
}

type Steps = (workload: Workload, failing: readonly Pod[]) => readonly Step[];

const steps: Readonly<Record<WorkloadKind['afterChange'], Steps>> = {
  rolls: (workload, failing) => {
    const { ref, rollout } = workload;
    return [
      ...stepIf(rollout?.isPaused, 'The rollout is paused', { do: 'resumeRollout', workload: ref }),
      ...stepIf(rollout?.waitsFor === 'promotion', 'The rollout pauses until you promote it', {
        do: 'promoteRollout',
        workload: ref,
      }),
      ...stepIf(rollout?.waitsFor === 'start', 'There is no ConfigChange trigger, so start the rollout', {
        do: 'startRollout',
        workload: ref,
      }),
      ...onDelete(workload, failing),
    ];
  },
  rollsInOrder: (workload, failing) => {
    const { strategy, podManagement, partition = 0 } = workload.rollout ?? {};
    if (strategy === 'OnDelete') return onDelete(workload, failing);
    const kept = `Pods below partition ${partition} keep the old template until you lower spec.updateStrategy.rollingUpdate.partition`;
    const stuck = 'A StatefulSet does not replace a pod that was never ready, so delete it once';
    return [
      ...stepIf(partition > 0, kept),
      ...(podManagement === 'Parallel' ? [] : deletePods(stuck, failing)),
    ];
  },
  newPodsOnly: keepsOldPods,
  nextRun: ({ rollout }, failing) => {
    const jobs = namesOf(
      failing.flatMap(({ controller }) => (controller?.kind === 'Job' ? controller.name : [])),
    );
    const blocks =
      rollout?.concurrency === 'Forbid' ? ', and with concurrencyPolicy Forbid it blocks later runs' : '';
    return [
      ...stepIf(jobs.length > 0, `The Job keeps the old template and does not end${blocks}; delete it`, {
        do: 'delete',
        kind: 'job',
        which: jobs,
      }),
      ...stepIf(rollout?.isSuspended, 'The CronJob is suspended: no run starts until spec.suspend is false'),
    ];
  },
  immutable: () => [],
};

const stepIf = (isNeeded: boolean | undefined, text: string, command?: Command): readonly Step[] =>
  isNeeded ? [{ text, ...(command && { command }) }] : [];

function onDelete({ rollout }: Workload, failing: readonly Pod[]): readonly Step[] {
  if (rollout?.strategy !== 'OnDelete') return [];
  return deletePods('The update strategy is OnDelete, so delete the pods', failing);
}

function keepsOldPods({ selector }: Workload, failing: readonly Pod[]): readonly Step[] {
  const text = 'The pods keep the old template, so delete them';
  return selector === undefined
    ? deletePods(text, failing)
    : [{ text, command: { do: 'delete', kind: 'pod', which: { selector } } }];
}

/** Nothing where no pod was created. */
function deletePods(text: string, failing: readonly Pod[]): readonly Step[] {
  const which = namesOf(failing.map(({ name }) => name));
  return stepIf(which.length > 0, text, { do: 'delete', kind: 'pod', which });
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

/** A person or a pipeline applies it from a file, which the cluster does not show. */
function manifestSteps({ marks }: Workload): readonly Step[] {
  const isApplied =
    marks?.annotations['kubectl.kubernetes.io/last-applied-configuration'] !== undefined ||
    marks?.managers.some((manager) => manager.includes('kustomize') || byHand.has(manager));
  return stepIf(isApplied, 'Make the same change in the source manifest, or the next apply may undo it');
}

/** Where the change belongs, for an object that a tool writes from a source. */
export function sourceSteps(manager: ManagedBy | undefined): readonly Step[] {
  if (!manager) return [];
  const { tool, name, namespace } = manager;
  return [{ text: sources[tool](namespace === undefined ? name : `${name} in ${namespace}`) }];
}

const sources: Readonly<Record<ManagedBy['tool'], (which: string) => string>> = {
  ArgoCD: (which) =>
    `Argo CD application ${which} writes this object: make the change in the application's source; a change of the object is reverted or shown as drift`,
  Flux: (which) =>
    `Flux writes this object from ${which}: make the change in its source; the next reconciliation reverts a change of the object`,
  Helm: (which) =>
    `Helm release ${which} writes this object: make the change in the chart's values or in a post-renderer; the next upgrade reverts a change of the object`,
  Operator: (which) =>
    `${which} owns these pods: make the change in that resource; its controller reverts a change of the objects that it owns`,
};
