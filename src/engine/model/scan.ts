// What one scan of a cluster found. A scan writes nothing there.

import type { DiagnosisStatus } from './diagnosis.ts';
import type { Neighbour } from './reported-failure.ts';
import type { PodSecurityPolicy } from './pod-security.ts';
import type { ObjectRef } from './workload.ts';

/** Sorted by namespace and workload. */
export type ScanReport = {
  readonly diagnoses: readonly ScannedDiagnosis[];
  /** Pods that do not start for other reasons: named, and no Diagnoses. */
  readonly neighbours: readonly NeighbourRow[];
  readonly unread: readonly Unread[];
};

/** One row for each workload and reason. */
export type NeighbourRow = {
  readonly namespace: string;
  readonly workload: ObjectRef;
  readonly container?: string;
  readonly neighbour: Neighbour;
};

export type ScannedDiagnosis = {
  readonly namespace: string;
  readonly workload: ObjectRef;
  /** As the operator would write it. */
  readonly status: DiagnosisStatus;
};

/** What could not be read, so that nothing is said of it: one object where it has a name, else all of a kind. */
export type Unread = {
  readonly kind: string;
  /** Absent for what was asked of the whole cluster. */
  readonly namespace?: string;
  readonly name?: string;
  readonly because: string;
};

/** What would be refused if every namespace enforced one policy. Sorted by name. */
export type EnforcementReport = {
  readonly policy: PodSecurityPolicy;
  readonly namespaces: readonly NamespaceReadiness[];
  readonly unread: readonly Unread[];
};

export type NamespaceReadiness = {
  readonly name: string;
  /** What the namespace asks for now, `restricted:v1.28`; absent where it says nothing of a mode. */
  readonly labels: { readonly enforce?: string; readonly warn?: string; readonly audit?: string };
  /** True where nothing that was read would be refused. */
  readonly ready: boolean;
  readonly refused: readonly RefusedWorkload[];
};

/** Pods of a workload that would be refused for the same reasons; those refused for others stand apart. */
export type RefusedWorkload = {
  readonly workload: ObjectRef;
  /** How many there are now; 0 where only the template says it. */
  readonly pods: number;
  /** The first of them by name. */
  readonly pod?: string;
  /** In the API server's order and words. */
  readonly violations: readonly RefusedCheck[];
  readonly remedy: EnforcementRemedy;
};

export type RefusedCheck = {
  readonly reason: string;
  readonly detail: string;
  /** Absent where the pod itself is refused. */
  readonly containers?: readonly string[];
};

/** How a workload is brought to pass. */
export type EnforcementRemedy =
  | {
      readonly is: 'patch';
      /** For a shell. */
      readonly command: string;
      /** Images whose user the kubelet looks at from then on: those that run as root or name their user do not start. */
      readonly images: readonly string[];
    }
  /** No patch can, or there is nothing to patch. */
  | { readonly is: 'none'; readonly because: string };

/** Why there is nothing to report. */
export type ScanTrouble = {
  readonly is: 'forbidden' | 'noNamespace' | 'failed';
  /** The API server's words, the name of the namespace, or what went wrong. */
  readonly said: string;
};

/** How far a scan has come. */
export type ScanProgress =
  /** `read`: objects read of this kind, or bytes of so many searched; `found`: workloads that may fail. */
  | { readonly stage: 'listing'; readonly kind: string; readonly read: number; readonly found?: number }
  | { readonly stage: 'looking'; readonly done: number; readonly of: number };
