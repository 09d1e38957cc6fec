// Pods, their templates and their containers: of everything the API server says, what a diagnosis may look at.

import type { Time } from './time.ts';
import type { PodManifest } from './pod-manifest.ts';
import type { ObjectRef } from './workload.ts';

/** A pod template, or the pod itself as it was declared. */
export type Template = {
  /** Path of the pod spec inside the object: `spec.template.spec`; a Pod's is `spec`. */
  readonly path: string;
  readonly security: SecuritySettings;
  readonly containers: readonly TemplateContainer[];
  readonly serviceAccount?: string;
  /** Names of the Secrets in its imagePullSecrets. */
  readonly pullSecrets?: readonly string[];
  /** The same pod, with all that Pod Security looks at. */
  readonly manifest: PodManifest;
};

export type TemplateContainer = {
  readonly name: string;
  readonly type: ContainerType;
  readonly image: string;
  readonly security: SecuritySettings;
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
  /** Field manager of each field above, as managedFields name it; a field without a manager is left out. */
  readonly managers?: Readonly<Partial<Record<SecurityField, string>>>;
};

export type SecurityField = 'runAsNonRoot' | 'runAsUser' | 'runAsGroup' | 'runAsUserName';

export type Pod = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly node?: string;
  readonly createdTime: Time;
  /** True in the phases Succeeded and Failed: none of its containers will start again. */
  readonly finished?: boolean;
  readonly security: SecuritySettings;
  readonly containers: readonly Container[];
  readonly serviceAccount?: string;
  /** Names of the Secrets in its imagePullSecrets. */
  readonly pullSecrets?: readonly string[];
  /** The same pod, with all that Pod Security looks at. */
  readonly manifest: PodManifest;
  readonly labels?: Readonly<Record<string, string>>;
  /** Its direct controller: the ReplicaSet, not the Deployment. */
  readonly controller?: ObjectRef;
  /** Keys of the annotations and labels by which webhooks mark that they have added a container. */
  readonly injectionMarks?: readonly string[];
  /** How many more pods of this controller are in the same state, and are left out because there are so many. */
  readonly alike?: number;
};

export type Container = {
  readonly name: string;
  readonly type: ContainerType;
  /** As the spec says it; the status may still name an earlier image. */
  readonly image: string;
  readonly security: SecuritySettings;
  /** Absent until the kubelet reports one. */
  readonly state?: ContainerState;
  /** What the status says is there; of an earlier image, where the spec's was replaced since. */
  readonly statusImage?: { readonly reference: string; readonly id: string };
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
