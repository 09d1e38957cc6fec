// The kubelet's own decision about runAsNonRoot on Linux, as its source and measurements have it.

import type { Cause } from '../../model/cause.ts';
import type {
  ContainerSecurityContext,
  ContainerSpec,
  PodManifest,
  PodSecurityContext,
} from '../../model/pod-manifest.ts';
import type { SecuritySettings } from '../../model/pod.ts';
import { present } from '../data/field.ts';
import { int64 } from '../image/go-integer.ts';

export type UserVerdict =
  | { readonly passes: true }
  | { readonly passes: false; readonly cause: Cause }
  | { readonly passes: 'unknown' };

const largestUid = 2_147_483_647n;

/**
 * Says whether the kubelet lets a container start.
 *
 * @param settings the effective settings of the container, see `effective`
 * @param imageUser `config.User` of the image as it is written, `''` where the image has none; undefined while nobody
 *   has looked, which leaves the answer unknown wherever the image decides
 */
export function verifyRunAsNonRoot(
  settings: Pick<SecuritySettings, 'runAsNonRoot' | 'runAsUser'>,
  imageUser: string | undefined,
): UserVerdict {
  if (settings.runAsNonRoot !== true) return { passes: true };
  if (settings.runAsUser === 0) return refused('RunAsUserIsRoot');
  if (settings.runAsUser !== undefined) return { passes: true };
  return imageUser === undefined ? { passes: 'unknown' } : verifyImageUser(imageUser);
}

/** What the kubelet looks at: the container's value where it is set, else the pod's. Who wrote them is left out. */
export function effective(pod: SecuritySettings, container: SecuritySettings): SecuritySettings {
  const { managers: _pod, ...podFields } = pod;
  const { managers: _container, ...containerFields } = container;
  return { ...podFields, ...containerFields };
}

/** The runtime hands on what stands before the first colon: a uid if it parses as one, else a name, else nothing. */
function verifyImageUser(imageUser: string): UserVerdict {
  const [user = ''] = imageUser.split(':', 1);
  if (user === '') return refused('ImageRunsAsRoot');
  const uid = int64(user);
  if (uid === undefined) return refused('NonNumericUser');
  if (uid === 0n) return refused('ImageRunsAsRoot');
  return uid < 0n || uid > largestUid ? refused('InvalidImageUID') : { passes: true };
}

const refused = (cause: Cause): UserVerdict => ({ passes: false, cause });

/** The containers of a pod that its template lists, in the order in which they start. */
export function containersOf({ spec }: PodManifest): readonly ContainerSpec[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** The settings that count for one container of a pod. */
export function contextOf({ spec }: PodManifest, container: ContainerSpec): SecuritySettings {
  return effective(settingsOf(spec.securityContext), settingsOf(container.securityContext));
}

function settingsOf(context: PodSecurityContext | ContainerSecurityContext = {}): SecuritySettings {
  const { runAsNonRoot, runAsUser, runAsGroup, windowsOptions } = context;
  return present({ runAsNonRoot, runAsUser, runAsGroup, runAsUserName: windowsOptions?.runAsUserName });
}
