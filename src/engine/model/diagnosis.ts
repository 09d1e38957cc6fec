// The custom resource, field for field as crds/ declares it.

import type { Cause } from './cause.ts';
import type { Finding, Setting } from './finding.ts';
import type { Certainty, Check, Fix, ManagedBy } from './fix.ts';
import type { Time } from './time.ts';
import type { ObjectRef } from './workload.ts';

export const diagnosisApiVersion = 'rootcause.dev/v1alpha1';

export type Diagnosis = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly generation: number;
  /** Of the workload with which it is collected, '' where there is none: an orphaning deletion takes it away. */
  readonly ownerUid?: string;
  readonly spec: { readonly workloadRef: ObjectRef };
  /** Absent between the creation of the object and the first write of its status. */
  readonly status?: DiagnosisStatus;
};

export type DiagnosisStatus = {
  readonly observedGeneration: number;
  /** NotReady: nothing of ours fails any more, and the pods are not ready yet; `summary` says what is in the way. */
  readonly state: 'Failing' | 'NotReady' | 'Resolved';
  readonly workload: string;
  readonly cause: Cause;
  readonly summary: string;
  readonly pods: PodCounts;
  readonly firstSeenTime: Time;
  readonly resolvedTime?: Time;
  readonly ownerIncomplete: boolean;
  readonly findings: readonly RecordedFinding[];
  readonly impact: Impact;
  readonly podSecurity?: NamespaceAdvice;
  readonly fix?: RecordedFix;
  /** Causes that led to this one, the newest first. */
  readonly previous?: readonly PreviousCause[];
  readonly conditions: readonly Condition[];
};

/** A finding as the resource holds it: words where the engine has data. */
export type RecordedFinding = Omit<Finding, 'policy' | 'settings'> & {
  readonly settings: readonly RecordedSetting[];
};

/** `setBy`: the name of a field manager, `unknown`, or `admission, unnamed`. */
export type RecordedSetting = Omit<Setting, 'setBy'> & { readonly setBy: string };

/** A fix as the resource holds it: YAML, shell text and sentences, ready to be pasted. */
export type RecordedFix = Pick<Fix, 'type' | 'certainty' | 'summary'> & {
  /** `sha256:…` of the workload's uid, the image digests and the patch; only where there is a patch of the workload. */
  readonly digest?: string;
  readonly hardenedDigest?: string;
  /** Strategic merge patch as YAML, ready for `kubectl patch --patch-file`. */
  readonly patch?: string;
  readonly hardenedPatch?: string;
  readonly hardenedCertainty?: Certainty;
  readonly alternatives?: readonly RecordedAlternative[];
  /** Lines for the image's last stage. */
  readonly dockerfile?: string;
  readonly dockerfileCertainty?: Certainty;
  readonly command?: string;
  readonly checks?: readonly Check[];
  readonly managedBy?: ManagedBy;
  readonly followUp?: readonly string[];
};

/** `lines` are of a Dockerfile, or of a pod template from its `spec` down. */
export type RecordedAlternative = {
  readonly summary: string;
  readonly certainty?: Certainty;
  readonly patch?: string;
  readonly lines?: string;
};

export type PreviousCause = {
  readonly cause: Cause;
  readonly container: Finding['container'];
  readonly message: string;
  readonly firstSeenTime: Time;
  readonly endedTime: Time;
};

/** `summary` is `failing/total`, for a column. */
type PodCounts = { readonly failing: number; readonly total: number; readonly summary: string };

export type Impact = {
  readonly desired?: number;
  readonly ready?: number;
  readonly nodes: readonly string[];
  /** Services that select the failing pods and have no other ready endpoint. */
  readonly services?: readonly string[];
  readonly ingresses?: readonly string[];
  readonly disruptionBudgets?: readonly string[];
  readonly autoscalers?: readonly string[];
  /** Other broken workloads with one of the failing images, as `namespace/Kind/name`. */
  readonly sameImage?: readonly string[];
  /** Kinds that may not be listed, so that nothing is said of them. */
  readonly unread?: readonly string[];
  readonly stuckSince?: Time;
};

/** What Pod Security asks in the namespace, and what it would refuse of this workload at restricted. */
export type NamespaceAdvice = {
  /** As the labels say, `restricted:v1.28`; absent where there is no label. */
  readonly enforce?: string;
  readonly warn?: string;
  readonly audit?: string;
  /** Reasons, in the words of the API server, for which restricted:latest would refuse the pods as they are now. */
  readonly refusedAtRestricted: readonly string[];
};

export type Condition = {
  readonly type: 'Diagnosed' | 'ImageInspected' | 'FixChecked' | 'Resolved';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: Time;
  readonly observedGeneration: number;
};
