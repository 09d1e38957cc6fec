// Everything that one diagnosis may look at, as plain data, the clock included.
//
// A snapshot never holds the value of a Secret or of an environment variable: the projections in observe/ copy
// only the fields that are named here.

import type { Diagnosis } from './diagnosis.ts';
import type { PermissionDenial } from './permission.ts';
import type {
  DroppedUser,
  FoundAccess,
  ImageBase,
  ImageUser,
  Platform,
  Risk,
  SoughtAccess,
} from './image.ts';
import type { PodManifest } from './pod-manifest.ts';
import type { ObjectRef, WorkloadKey, WorkloadRef } from './workload.ts';

/** RFC 3339 in UTC, whole seconds: `2026-11-22T01:38:35Z`. */
export type Time = string;

export type Snapshot = {
  readonly key: WorkloadKey;
  readonly now: Time;
  /** Absent when the workload itself no longer exists. */
  readonly workload?: Workload;
  /** Pods of the workload that exist and are not being deleted, oldest first, then by name. */
  readonly pods: readonly Pod[];
  /** The nodes of these pods that could be read. */
  readonly nodes: readonly Node[];
  /** How many there are in all; more than `pods.length` where healthy pods were only counted. */
  readonly podsTotal: number;
  /** Answers to the questions asked so far, for the pods above. */
  readonly answers: readonly Answer[];
  /** What was recorded before, if anything was. */
  readonly recorded?: Diagnosis;
  readonly remembered: Remembered;
  /** Set when somebody muted the workload or its namespace and that time has not come yet. */
  readonly mutedUntil?: Time;
  /** Absent where the namespace may not be read. */
  readonly namespace?: Namespace;
  /** Controllers of this workload that may not create its pods, in the API server's words, as far as conditions say. */
  readonly refusals?: readonly Refusal[];
  /** Other broken workloads of the namespace with one of the failing images, as `namespace/Kind/name`, sorted. */
  readonly sameImage?: readonly string[];
};

/** A controller that may not create its pods. */
export type Refusal = {
  /** The ReplicaSet, StatefulSet, DaemonSet or Job; or the Deployment, to which the condition is copied. */
  readonly owner: ObjectRef;
  /** The API server's words as the condition or the Event has them. */
  readonly message: string;
  /** Of an Event: when it was last seen. Absent for a condition, which holds as long as it is there. */
  readonly lastTime?: Time;
};

/** Of a namespace, what decides about its pods. */
export type Namespace = {
  readonly name: string;
  /** Its `pod-security.kubernetes.io/` labels, without that prefix: `enforce`, `enforce-version`, `warn`, … */
  readonly podSecurity: Readonly<Record<string, string>>;
  /** OpenShift's `openshift.io/sa.scc.uid-range`, as it is written. */
  readonly uidRange?: string;
};

/** What only this process knows; a restart forgets it, and nothing wrong follows. */
export type Remembered = {
  /** Since when no pod has had a finding. */
  readonly quietSince?: Time;
  /** When this process last wrote the status. */
  readonly wroteTime?: Time;
};

export type Workload = {
  readonly ref: WorkloadRef;
  /** True when an owner further up, or this one, could not be read: kind and name come from a reference. */
  readonly incomplete: boolean;
  /** The pod template that decides, from this object or from the nearest owner below it that has one. */
  readonly template?: Template;
  readonly desired?: number;
  readonly ready?: number;
  /** Rises with every change of its spec. */
  readonly generation?: number;
  /** A label selector as the API and kubectl take it: `app=web,tier in (a,b)`. */
  readonly selector?: string;
  readonly rollout?: Rollout;
  readonly marks?: Marks;
};

/** How a controller replaces pods, as far as it decides what a person must do after a change. */
export type Rollout = {
  readonly strategy?: string;
  readonly podManagement?: string;
  /** Of a StatefulSet: pods with a lower ordinal keep the old template. */
  readonly partition?: number;
  readonly isPaused?: boolean;
  readonly isSuspended?: boolean;
  /** `concurrencyPolicy` of a CronJob. */
  readonly concurrency?: string;
};

/** What tells which tool wrote an object: only labels and annotations that such tools set, and who manages its spec. */
export type Marks = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Field managers of anything in `spec`, sorted, without doubles. */
  readonly managers: readonly string[];
};

/** A pod template, or the pod itself as somebody declared it. */
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
  /** Field manager of each field above, as managedFields name it; a field that nobody owns is left out. */
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
};

/** Of a node, what tells which image it really pulled. */
export type Node = {
  readonly name: string;
  readonly platform: Platform;
  /** For each image that one of the pods' containers may mean, all names by which the node knows it. */
  readonly images: readonly (readonly string[])[];
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

/** Something that the pure stages would like to know. Questions are data, so that asking touches nothing. */
export type Question =
  EventsQuestion | RefusalsQuestion | ImageQuestion | LogQuestion | SurroundingsQuestion | DryRunQuestion;

/** Who may not create the pods of this workload? From Events, where no condition tells. */
export type RefusalsQuestion = { readonly ask: 'refusals'; readonly workload: WorkloadRef };

/** What permission did a container lack when it last ended? */
export type LogQuestion = {
  readonly ask: 'log';
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly container: string;
  /** True where the container has been started again, or waits to be, since it ended. */
  readonly previous: boolean;
  /** What is known of the container, which tells some families of failures from others. */
  readonly hints: {
    readonly uid: number;
    readonly volumeMounts: readonly string[];
    readonly home?: string;
  };
};

export type EventsQuestion = {
  readonly ask: 'events';
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
};

/** Who does a container of this image run as? */
export type ImageQuestion = {
  readonly ask: 'image';
  /** As the spec writes it. */
  readonly reference: string;
  /** The digest that the node has; absent where only the registry can say what the tag means. */
  readonly digest?: string;
  readonly platform?: Platform;
  /** Whose credentials may be used, where the operator may use any. */
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pullSecrets: readonly string[];
  /** Does the image let this process do what it was denied? */
  readonly access?: SoughtAccess;
};

/** What depends on these pods, and what will hinder or help while they are replaced? */
export type SurroundingsQuestion = {
  readonly ask: 'surroundings';
  readonly workload: WorkloadRef;
  /** Of the pods. */
  readonly labels: Readonly<Record<string, string>>;
};

/** Would the API server accept this patch of the workload? */
export type DryRunQuestion = {
  readonly ask: 'dryRun';
  readonly workload: WorkloadRef;
  /** Of the workload as the patch was made for it. */
  readonly generation?: number;
  readonly patchDigest: string;
  /** Strategic merge patch, as YAML. */
  readonly patch: string;
};

export type Answer =
  EventsAnswer | RefusalsAnswer | ImageAnswer | LogAnswer | SurroundingsAnswer | DryRunAnswer;

/** `because` is set where the question could not be answered: that accuses nobody. */
export type RefusalsAnswer = {
  readonly question: RefusalsQuestion;
  readonly refusals: readonly Refusal[];
  /** Set where Events tell that a refusal is over: a pod was created since, or something else is in the way now. */
  readonly over?: true;
  readonly because?: string;
};

/** Nothing of the log itself is kept. `denial` is absent where it shows none, or where it may not be read. */
export type LogAnswer = {
  readonly question: LogQuestion;
  readonly denial?: PermissionDenial;
  readonly because?: string;
};

export type SurroundingsAnswer = {
  readonly question: SurroundingsQuestion;
  readonly surroundings: Surroundings;
};

/** Names, sorted. */
export type Surroundings = {
  /** Services that select the pods and have no other ready endpoint. */
  readonly services: readonly string[];
  /** Ingresses that lead to one of these services. */
  readonly ingresses: readonly string[];
  readonly disruptionBudgets: readonly string[];
  readonly autoscalers: readonly string[];
  /** Kinds that may not be listed, in the plural: `ingresses`. */
  readonly unread: readonly string[];
};

export type DryRunAnswer = { readonly question: DryRunQuestion; readonly tried: DryRun };

export type DryRun =
  | { readonly is: 'accepted'; readonly warnings: readonly string[] }
  | { readonly is: 'refused'; readonly because: string }
  /** Not allowed, or not possible now. */
  | { readonly is: 'untried'; readonly because: string };

/** `because` is set where the question could not be answered: that accuses nobody. */
export type EventsAnswer = {
  readonly question: EventsQuestion;
  readonly events: readonly ContainerEvent[];
  readonly because?: string;
};

export type ImageAnswer = { readonly question: ImageQuestion; readonly reading: ImageReading };

export type ImageReading =
  | {
      readonly is: 'read';
      /** Of the index or manifest that was read. */
      readonly digest: string;
      /** What the tag means now, where it is something else. */
      readonly movedTo?: string;
      /** USER as the image writes it. */
      readonly written: string;
      readonly user: ImageUser;
      readonly risks: readonly Risk[];
      /** VOLUMEs of the image. */
      readonly volumes?: readonly string[];
      /** Only of an image that runs as root, where its layers were read. */
      readonly base?: ImageBase;
      readonly droppedUser?: DroppedUser;
      /** Absent where nobody asked, where the layers were not read for it, and where the image does not decide it. */
      readonly access?: FoundAccess;
    }
  /** `unread`: tried, and not possible now. `notAttempted`: not allowed, with the way to allow it. */
  | { readonly is: 'unread' | 'notAttempted'; readonly because: string };
