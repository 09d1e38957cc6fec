// What people give instead of a cluster: objects, and Events about objects that they have not given.

import type { Snapshot } from './snapshot.ts';
import type { ContainerType } from './pod.ts';
import type { Answer, LogQuestion, Question } from './question.ts';

/** One workload, as far as the objects show it. */
export type Manifests = {
  /** Without answers. */
  readonly snapshot: Snapshot;
  /** What the objects say to a question; undefined for a log, and for what they do not say. */
  readonly answer: (question: Question) => Answer | undefined;
  /** The end of a log, where the status of the pod keeps it, secrets and all. */
  readonly lastWords: (question: LogQuestion) => string | undefined;
  /** By which injectors are asked to add containers, in the template. */
  readonly injectionMarks: readonly string[];
  /** False where its objects do not say in which namespace they are; the snapshot then says `default`. */
  readonly isNamespaceKnown: boolean;
};

export type EventManifest = {
  readonly message: string;
  readonly namespace?: string;
  /** Where it is about a pod. */
  readonly pod?: string;
  readonly container?: string;
  /** Absent for init containers, among which an Event does not tell the sidecars. */
  readonly type?: ContainerType;
};

export type ParsedManifests = {
  readonly workloads: readonly Manifests[];
  readonly events: readonly EventManifest[];
  /** About pods that were given and wait for their sandbox. */
  readonly sandboxEvents: readonly EventManifest[];
};
