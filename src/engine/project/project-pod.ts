// Projects a Pod: of everything the API server says of it, the few fields that a diagnosis may look at.

import type { Container, ContainerState, DeclaredPod, Pod, Terminated } from '../model/pod.ts';
import type { ObjectRef } from '../model/workload.ts';
import { booleanAt, isObject, listAt, numberAt, objectAt, present, textAt } from '../platform/data/field.ts';
import { injectionMarksOf } from './injection-marks.ts';
import { listOf, projectDeclaredPod } from './project-declared-pod.ts';
import { managedFieldsOf } from './project-security.ts';

/** Longest text taken over from a status, in characters; the kubelet's own sentences are far shorter. */
const maxMessageLength = 16_384;

/** Returns undefined for what is not a pod, or is on its way out: its status describes nothing that will last. */
export function projectPod(object: unknown): Pod | undefined {
  const metadata = objectAt(object, 'metadata');
  const name = textAt(metadata, 'name');
  const namespace = textAt(metadata, 'namespace');
  const uid = textAt(metadata, 'uid');
  if (!name || !namespace || !uid || textAt(metadata, 'deletionTimestamp') !== undefined) return undefined;
  const spec = objectAt(object, 'spec');
  return present({
    name,
    namespace,
    uid,
    node: textAt(spec, 'nodeName'),
    createdTime: textAt(metadata, 'creationTimestamp') ?? '',
    finished: isFinished(textAt(object, 'status', 'phase')) ? true : undefined,
    ...withStatuses(projectDeclaredPod(object, managedFieldsOf(object), ['f:spec']), object),
    labels: unlessEmpty(labelsOf(object)),
    controller: controllerOf(object),
    injectionMarks: unlessEmpty(injectionMarksOf(object)),
  });
}

const unlessEmpty = <T extends object>(value: T): T | undefined =>
  Object.keys(value).length > 0 ? value : undefined;

const maxLabels = 64;
/** The API allows no more for a prefix, a slash and a name; a value is shorter. */
const maxLabelLength = 317;

function labelsOf(object: unknown): Readonly<Record<string, string>> {
  const labels = Object.entries(objectAt(object, 'metadata', 'labels')).flatMap(([key, value]) =>
    typeof value === 'string' && key.length <= maxLabelLength
      ? [[key, value.slice(0, maxLabelLength)] as const]
      : [],
  );
  return Object.fromEntries(labels.slice(0, maxLabels));
}

function controllerOf(object: unknown): ObjectRef | undefined {
  const owner = listAt(object, 'metadata', 'ownerReferences').find(
    (candidate) => booleanAt(candidate, 'controller') === true,
  );
  const [apiVersion, kind, name] = ['apiVersion', 'kind', 'name'].map((field) =>
    textAt(owner, field)?.slice(0, 317),
  );
  return apiVersion && kind && name ? { apiVersion, kind, name } : undefined;
}

/** No container of such a pod will be started again. */
const isFinished = (phase: string | undefined): boolean => phase === 'Succeeded' || phase === 'Failed';

const statusFields = {
  initContainers: 'initContainerStatuses',
  containers: 'containerStatuses',
  ephemeralContainers: 'ephemeralContainerStatuses',
} as const;

/** What is said of each container stands beside it. */
function withStatuses(pod: DeclaredPod, object: unknown): DeclaredPod<Container> {
  const containers = pod.containers.map((container): Container => {
    const status = listAt(object, 'status', statusFields[listOf[container.type]]).find(
      (one) => textAt(one, 'name') === container.name,
    );
    return present({
      ...container,
      state: projectState(objectAt(status, 'state')),
      statusImage: statusImageOf(status),
      lastStartedTime: lastStartedTime(status),
      lastTerminated: lastTerminatedOf(status),
      restarts: numberAt(status, 'restartCount') || undefined,
    });
  });
  return { ...pod, containers };
}

function statusImageOf(status: unknown): Container['statusImage'] {
  const reference = textAt(status, 'image');
  const id = textAt(status, 'imageID');
  return reference && id ? { reference: reference.slice(0, 1024), id: id.slice(0, 1024) } : undefined;
}

function projectState(state: unknown): ContainerState | undefined {
  const waiting = objectAt(state, 'waiting');
  if (isObject(waiting) && Object.keys(waiting).length > 0) {
    return {
      is: 'waiting',
      reason: (textAt(waiting, 'reason') ?? '').slice(0, maxMessageLength),
      message: (textAt(waiting, 'message') ?? '').slice(0, maxMessageLength),
    };
  }
  const terminated = objectAt(state, 'terminated');
  if (Object.keys(terminated).length > 0) {
    return {
      is: 'terminated',
      reason: (textAt(terminated, 'reason') ?? '').slice(0, 128),
      exitCode: numberAt(terminated, 'exitCode') ?? -1,
    };
  }
  return Object.keys(objectAt(state, 'running')).length > 0 ? { is: 'running' } : undefined;
}

/** Reasons whose message is the container runtime's; under any other an application may have written it. */
const runtimeReasons = new Set(['StartError', 'ContainerCannotRun']);
const maxTerminatedMessage = 4096;

function lastTerminatedOf(status: unknown): Terminated | undefined {
  const terminated = ['state', 'lastState']
    .map((field) => objectAt(status, field, 'terminated'))
    .find((state) => Object.keys(state).length > 0);
  if (!terminated) return undefined;
  const reason = (textAt(terminated, 'reason') ?? '').slice(0, 128);
  const message = runtimeReasons.has(reason) ? textAt(terminated, 'message') : undefined;
  return present({
    reason,
    exitCode: numberAt(terminated, 'exitCode') ?? -1,
    message: message?.slice(0, maxTerminatedMessage),
  });
}

/** A container may have run before and wait now: the later of what `state` and `lastState` say. */
function lastStartedTime(status: unknown): string | undefined {
  const times = ['state', 'lastState'].flatMap((field) => [
    textAt(status, field, 'running', 'startedAt'),
    textAt(status, field, 'terminated', 'startedAt'),
  ]);
  return times
    .filter((time) => time !== undefined)
    .toSorted()
    .at(-1);
}
