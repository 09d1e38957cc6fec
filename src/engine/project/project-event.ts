// Projects a kubelet's Event about a container.

import type { ContainerEvent } from '../model/pod.ts';
import { objectAt, textAt } from '../platform/data/field.ts';

const fieldPathForm = /^spec\.(initContainers|containers|ephemeralContainers)\{([a-z0-9-]{1,63})\}$/;

const typeOfList = {
  initContainers: 'InitContainer',
  containers: 'Container',
  ephemeralContainers: 'EphemeralContainer',
} as const;

/** Field selector of the only Events that are read. */
export const failedEvents = 'reason=Failed,involvedObject.kind=Pod';

export type PodEvent = ContainerEvent & { readonly namespace: string; readonly pod: string };

/**
 * Returns undefined for an Event that no kubelet wrote about a container. Anyone who may create Events can forge
 * one, which is why an Event alone is never a finding: the pod's own status must point the same way.
 */
export function projectEvent(object: unknown): PodEvent | undefined {
  const about = objectAt(object, 'involvedObject');
  const from = textAt(object, 'source', 'component') || textAt(object, 'reportingComponent');
  const path = fieldPathForm.exec(textAt(about, 'fieldPath') ?? '');
  const pod = textAt(about, 'name');
  const namespace = textAt(about, 'namespace');
  const podUid = textAt(about, 'uid');
  if (from !== 'kubelet' || textAt(about, 'kind') !== 'Pod' || !path || !pod || !namespace || !podUid)
    return undefined;
  return {
    namespace,
    pod,
    podUid,
    container: path[2] ?? '',
    type: typeOfList[listOf(path[1])],
    reason: textAt(object, 'reason') ?? '',
    message: (textAt(object, 'message') ?? '').slice(0, 16_384),
    lastTime: lastTimeOf(object),
  };
}

function listOf(name: string | undefined): keyof typeof typeOfList {
  return name === 'initContainers' || name === 'ephemeralContainers' ? name : 'containers';
}

/** Series and single Events keep their time in different fields; whole seconds, as statuses have them. */
export function lastTimeOf(object: unknown): string {
  const time =
    textAt(object, 'series', 'lastObservedTime') ??
    textAt(object, 'lastTimestamp') ??
    textAt(object, 'eventTime') ??
    textAt(object, 'metadata', 'creationTimestamp') ??
    '';
  return time.replace(/\.\d+Z$/, 'Z');
}
