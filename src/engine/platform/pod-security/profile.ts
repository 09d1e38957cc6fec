// Seccomp and AppArmor profiles have the same shape, and the same two of their types are permitted.

import type { PodManifest, PodSecurityContext } from '../../model/pod-manifest.ts';
import { containersOf } from '../kubernetes/pod-containers.ts';
import { sortedOnce } from './words.ts';

type Field = 'seccompProfile' | 'appArmorProfile';

type Profile = NonNullable<PodSecurityContext[Field]>;

/** No profile at all is nothing to refuse. */
export const isRefused = (profile: Profile | undefined): boolean =>
  profile !== undefined && profile.type !== 'RuntimeDefault' && profile.type !== 'Localhost';

/** Those that the pod or any of its containers sets. */
export function refusedTypes(pod: PodManifest, field: Field): readonly string[] {
  const profiles = [pod.spec, ...containersOf(pod)].map((one) => one.securityContext?.[field]);
  return sortedOnce(profiles.flatMap((profile) => (profile && isRefused(profile) ? [profile.type] : [])));
}
