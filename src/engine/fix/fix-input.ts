// All that a fix is made from, gathered once: what was found, where, and how each container would be cured.

import type { Finding, ImageFacts, OtherImage } from '../model/finding.ts';
import type { ManagedBy } from '../model/fix.ts';
import type { PodManifest } from '../model/pod-manifest.ts';
import type { Namespace, Workload } from '../model/snapshot.ts';
import type { ObjectRef } from '../model/workload.ts';
import type { Pod, Template } from '../model/pod.ts';
import type { WorkloadKind } from '../platform/kubernetes/workload-kinds.ts';
import { workloadKind } from '../platform/kubernetes/workload-kinds.ts';
import { present } from '../platform/data/field.ts';
import { managedBy } from '../platform/kubernetes/managed-by.ts';
import { manualCure, type ContainerCure } from './cure/change.ts';
import { cureFor } from './cure/cure.ts';
import { injectionAdvice } from './cure/injection-advice.ts';

export type FixPolicy = {
  /** Offer `runAsNonRoot: false` for the one container that has no other cure. */
  readonly allowRootExemption: boolean;
};

export type FixInput = {
  /** Pods with a finding, newest first. */
  readonly failing: readonly Pod[];
  /** Controllers of the workload that may not create their pods. */
  readonly refused: readonly ObjectRef[];
  /** Containers of these pods without a finding. */
  readonly others: readonly OtherImage[];
  readonly workload: Workload;
  readonly namespace?: Namespace;
  readonly policy: FixPolicy;
  /** One for each finding, in their order. */
  readonly cures: readonly ContainerCure[];
  /** The pod as the workload makes it; absent where neither a pod nor a template could be read. */
  readonly made?: PodManifest;
  /** Absent where a patch has nothing to stand on. */
  readonly pods?: Pods;
  readonly manager?: ManagedBy;
  readonly isWindows: boolean;
  /** By container, with a finding or without. */
  readonly images: ReadonlyMap<string, ContainerImage>;
};

type ContainerImage = {
  /** USER as the image writes it. */
  readonly user?: string;
  /** Absent where the image has not been read. */
  readonly volumes?: readonly string[];
};

/** What the workload declares, and the pod that comes of it, with the containers that webhooks add. */
export type Pods = {
  readonly template: Template;
  readonly made: PodManifest;
  readonly patchType: WorkloadKind['patch'];
};

/** Where the workload can be patched. */
export type PatchInput = FixInput & { readonly pods: Pods };

export function fixInputOf(
  findings: readonly Finding[],
  known: Pick<FixInput, 'failing' | 'refused' | 'others' | 'workload' | 'policy'>,
  namespace: Namespace | undefined,
): FixInput {
  const { failing, workload } = known;
  const { template, ref } = workload;
  const made = podMadeBy(failing, template);
  const patchType = workloadKind(ref)?.patch ?? 'strategic';
  const { others } = known;
  return {
    ...known,
    cures: findings.map((finding) => {
      const advice = injectionAdvice(finding, workload, failing);
      const cure = advice === undefined ? cureFor(finding, made) : manualCure(advice);
      return { ...cure, finding };
    }),
    isWindows:
      made?.spec.os?.name === 'windows' || findings.some(({ cause }) => cause === 'WindowsAdministrator'),
    images: new Map([
      ...others.map((image) => [image.container, otherImage(image)] as const),
      ...findings.map(({ container, image }) => [container.name, foundImage(image)] as const),
    ]),
    ...present({
      namespace,
      made,
      pods: template && made && { template, made, patchType },
      manager: managedBy(workload),
    }),
  };
}

/** With what admission adds, and without what a person added to one pod alone. */
function podMadeBy([newest]: readonly Pod[], template: Template | undefined): PodManifest | undefined {
  if (!newest) return template?.manifest;
  const { ephemeralContainers: _debugging, ...spec } = newest.manifest.spec;
  return { ...newest.manifest, spec };
}

const otherImage = ({ user, volumes = [] }: OtherImage): ContainerImage =>
  user === undefined ? {} : { user, volumes };

function foundImage({ user, resolution, volumes = [] }: ImageFacts): ContainerImage {
  const isRead = resolution !== 'NotAttempted' && resolution !== 'Unreadable';
  return present({ user, volumes: isRead ? volumes : undefined });
}
