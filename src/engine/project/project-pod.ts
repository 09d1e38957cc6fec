// Projects a Pod: of everything the API server says of it, the few fields that a diagnosis may read.

import type { PodManifest } from '../model/pod-manifest.ts';
import type { ContainerState, KnownContainer, Pod, Terminated } from '../model/pod.ts';
import type { ObjectRef } from '../model/workload.ts';
import type { Fields } from '../platform/data/field.ts';
import {
  booleanAt,
  isObject,
  listAt,
  numberAt,
  objectAt,
  present,
  textAt,
  textOf,
} from '../platform/data/field.ts';
import { parseReference } from '../platform/image/image-reference.ts';
import { hasCondition } from '../platform/kubernetes/has-condition.ts';
import { containerLists, mapContainers } from '../platform/kubernetes/pod-containers.ts';
import { managedFieldsOf } from './field-managers.ts';
import { injectionMarksOf } from './injection-marks.ts';
import { projectDeclaration } from './project-declaration.ts';

/** Longest text taken over from a status, in characters; the kubelet's own sentences are far shorter. */
const maxMessageLength = 16_384;

/** Returns undefined for what is not a pod, or is on its way out: its status describes nothing that will last. */
export function projectPod(object: unknown): Pod | undefined {
  const metadata = objectAt(object, 'metadata');
  const name = textAt(metadata, 'name');
  const namespace = textAt(metadata, 'namespace');
  const uid = textAt(metadata, 'uid');
  if (!name || !namespace || !uid || textAt(metadata, 'deletionTimestamp') !== undefined) return undefined;
  const declared = projectDeclaration(object, managedFieldsOf(object), ['f:spec']);
  return present({
    ...declared,
    manifest: withStatuses(declared.manifest, objectAt(object, 'status')),
    name,
    namespace,
    uid,
    node: textAt(object, 'spec', 'nodeName'),
    createdTime: textAt(metadata, 'creationTimestamp') ?? '',
    finished: isFinished(textAt(object, 'status', 'phase')) ? true : undefined,
    ready: isReady(object) ? true : undefined,
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

/** A kubelet always writes the condition; where another program plays kubelet, the containers say it. */
function isReady(object: unknown): boolean {
  const isWritten = listAt(object, 'status', 'conditions').some((one) => textAt(one, 'type') === 'Ready');
  if (isWritten) return hasCondition(object, 'Ready');
  const statuses = listAt(object, 'status', 'containerStatuses');
  return statuses.length > 0 && statuses.every((status) => isObject(objectAt(status, 'state')['running']));
}

/** No container of such a pod will be started again. */
const isFinished = (phase: string | undefined): boolean => phase === 'Succeeded' || phase === 'Failed';

/** The manifest, with what the kubelet last reported of each container. */
function withStatuses(manifest: PodManifest<KnownContainer>, podStatus: Fields): PodManifest<KnownContainer> {
  const statuses = new Map(
    containerLists.flatMap((list) =>
      listAt(podStatus, list.replace(/s$/, 'Statuses')).map((status) => [
        `${list}/${textAt(status, 'name')}`,
        status,
      ]),
    ),
  );
  return mapContainers(manifest, (container, list) => ({
    ...container,
    ...containerStatus(statuses.get(`${list}/${container.name}`)),
  }));
}

const containerStatus = (status: unknown) =>
  present({
    state: projectState(objectAt(status, 'state')),
    statusImage: statusImageOf(status),
    pulledImage: pulledImageOf(status),
    lastStartedTime: lastStartedTime(status),
    lastTerminated: lastTerminatedOf(status),
    restarts: numberAt(status, 'restartCount') || undefined,
  });

function statusImageOf(status: unknown): KnownContainer['statusImage'] {
  const reference = textAt(status, 'image');
  const id = textAt(status, 'imageID');
  return reference && id ? { reference: reference.slice(0, 1024), id: id.slice(0, 1024) } : undefined;
}

/** What a container waits for once its image is there. */
const afterPull = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff',
]);

/** The registries of the images that the status of a pod shows to be on its node, without doubles. */
export const pulledRegistries = (pod: unknown): readonly string[] => [
  ...new Set(
    containerLists
      .flatMap((list) => listAt(objectAt(pod, 'status'), list.replace(/s$/, 'Statuses')))
      .flatMap((status) => parseReference(pulledImageOf(status) ?? '')?.host ?? []),
  ),
];

function pulledImageOf(status: unknown): string | undefined {
  const isThere =
    textOf(status, 'imageID') !== '' || afterPull.has(textOf(status, 'state', 'waiting', 'reason'));
  return isThere ? textAt(status, 'image')?.slice(0, 1024) : undefined;
}

function projectState(state: unknown): ContainerState | undefined {
  const isIn = (name: string): boolean => Object.keys(objectAt(state, name)).length > 0;
  if (isIn('waiting')) {
    const read = (field: string): string => textOf(state, 'waiting', field).slice(0, maxMessageLength);
    return { is: 'waiting', reason: read('reason'), message: read('message') };
  }
  if (isIn('terminated')) return { is: 'terminated', ...endOf(objectAt(state, 'terminated')) };
  return isIn('running') ? { is: 'running' } : undefined;
}

const endOf = (terminated: Fields) => ({
  reason: textOf(terminated, 'reason').slice(0, 128),
  exitCode: numberAt(terminated, 'exitCode') ?? -1,
});

/** Reasons whose message is the container runtime's; under any other an application may have written it. */
const runtimeReasons = new Set(['StartError', 'ContainerCannotRun']);
const maxTerminatedMessage = 4096;

function lastTerminatedOf(status: unknown): Terminated | undefined {
  const terminated = ['state', 'lastState']
    .map((field) => objectAt(status, field, 'terminated'))
    .find((state) => Object.keys(state).length > 0);
  if (!terminated) return undefined;
  const end = endOf(terminated);
  const message = runtimeReasons.has(end.reason) ? textAt(terminated, 'message') : undefined;
  return present({ ...end, message: message?.slice(0, maxTerminatedMessage) });
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
