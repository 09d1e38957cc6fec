// Seccomp profiles: fields since policy version 1.19, before that annotations.

import type { PodManifest } from '../../model/pod-manifest.ts';
import type { FailedCheck } from './check.ts';
import { isRefused, refusedTypes } from './profile.ts';
import { containersText, containersThat, isNobody, namedIn, settersOf, settersText } from './setters.ts';
import { plural, quoted, sortedOnce } from './words.ts';

const podAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const containerPrefix = 'container.seccomp.security.alpha.kubernetes.io/';

/** At both levels: no profile but the runtime's and the node's own. */
export function refusedSeccomp(pod: PodManifest): FailedCheck | undefined {
  const setters = settersOf(pod, ({ seccompProfile }) => isRefused(seccompProfile));
  if (isNobody(setters)) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `${settersText(setters)} must not set securityContext.seccompProfile.type to ${quoted(refusedTypes(pod, 'seccompProfile'))}`,
    ...namedIn(setters),
  };
}

/** At restricted there must be one. A profile that is refused hides those that are missing. */
export function missingSeccomp(pod: PodManifest): FailedCheck | undefined {
  const refused = refusedSeccomp(pod);
  if (refused !== undefined) return refused;
  if (pod.spec.securityContext?.seccompProfile !== undefined) return undefined;
  const containers = containersThat(pod, ({ seccompProfile }) => seccompProfile === undefined);
  if (containers.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${containersText(containers)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
    containers,
  };
}

/** Below policy version 1.19. An annotation for a container that does not exist is ignored. */
export function refusedSeccompAnnotation(pod: PodManifest): FailedCheck | undefined {
  const refuses = (key: string): boolean => !isPermitted(pod.annotations?.[key]);
  const setters = {
    pod: refuses(podAnnotation),
    containers: containersThat(pod, (_, { name }) => refuses(`${containerPrefix}${name}`)),
  };
  if (isNobody(setters)) return undefined;
  const keys = [
    ...(setters.pod ? [podAnnotation] : []),
    ...setters.containers.map((name) => `${containerPrefix}${name}`),
  ];
  const texts = sortedOnce(keys.map((key) => `${key}=${quoted([pod.annotations?.[key] ?? ''])}`));
  return {
    reason: 'seccompProfile',
    detail: `forbidden ${plural('annotation', texts)} ${texts.join(', ')}`,
    ...namedIn(setters),
  };
}

const isPermitted = (value: string | undefined): boolean =>
  value === undefined ||
  value === 'runtime/default' ||
  value === 'docker/default' ||
  value.startsWith('localhost/');
