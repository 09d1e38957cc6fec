// The pod as the API server has it when Pod Security judges it: some fields are filled in before that.

import type { ContainerSpec, PodManifest, PodSpec } from '../../model/pod-manifest.ts';
import { mapContainers } from '../kubernetes/pod-containers.ts';
import { isUnconfined } from './app-armor.ts';

/** Idempotent, so a pod that is already in the cluster stays as it is. */
export function admitted(pod: PodManifest): PodManifest {
  return mapContainers(pod, (container, list) =>
    list === 'ephemeralContainers' ? container : withProfile(pod, withHostPorts(pod.spec, container)),
  );
}

/** In the node's network every port of a container is a port of the node. */
function withHostPorts({ hostNetwork }: PodSpec, container: ContainerSpec): ContainerSpec {
  if (hostNetwork !== true || container.ports === undefined) return container;
  const ports = container.ports.map((port) =>
    port.hostPort || port.containerPort === undefined ? port : { ...port, hostPort: port.containerPort },
  );
  return { ...container, ports };
}

/** The old annotation of a container becomes its field, unless it has one or the pod's says the same. */
function withProfile({ annotations, spec }: PodManifest, container: ContainerSpec): ContainerSpec {
  const { securityContext } = container;
  const isSaid =
    securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile?.type === 'Unconfined';
  if (spec.os?.name === 'windows' || isSaid || !isUnconfined(annotations, container.name)) return container;
  return { ...container, securityContext: { ...securityContext, appArmorProfile: { type: 'Unconfined' } } };
}
