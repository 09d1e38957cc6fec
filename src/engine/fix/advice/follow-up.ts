// What a person must still do once the workload is changed, in the order in which to do it, with the exact commands.

import type { Command, ManagedBy, Step } from '../../model/fix.ts';
import type { Workload } from '../../model/snapshot.ts';
import type { Pod } from '../../model/pod.ts';
import type { ObjectRef } from '../../model/workload.ts';
import { podCount } from '../../diagnose/verdict.ts';
import type { WorkloadKind } from '../../platform/kubernetes/workload-kinds.ts';
import { isImmutable, workloadKind } from '../../platform/kubernetes/workload-kinds.ts';

/** Pods and Jobs named in one command. */
const maxNames = 20;

type Change = {
  readonly workload: Workload;
  /** The pods that fail now. */
  readonly failing: readonly Pod[];
  /** Controllers that may not create their pods: the Jobs of a CronJob, of which there are no pods. */
  readonly refused: readonly ObjectRef[];
  readonly manager?: ManagedBy;
};

export function stepsAfter(change: Change): readonly Step[] {
  const { workload, manager } = change;
  return [
    ...sourceSteps(manager),
    ...(isImmutable(workload.ref) ? [recreateStep(change)] : replacementSteps(change)),
    ...(manager || isImmutable(workload.ref) ? [] : manifestSteps(workload)),
  ];
}

function recreateStep({ workload: { ref, isStatic }, failing: [pod] }: Change): Step {
  if (isStatic)
    return {
      text: `This is a static pod: make the change in its file on node ${pod?.node ?? 'of the pod'} (by default in /etc/kubernetes/manifests), and the kubelet makes the pod again`,
    };
  const note = ref.kind === 'Pod' ? 'without its ephemeral containers' : 'which starts all its pods again';
  return {
    text: `An existing ${ref.kind} cannot be patched: it is deleted and created again. The command does this from the live object, ${note}, once a dry run has succeeded; make the same change in its manifest`,
  };
}

/** What replaces the pods of the older template. */
export function replacementSteps({ workload, ...change }: Change): readonly Step[] {
  const { runBy: ref = workload.ref } = workload;
  const row = workloadKind(ref);
  return row ? steps[row.afterChange]({ ...change, workload: { ...workload, ref } }) : [];
}

type Steps = (change: Change) => readonly Step[];

const steps: Readonly<Record<WorkloadKind['afterChange'], Steps>> = {
  rolls: (change) => {
    const { ref, rollout } = change.workload;
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
      ...onDelete(change),
    ];
  },
  rollsInOrder: (change) => {
    const { strategy, podManagement, partition = 0 } = change.workload.rollout ?? {};
    if (strategy === 'OnDelete') return onDelete(change);
    const kept = `Pods below partition ${partition} keep the old template until you lower spec.updateStrategy.rollingUpdate.partition`;
    const stuck = 'A StatefulSet does not replace a pod that was never ready, so delete it once';
    return [
      ...stepIf(partition > 0, kept),
      ...(podManagement === 'Parallel' ? [] : deletePods(stuck, change)),
    ];
  },
  // A selector would delete the pods of others that have the same labels, too.
  newPodsOnly: (change) => deletePods('The pods keep the old template, so delete them', change),
  nextRun: ({ workload: { rollout }, failing, refused }) => {
    const owners = [...failing.map(({ controller }) => controller), ...refused];
    const jobs = owners.flatMap((owner) => (owner?.kind === 'Job' ? owner.name : []));
    const blocks =
      rollout?.concurrency === 'Forbid' ? ', and with concurrencyPolicy Forbid it blocks later runs' : '';
    return [
      ...deleteStep(`The Job keeps the old template and does not end${blocks}; delete it`, 'job', jobs),
      ...stepIf(rollout?.isSuspended, 'The CronJob is suspended: no run starts until spec.suspend is false'),
    ];
  },
  immutable: () => [],
};

const stepIf = (isNeeded: boolean | undefined, text: string, command?: Command): readonly Step[] =>
  isNeeded ? [{ text, ...(command && { command }) }] : [];

function onDelete(change: Change): readonly Step[] {
  if (change.workload.rollout?.strategy !== 'OnDelete') return [];
  return deletePods('The update strategy is OnDelete, so delete the pods', change);
}

const deletePods = (text: string, { failing }: Change): readonly Step[] =>
  deleteStep(
    text,
    'pod',
    failing.map(({ name }) => name),
    podCount(failing),
  );

/** Nothing where there is none. */
function deleteStep(text: string, kind: 'pod' | 'job', names: readonly string[], count = 0): readonly Step[] {
  const all = [...new Set(names)].toSorted();
  const which = all.slice(0, maxNames);
  const total = Math.max(count, all.length);
  const rest = total > which.length ? ` (${which.length} of ${total}; repeat for the rest)` : '';
  return stepIf(which.length > 0, `${text}${rest}`, { do: 'delete', kind, which });
}

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
