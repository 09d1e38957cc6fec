// Pods, their templates and their containers: of everything the API server says, what a diagnosis may read.

import type { Time } from './time.ts';
import type { ContainerSpec, PodManifest } from './pod-manifest.ts';
import type { ObjectRef } from './workload.ts';

/** A pod template, or the pod itself as it was declared. */
export type Template = {
  /** Path of the pod spec inside the object: `spec.template.spec`; a Pod's is `spec`. */
  readonly path: string;
} & PodDeclaration;

/** What stands in a pod as in its template. */
export type PodDeclaration = {
  readonly manifest: PodManifest<KnownContainer>;
  /** Of the settings of the pod level. */
  readonly managers?: FieldManagers;
  readonly serviceAccount?: string;
  /** Names of the Secrets in its imagePullSecrets. */
  readonly pullSecrets?: readonly string[];
};

export const containerTypes = ['InitContainer', 'Sidecar', 'Container', 'EphemeralContainer'] as const;

/** A Sidecar is an init container with `restartPolicy: Always`. */
export type ContainerType = (typeof containerTypes)[number];

/** The fields of a security context that take part in the kubelet's decision. Absent means unset. */
export type SecuritySettings = {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  /** `windowsOptions.runAsUserName`. */
  readonly runAsUserName?: string;
};

export type SecurityField = keyof SecuritySettings;

/** The manager of each field that is set, as managedFields name it; a field without a manager is left out. */
export type FieldManagers = Readonly<Partial<Record<SecurityField, string>>>;

export type Pod = PodDeclaration & {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly node?: string;
  readonly createdTime: Time;
  /** True in the phases Succeeded and Failed: none of its containers will start again. */
  readonly finished?: boolean;
  /** Its condition Ready. */
  readonly ready?: boolean;
  /** Absent where the revision of its template is not known. */
  readonly madeFrom?: 'currentTemplate' | 'olderTemplate';
  readonly labels?: Readonly<Record<string, string>>;
  /** Its direct controller: the ReplicaSet, not the Deployment. */
  readonly controller?: ObjectRef;
  /** Keys of the annotations and labels by which webhooks mark that they have added a container. */
  readonly injectionMarks?: readonly string[];
  /** How many more pods of this controller are in the same state, and are left out because there are so many. */
  readonly alike?: number;
};

/** A container with its type; of its image, which the status may still name differently, what the spec says, or ''. */
export type Listed<C> = C & { readonly type: ContainerType; readonly image: string };

export type Container = Listed<KnownContainer>;

/** The spec of a container, and what is known beside it; of a template, only the managers. */
export type KnownContainer = ContainerSpec & {
  readonly managers?: FieldManagers;
  /** Absent until the kubelet reports one. */
  readonly state?: ContainerState;
  /** What the status says is there; of an earlier image, where the spec's was replaced since. */
  readonly statusImage?: { readonly reference: string; readonly id: string };
  /** The image as its status names it, where the container has come far enough that its node has pulled it. */
  readonly pulledImage?: string;
  /** When the process last began to run, however it ended; absent if it never did. */
  readonly lastStartedTime?: Time;
  /** How it last ended; of a container that has ended now, the same as its state. */
  readonly lastTerminated?: Terminated;
  readonly restarts?: number;
};

export type Terminated = {
  readonly reason: string;
  readonly exitCode: number;
  /**
   * Only what the container runtime says of a start that failed (StartError, ContainerCannotRun). What an application
   * leaves behind when it ends is not kept: it may hold anything.
   */
  readonly message?: string;
};

export type ContainerState =
  | { readonly is: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly is: 'running' }
  | { readonly is: 'terminated'; readonly reason: string; readonly exitCode: number };

/** An Event about a container, from the kubelet that runs it. */
export type ContainerEvent = {
  readonly podUid: string;
  readonly container: string;
  readonly type: Exclude<ContainerType, 'Sidecar'>;
  readonly reason: string;
  readonly message: string;
  readonly lastTime: Time;
};
