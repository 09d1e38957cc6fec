// The few fields of Kubernetes objects that the end-to-end tests look at.

import type { DiagnosisStatus } from '../../src/engine/model/diagnosis.ts';
import type { ObjectRef } from '../../src/engine/model/workload.ts';

export type KubeObject = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Metadata;
};

export type Metadata = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly {
    readonly uid: string;
    readonly kind: string;
    readonly name: string;
  }[];
};

export type KubeList<T> = {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
};

export type WireDiagnosis = KubeObject & {
  readonly spec: { readonly workloadRef: ObjectRef };
  readonly status?: DiagnosisStatus;
};

export type WirePod = KubeObject & {
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly initContainerStatuses?: readonly WireContainerStatus[];
    readonly containerStatuses?: readonly WireContainerStatus[];
    readonly ephemeralContainerStatuses?: readonly WireContainerStatus[];
  };
};

export type WireContainerStatus = {
  readonly name: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: object;
    readonly terminated?: { readonly reason?: string; readonly exitCode?: number };
  };
};

export type WireEvent = KubeObject & {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly series?: { readonly count?: number };
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly uid?: string };
  readonly source?: { readonly component?: string };
  readonly reportingComponent?: string;
};
