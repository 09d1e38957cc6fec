// One cause in one container: a code and typed data, never prose.

import type { Cause } from './cause.ts';
import type { DroppedUser, ImageBase, Risk } from './image.ts';
import type { Attempt } from './permission.ts';
import type { PodSecurityPolicy, Violation } from './pod-security.ts';
import type { ContainerType } from './pod.ts';
import type { Time } from './time.ts';

/** Kept of one workload: as many as its Diagnosis may list. */
export const maxFindings = 64;

export type Finding = {
  readonly cause: Cause;
  readonly container: { readonly name: string; readonly type: ContainerType };
  /**
   * What the kubelet, the API server or the container runtime says, without the pod's own name, printable characters
   * only, at most 512 of them; of a program that ended, how it ended, and never a line of its log.
   */
  readonly message: string;
  /** True where the kubelet has not come to this container yet: the message is what it will say. */
  readonly predicted?: boolean;
  /** The kind of failure within the cause, where the cause has several remedies. */
  readonly family?: string;
  /** What the container may not use. */
  readonly path?: string;
  /** All of them, `path` first; absent where there is only one. */
  readonly paths?: readonly string[];
  /** What it tried there, where that is known. */
  readonly attempt?: Attempt;
  readonly port?: number;
  /** Only the words of a log say so, and nothing else confirms it: it may be another failure. */
  readonly unconfirmed?: true;
  /** The Pod Security policy that the namespace enforces, and what it refuses of this container and of the pod. */
  readonly policy?: PodSecurityPolicy;
  readonly violations?: readonly Violation[];
  /** Every field that decides. Empty where none is set (kubelets up to 1.7 refused without one). */
  readonly settings: readonly Setting[];
  readonly image: ImageFacts;
  /** What may go wrong for the image's own user, as far as the layers read show it. */
  readonly risks?: readonly Risk[];
};

export type Setting = {
  readonly level: 'Pod' | 'Container';
  /** Path in the workload, or in the pod where the workload's template lacks the field. */
  readonly field: string;
  readonly value: boolean | number | string;
  readonly setBy: FieldSetter;
};

/** `admission`: the pod has the field, its template has not, and no field manager is recorded for it. */
export type FieldSetter =
  | { readonly is: 'manager'; readonly name: string }
  | { readonly is: 'admission' }
  | { readonly is: 'unknown' };

export type ImageFacts = {
  readonly reference: string;
  readonly digest?: string;
  readonly digestFrom?: 'spec' | 'node' | 'podStatus' | 'registry';
  /** USER as the image writes it, or the part of it that the kubelet printed; absent while unknown. */
  readonly user?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** What the group part of USER means. Kubernetes drops it, so a fix states it as runAsGroup. */
  readonly userGroup?: number;
  readonly resolution: 'Resolved' | 'NotInImage' | 'Invalid' | 'Unreadable' | 'NotNeeded' | 'NotAttempted';
  readonly detail?: string;
  /** Why it could not be read and what may help, for a column: `cannot read registry.example (401): see --docker-config`. */
  readonly trouble?: string;
  /** VOLUMEs of the image. */
  readonly volumes?: readonly string[];
  /** Only of an image that runs as root, where its layers were read. */
  readonly base?: ImageBase;
  readonly droppedUser?: DroppedUser;
};

/** What diagnose() says of a workload: its findings, and the pods that have one. */
export type Verdict = {
  readonly findings: readonly Finding[];
  readonly failingPods: number;
  /** Failing pods that fail for more than an ephemeral container. */
  readonly failingPodsCounted: number;
  /** Nodes of the failing pods, sorted, without doubles. */
  readonly nodes: readonly string[];
  /** Creation time of the oldest failing pod. */
  readonly stuckSince?: Time;
};

/** Of a container that has no finding, what is known of its image; a fix has to let it start as well. */
export type OtherImage = {
  readonly container: string;
  /** True while the image is being read. */
  readonly isPending: boolean;
  /** USER as the image writes it. */
  readonly user?: string;
  readonly volumes?: readonly string[];
};

/** Whether a workload works: nothing that is diagnosed here fails, and its pods are ready. */
export type WorkloadReadiness = {
  /** All pods that it wants are ready and made from the template of now, or it wants none. */
  readonly isReady: boolean;
  /** Absent where the workload does not say how many pods it wants; a pod that keeps crashing is never ready. */
  readonly desired?: number;
  readonly ready?: number;
  /** Pods of an older template that still fail with what the template of now no longer has. */
  readonly olderPods: number;
  /** True where a pod of the current template, or the template itself, shows that the recorded failure has passed. */
  readonly isProved: boolean;
  /** The first thing that keeps it from being ready, as far as it can be seen. */
  readonly obstacle?: Obstacle;
};

/** What a status shows of a workload that is not ready, without any diagnosis of it. */
export type Obstacle =
  | { readonly is: 'paused' }
  /** Its pods cannot be created: the API server's words. */
  | { readonly is: 'refused'; readonly message: string }
  | { readonly is: 'exits'; readonly container: string; readonly exitCode: number }
  | { readonly is: 'waits'; readonly container: string; readonly reason: string }
  | { readonly is: 'unscheduled' }
  | { readonly is: 'unready' };
