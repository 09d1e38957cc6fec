// What a cure changes in one container, before it is known where that is written.

import type { Finding } from '../../model/finding.ts';
import type { Certainty, Dockerfile } from '../../model/fix.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';

/** Fields of a security context; null removes one. */
type SecurityChange = {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number | null;
  readonly runAsGroup?: number;
  readonly windowsOptions?: { readonly runAsUserName: string };
};

/** What would cure one finding. */
export type Cure = {
  readonly type: 'WorkloadPatch' | 'ImageChange' | 'Manual';
  readonly summary: string;
  readonly certainty: Certainty;
  /** Absent where no change of the workload cures it. */
  readonly change?: { readonly level: 'Pod' | 'Container'; readonly fields: SecurityChange };
  /** Changes of other fields of the pod. */
  readonly more?: readonly PodPatch[];
  /** What becomes of the container, and what says so: `runs as uid 10001, …`. */
  readonly why?: readonly string[];
  readonly dockerfile?: Dockerfile;
  /** Other ways to the same end, or for other cases than the most common one. */
  readonly also?: readonly Cure[];
};

/** A change of the workload that has to be tested first. */
export const patchCure = (cure: Omit<Cure, 'type' | 'certainty'>): Cure => ({
  ...cure,
  type: 'WorkloadPatch',
  certainty: 'TestFirst',
});

export const userCure = (uid: number, gid: number | undefined, why: string): Cure =>
  patchCure({
    summary: `runAsUser ${uid}`,
    change: { level: 'Container', fields: { runAsUser: uid, ...(gid !== undefined && { runAsGroup: gid }) } },
    why: [why],
  });

/** What only a person can do. */
export const manualCure = (summary: string): Cure => ({ type: 'Manual', summary, certainty: 'Template' });

export const imageCure = (dockerfile: Dockerfile): Cure => ({
  type: 'ImageChange',
  summary: dockerfile.summary,
  certainty: dockerfile.certainty,
  dockerfile,
});

export type ContainerCure = Cure & { readonly finding: Finding };

/**
 * Sentences without their full stops: `With this change, container app runs as uid 10001, …`.
 *
 * @param container `container app`, or `the container` where it has no name
 */
export const reasonsFor = ({ why = [] }: Cure, container: string): readonly string[] =>
  why.map((reason) => `With this change, ${container} ${reason}`);
