// Projects what controllers say of pods that they may not create: conditions of their own, and Events about them.

import type { CreateFailure } from '../model/create-failure.ts';
import type { WorkloadRef } from '../model/workload.ts';
import { listAt, objectAt, textAt } from '../platform/data/field.ts';
import { workloadKind } from '../platform/kubernetes/workload-kinds.ts';
import { lastTimeOf } from './project-event.ts';

/** What Pod Security writes into every rejection, and into no healthy object. */
export const podSecurityNeedle = 'violates PodSecurity';

/** Field selector of the Events in which controllers say that they could not create a pod. */
export const failedCreateEvents = 'reason=FailedCreate';

/** The API server's sentence with all its checks is far shorter. */
const maxMessageLength = 16_384;

/**
 * The condition that Pod Security refuses its pods, of a kind that has one. It stays as long as the controller fails, and
 * goes when it creates its pods or wants none.
 */
export function createFailuresIn(object: unknown): readonly CreateFailure[] | undefined {
  return createFailuresOf(object, textAt(object, 'apiVersion') ?? '', textAt(object, 'kind') ?? '');
}

function createFailuresOf(
  object: unknown,
  apiVersion: string,
  kind: string,
): readonly CreateFailure[] | undefined {
  const name = textAt(object, 'metadata', 'name') ?? '';
  if (workloadKind({ apiVersion, kind })?.reportsCreateFailure !== true) return undefined;
  const message = listAt(object, 'status', 'conditions')
    .filter((condition) => textAt(condition, 'type') === 'ReplicaFailure')
    .filter((condition) => textAt(condition, 'status') === 'True')
    .map((condition) => textAt(condition, 'message') ?? '')
    .find((text) => text.includes(podSecurityNeedle));
  if (message === undefined) return undefined;
  return [{ owner: { apiVersion, kind, name }, message: message.slice(0, maxMessageLength) }];
}

/** A controller could not create a pod, for whatever reason. */
export type FailedCreate = {
  readonly controller: WorkloadRef;
  readonly message: string;
  readonly lastTime: string;
};

/**
 * Undefined for an Event about anything that creates no pods. Anyone who may create Events can forge one: it counts only
 * where the controller exists and pods are missing.
 */
export function projectFailedCreate(object: unknown): FailedCreate | undefined {
  const about = objectAt(object, 'involvedObject');
  const [apiVersion, kind, name, namespace, uid] = ['apiVersion', 'kind', 'name', 'namespace', 'uid'].map(
    (field) => textAt(about, field),
  );
  if (!apiVersion || !kind || !name || !namespace || !uid || kind === 'Pod') return undefined;
  if (textAt(object, 'reason') !== 'FailedCreate') return undefined;
  return {
    controller: { apiVersion, kind, name, namespace, uid },
    message: (textAt(object, 'message') ?? '').slice(0, maxMessageLength),
    lastTime: lastTimeOf(object),
  };
}

/** The controller whose pods Pod Security rejected: all that the watch of Events keeps. */
export function rejectedController(object: unknown): WorkloadRef | undefined {
  const failed = projectFailedCreate(object);
  return failed?.message.includes(podSecurityNeedle) ? failed.controller : undefined;
}

/** A ReplicaSet that may not create its pods: the metadata, as the API server gave it, which leads to its owner. */
export type RejectedReplicaSet = { readonly metadata: unknown };

/** Also of an item of a list, which does not say what it is. The watch remembers nothing else of it. */
export function projectRejectedReplicaSet(object: unknown): RejectedReplicaSet | undefined {
  if (!createFailuresOf(object, 'apps/v1', 'ReplicaSet')) return undefined;
  const metadata = {
    name: textAt(object, 'metadata', 'name'),
    namespace: textAt(object, 'metadata', 'namespace'),
    uid: textAt(object, 'metadata', 'uid'),
    ownerReferences: listAt(object, 'metadata', 'ownerReferences'),
  };
  return { metadata };
}
