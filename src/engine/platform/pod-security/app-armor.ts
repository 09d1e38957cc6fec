// AppArmor profiles, as fields and as the annotations that came before them.

import type { PodManifest } from '../../model/pod-manifest.ts';
import type { FailedCheck } from './check.ts';
import { isRefused, refusedTypes } from './profile.ts';
import { containersOf } from '../kubernetes/pod-containers.ts';
import { isNobody, namedIn, settersOf, settersText } from './setters.ts';
import { plural, quoted } from './words.ts';

type Annotations = PodManifest['annotations'];

const prefix = 'container.apparmor.security.beta.kubernetes.io/';

/** The only annotation that is refused, of those that the API server knows. */
export const isUnconfined = (annotations: Annotations, container: string): boolean =>
  annotations?.[`${prefix}${container}`] === 'unconfined';

export function refusedAppArmor(pod: PodManifest): FailedCheck | undefined {
  const setters = settersOf(pod, ({ appArmorProfile }) => isRefused(appArmorProfile));
  const annotations = refusedAnnotations(pod.annotations);
  if (isNobody(setters) && annotations.length === 0) return undefined;
  const by = [settersText(setters), annotations.length > 0 ? plural('annotation', annotations) : ''];
  const values = [
    ...refusedTypes(pod, 'appArmorProfile'),
    ...annotations.map(([key, value]) => `${key}=${quoted([value])}`),
  ];
  return {
    reason: plural('forbidden AppArmor profile', values),
    detail: `${by.filter(Boolean).join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
    ...namedIn({ pod: setters.pod, containers: namedContainers(pod, setters.containers, annotations) }),
  };
}

/** Of any name, even one that no container has. */
function refusedAnnotations(annotations: Annotations): readonly (readonly [string, string])[] {
  return Object.entries(annotations ?? {})
    .filter(([key, value]) => key.startsWith(prefix) && !isPermitted(value))
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
}

const isPermitted = (value: string): boolean =>
  value === '' || value === 'runtime/default' || value.startsWith('localhost/');

/** In the order of the spec, those of the annotations among them. */
function namedContainers(
  pod: PodManifest,
  setters: readonly string[],
  annotations: readonly (readonly [string, string])[],
): readonly string[] {
  const annotated = new Set(annotations.map(([key]) => key.slice(prefix.length)));
  const names = containersOf(pod).map(({ name }) => name);
  return names.filter((name) => setters.includes(name) || annotated.has(name));
}
