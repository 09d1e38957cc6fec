// The state of a pod as text: the same for all pods of a controller that fail in the same way.

import type { Pod, Terminated } from '../model/pod.ts';
import { containersOf } from '../platform/kubernetes/pod-containers.ts';

/** Without what differs from pod to pod: name and uid, which the kubelet puts into its messages, and how long it waits. */
export function podState({ name, uid, controller, madeFrom, finished, manifest }: Pod): string {
  const states = containersOf(manifest).map((container) => {
    const { type, image, state, lastTerminated } = container;
    return [type, container.name, image, state, lastTerminated && endOf(lastTerminated)];
  });
  return JSON.stringify([controller, madeFrom, finished, states])
    .replaceAll(uid, '')
    .replaceAll(name, '')
    .replaceAll(/back-off \S+/g, 'back-off');
}

const endOf = ({ reason, exitCode, message }: Terminated) => [reason, exitCode, message];
