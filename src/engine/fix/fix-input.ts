// All that a fix is made from, gathered once: what was found, where, and how each container would be cured.

import type { Finding, OtherImage } from '../model/finding.ts';
import type { ManagedBy } from '../model/fix.ts';
import type { PodManifest } from '../model/pod-manifest.ts';
import type { Snapshot, Workload } from '../model/snapshot.ts';
import type { Pod, Template } from '../model/pod.ts';
import { managedBy } from '../platform/kubernetes/managed-by.ts';
import type { Cure } from './cure/change.ts';
import { cureFor } from './cure/cure.ts';
import { sha256Hex } from '../platform/kubernetes/diagnosis-name.ts';
import { injectionAdvice } from './cure/injection-advice.ts';

export type FixPolicy = {
  /** Offer `runAsNonRoot: false` for the one container that has no other cure. */
  readonly allowRootExemption: boolean;
};

/** What a fix is made for, as diagnose() has it. */
export type Diagnosed = {
  readonly findings: readonly Finding[];
  /** Pods with a finding, newest first. */
  readonly failing: readonly Pod[];
  /** Containers of these pods without a finding. */
  readonly others: readonly OtherImage[];
};

export type FixInput = Diagnosed & {
  readonly snapshot: Snapshot;
  readonly workload: Workload;
  readonly policy: FixPolicy;
  /** One for each finding, in their order. */
  readonly cures: readonly Cure[];
  /** The pod as the workload makes it; absent where neither a pod nor a template could be read. */
  readonly made?: PodManifest;
  readonly manager?: ManagedBy;
  readonly isWindows: boolean;
};

export function fixInputOf(
  diagnosed: Diagnosed,
  snapshot: Snapshot,
  workload: Workload,
  policy: FixPolicy,
): FixInput {
  const made = madeBy(diagnosed.failing, workload.template);
  const manager = managedBy(workload);
  return {
    ...diagnosed,
    snapshot,
    workload,
    policy,
    cures: diagnosed.findings.map((finding) => cureOf(finding, diagnosed.failing, workload, made)),
    ...(made && { made }),
    ...(manager && { manager }),
    isWindows:
      made?.spec.os?.name === 'windows' ||
      diagnosed.findings.some(({ cause }) => cause === 'WindowsAdministrator'),
  };
}

/** With what admission adds, and without what a person added to one pod alone. */
function madeBy([newest]: readonly Pod[], template: Template | undefined): PodManifest | undefined {
  if (!newest) return template?.manifest;
  const { ephemeralContainers: _debugging, ...spec } = newest.manifest.spec;
  return { ...newest.manifest, spec };
}

function cureOf(
  finding: Finding,
  failing: readonly Pod[],
  workload: Workload,
  made: PodManifest | undefined,
): Cure {
  const advice = injectionAdvice(finding, workload, failing);
  if (advice !== undefined) return { finding, type: 'Manual', summary: advice, certainty: 'Template' };
  return cureFor(finding, made ? { manifest: made } : {});
}

/** Names this exact patch for this exact workload and these images. */
export function digestOf({ workload, findings }: FixInput, patch: string): string {
  const images = findings.map(({ image }) => image.digest ?? image.reference);
  return `sha256:${sha256Hex(JSON.stringify([workload.ref.uid, images, patch]))}`;
}
