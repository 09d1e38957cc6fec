// What a cure changes in one container, before it is known where that is written.

import type { Finding } from '../../model/finding.ts';
import type { Certainty } from '../../model/fix.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import type { DockerfileLines } from '../advice/dockerfile.ts';

/** Fields of a security context; null removes one. */
export type SecurityChange = {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number | null;
  readonly runAsGroup?: number;
  readonly windowsOptions?: { readonly runAsUserName: string };
};

export type Cure = {
  readonly finding: Finding;
  readonly type: 'WorkloadPatch' | 'ImageChange' | 'Manual';
  readonly summary: string;
  readonly certainty: Certainty;
  /** Absent where no change of the workload cures it. */
  readonly change?: { readonly level: 'Pod' | 'Container'; readonly fields: SecurityChange };
  /** Changes of other fields of the pod. */
  readonly more?: readonly PodPatch[];
  /** What the container runs as after the change, and who says so: a sentence. */
  readonly why?: string;
  readonly dockerfile?: DockerfileLines;
};

/** The pod that the workload makes, as it was last seen or as its template has it; absent where nobody could read it. */
export type PodContext = { readonly manifest?: PodManifest };
