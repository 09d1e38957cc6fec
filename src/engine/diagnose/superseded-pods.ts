// Pods that were made from a template before the one of now, as far as their containers show it.

import type { Pod, Template } from '../model/pod.ts';
import { containerNamed, containersOf } from '../platform/kubernetes/pod-containers.ts';

/** Webhooks add containers to pods and take none away. */
export const supersededPods = (pods: readonly Pod[], { manifest }: Template): readonly Pod[] =>
  pods.filter((pod) => containersOf(manifest).some(({ name }) => !containerNamed(pod.manifest, name)));
