// The custom resource, field for field as crds/ declares it.

import type { Cause } from './cause.ts';
import type { Finding } from './finding.ts';
import type { Fix } from './fix.ts';
import type { Time } from './snapshot.ts';
import type { ObjectRef } from './workload.ts';

export const diagnosisApiVersion = 'rootcause.dev/v1alpha1';

export type Diagnosis = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly generation: number;
  readonly spec: { readonly workloadRef: ObjectRef; readonly approvedFix?: string };
  /** Absent between the creation of the object and the first write of its status. */
  readonly status?: DiagnosisStatus;
};

export type DiagnosisStatus = {
  readonly observedGeneration: number;
  readonly state: 'Failing' | 'Resolved';
  readonly workload: string;
  readonly cause: Cause;
  readonly summary: string;
  readonly pods: PodCounts;
  readonly firstSeenTime: Time;
  readonly resolvedTime?: Time;
  readonly ownerIncomplete: boolean;
  readonly findings: readonly Finding[];
  readonly impact: Impact;
  readonly fix?: Fix;
  readonly conditions: readonly Condition[];
};

/** `summary` is `failing/total`, for a column. */
export type PodCounts = { readonly failing: number; readonly total: number; readonly summary: string };

export type Impact = {
  readonly desired?: number;
  readonly ready?: number;
  readonly nodes: readonly string[];
  readonly stuckSince?: Time;
};

export type Condition = {
  readonly type: 'Diagnosed' | 'ImageInspected' | 'Resolved';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: Time;
  readonly observedGeneration: number;
};
