// Who in a pod sets something that is refused, and how Pod Security names them: the pod first, then its containers.

import type {
  ContainerSecurityContext,
  ContainerSpec,
  PodManifest,
  PodSecurityContext,
} from '../../model/pod-manifest.ts';
import { containersOf } from '../kubernetes/pod-containers.ts';
import { plural, quoted } from './words.ts';

type Setters = { readonly pod: boolean; readonly containers: readonly string[] };

/** Names of the containers for which something holds. */
export function containersThat(
  pod: PodManifest,
  holds: (context: ContainerSecurityContext, container: ContainerSpec) => boolean,
): readonly string[] {
  return containersOf(pod)
    .filter((container) => holds(container.securityContext ?? {}, container))
    .map(({ name }) => name);
}

/** For a field that stands at both levels: who has it at a value that is refused. */
export function settersOf(
  pod: PodManifest,
  isRefused: (context: PodSecurityContext | ContainerSecurityContext) => boolean,
): Setters {
  return {
    pod: isRefused(pod.spec.securityContext ?? {}),
    containers: containersThat(pod, isRefused),
  };
}

export const isNobody = ({ pod, containers }: Setters): boolean => !pod && containers.length === 0;

/** `pod`, `container "a"`, `pod and containers "a", "b"`. */
export function settersText({ pod, containers }: Setters): string {
  return [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [containersText(containers)] : [])].join(
    ' and ',
  );
}

/** `container "a"`, `containers "a", "b"`. */
export function containersText(names: readonly string[]): string {
  return `${plural('container', names)} ${quoted(names)}`;
}

/** The same as fields of a violation: what names no container is left out. */
export function namedIn({ pod, containers }: Setters): {
  readonly pod?: true;
  readonly containers?: readonly string[];
} {
  return { ...(pod ? { pod } : {}), ...(containers.length > 0 ? { containers } : {}) };
}
