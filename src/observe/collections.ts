// The collections that show which workloads fail. The operator watches them, and a scan lists them.

import { diagnosisApiVersion } from '../engine/model/diagnosis.ts';
import type { WorkloadRef } from '../engine/model/workload.ts';
import { containerFailurePhrases, crashPhrases } from '../engine/messages/search-phrases.ts';
import { listAt, numberAt, objectAt, textAt } from '../engine/platform/data/field.ts';
import {
  failedCreateEvents,
  projectRejectedReplicaSet,
  rejectedController,
  podSecurityNeedle,
  type RejectedReplicaSet,
} from '../engine/project/project-create-failure.ts';
import { projectDiagnosis } from '../engine/project/project-diagnosis.ts';
import { failedEvents, projectEvent, type PodEvent } from '../engine/project/project-event.ts';
import { pathOf } from '../kube/api/discovery.ts';
import { failingImagesOf, type RecordedImages } from './shared-images.ts';

/** As much of a pod as its owner needs: the metadata, as the API server gave it. */
type WatchedPod = { readonly metadata: unknown };

/** What matters of one object of a collection: enough to find the workload, and no more, as a watch keeps it. */
export type Observation =
  | { readonly is: 'record'; readonly record: WorkloadRecord }
  | { readonly is: 'pod'; readonly pod: WatchedPod }
  | { readonly is: 'podEvent'; readonly event: PodEvent }
  | { readonly is: 'createEvent'; readonly controller: WorkloadRef }
  | { readonly is: 'replicaSet'; readonly replicaSet: RejectedReplicaSet };

/** As much of a Diagnosis as is needed between two reads of it. */
export type WorkloadRecord = RecordedImages & { readonly generation: number; readonly isFailing: boolean };

export type Collection = {
  readonly kind: 'Diagnosis' | 'Pod' | 'Event' | 'ReplicaSet';
  readonly apiVersion: string;
  readonly plural: string;
  readonly query?: Readonly<Record<string, string>>;
  /** An object without any of these in its JSON is of no interest; without needles each is. */
  readonly needles: readonly string[];
  /** More of them, where crashed containers are looked for. */
  readonly crashNeedles?: readonly string[];
  /** Undefined for an object of no interest. `showsCrashes` says whether crashed containers are looked for. */
  readonly decode: (object: unknown, showsCrashes: boolean) => Observation | undefined;
  /** What to do when it may not be read. */
  readonly hint?: string;
};

/** Records come first: what is known of a workload is known before there is news of it. */
export const collections: readonly Collection[] = [
  {
    kind: 'Diagnosis',
    apiVersion: diagnosisApiVersion,
    plural: 'diagnoses',
    needles: [],
    decode: recordOf,
    hint: 'Install crds/ and allow the account to list and watch diagnoses.',
  },
  {
    kind: 'Pod',
    apiVersion: 'v1',
    plural: 'pods',
    needles: containerFailurePhrases,
    crashNeedles: crashPhrases,
    decode: podOf,
  },
  {
    kind: 'Event',
    apiVersion: 'v1',
    plural: 'events',
    query: { fieldSelector: failedEvents },
    needles: containerFailurePhrases,
    decode: (object) => {
      const event = projectEvent(object);
      return event && { is: 'podEvent', event };
    },
  },
  {
    // Of every kind of controller, but gone after an hour or so.
    kind: 'Event',
    apiVersion: 'v1',
    plural: 'events',
    query: { fieldSelector: failedCreateEvents },
    needles: [podSecurityNeedle],
    decode: (object) => {
      const controller = rejectedController(object);
      return controller && { is: 'createEvent', controller };
    },
  },
  {
    // Says so for as long as its pods are refused, and says when they no longer are.
    kind: 'ReplicaSet',
    apiVersion: 'apps/v1',
    plural: 'replicasets',
    needles: [podSecurityNeedle],
    decode: (object) => {
      const replicaSet = projectRejectedReplicaSet(object);
      return replicaSet && { is: 'replicaSet', replicaSet };
    },
    hint: 'Apply the role of this version: it allows to list and watch replicasets.',
  },
];

/** Objects in one page of a list: about a megabyte of pods, which is all that a large cluster adds to our memory. */
export const pageSize = 100;

export function needlesOf(
  { needles, crashNeedles = [] }: Collection,
  showsCrashes: boolean,
): readonly string[] {
  return showsCrashes ? [...needles, ...crashNeedles] : needles;
}

/** @param namespace '' for all of them */
export function collectionPath({ apiVersion, plural }: Collection, namespace: string): string {
  return pathOf({ apiVersion, plural, ...(namespace !== '' && { namespace }) });
}

/** The kind of what is listed or watched at a path, as metrics name it. */
export function collectionKindOf(path: string): string {
  return collections.find(({ plural }) => path.endsWith(`/${plural}`))?.kind ?? 'other';
}

function recordOf(object: unknown): Observation | undefined {
  const found = projectDiagnosis(object);
  if (!found) return undefined;
  const { workload, diagnosis } = found;
  const { generation, status } = diagnosis;
  const isFailing = status?.state === 'Failing';
  return { is: 'record', record: { workload, generation, isFailing, images: failingImagesOf(status) } };
}

/** Whose the pod is: each reconcile reads the pod afresh. A crash that is over does not matter. */
function podOf(object: unknown, showsCrashes: boolean): Observation | undefined {
  if (textAt(object, 'metadata', 'deletionTimestamp') !== undefined) return undefined;
  if (showsCrashes && isRunning(object)) return undefined;
  const metadata = {
    name: textAt(object, 'metadata', 'name'),
    namespace: textAt(object, 'metadata', 'namespace'),
    uid: textAt(object, 'metadata', 'uid'),
    ownerReferences: listAt(object, 'metadata', 'ownerReferences'),
  };
  return { is: 'pod', pod: { metadata } };
}

/** No container of it waits, and none has ended badly. */
const isRunning = (pod: unknown): boolean =>
  ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses']
    .flatMap((list) => listAt(pod, 'status', list))
    .map((status) => objectAt(status, 'state'))
    .every((state) => !('waiting' in state) && (numberAt(state, 'terminated', 'exitCode') ?? 0) === 0);
