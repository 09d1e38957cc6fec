// Everything that one diagnosis may read, as plain data, the clock included.
//
// A snapshot never holds the value of a Secret or of an environment variable: the projections in observe/ copy
// only the fields that are named here.

import type { CreateFailure } from './create-failure.ts';
import type { Template, Pod } from './pod.ts';
import type { Answer } from './question.ts';
import type { Time } from './time.ts';
import type { Diagnosis } from './diagnosis.ts';

import type { Platform } from './image.ts';

import type { WorkloadKey, WorkloadRef } from './workload.ts';

export type Snapshot = {
  readonly key: WorkloadKey;
  readonly now: Time;
  /** Absent when the workload no longer exists, or has a controller. */
  readonly workload?: Workload;
  /**
   * Workloads that this one, or failing pods that seemed to be its own, turned out to belong to. Empty where something
   * has left it and it is known already where it went.
   */
  readonly movedTo?: readonly WorkloadRef[];
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
  /** Set while the workload or its namespace is muted. */
  readonly mutedUntil?: Time;
  /** Absent where the namespace may not be read. */
  readonly namespace?: Namespace;
  /** Controllers of this workload that may not create its pods, in the API server's words, as far as conditions say. */
  readonly createFailures?: readonly CreateFailure[];
  /** Other broken workloads of the namespace with one of the failing images, as `namespace/Kind/name`, sorted. */
  readonly sameImage?: readonly string[];
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
  /** Since when it has also been ready. */
  readonly readySince?: Time;
  /** Since when an announcement waits for the fix that belongs to it. */
  readonly unannouncedSince?: Time;
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
  /** Pods that were made from the template of now; absent where the object does not count them. */
  readonly updated?: number;
  /** By what its pods show from which template they were made. */
  readonly revision?: string;
  /** Rises with every change of its spec. */
  readonly generation?: number;
  /** A label selector as the API and kubectl take it: `app=web,tier in (a,b)`. */
  readonly selector?: string;
  readonly rollout?: Rollout;
  /** The object that makes pods from this template, where the workload itself makes none: an Argo Rollout. */
  readonly runBy?: WorkloadRef;
  readonly marks?: Marks;
  /** Of a Pod: it is the API server's copy of one that the kubelet makes from a file. */
  readonly isStatic?: boolean;
};

/** How a controller replaces pods, as far as it decides what a person must do after a change. */
export type Rollout = {
  readonly strategy?: string;
  readonly podManagement?: string;
  /** Of a StatefulSet: pods with a lower ordinal keep the old template. */
  readonly partition?: number;
  readonly isPaused?: boolean;
  /** What a person has to do once the template is changed: promote the new pods, or start the rollout. */
  readonly waitsFor?: 'promotion' | 'start';
  readonly isSuspended?: boolean;
  /** `concurrencyPolicy` of a CronJob. */
  readonly concurrency?: string;
};

/** What shows which tool wrote an object: only labels and annotations that such tools set, and who manages its spec. */
export type Marks = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Field managers of anything in `spec`, sorted, without doubles. */
  readonly managers: readonly string[];
};

/** Of a node, what shows which image it really pulled. */
export type Node = {
  readonly name: string;
  readonly platform: Platform;
  /** For each image that one of the pods' containers may mean, all names by which the node knows it. */
  readonly images: readonly (readonly string[])[];
};
