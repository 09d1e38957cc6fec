// The kubelet's own decision about runAsNonRoot on Linux, as its source and measurements have it.

import type { Cause } from '../../model/cause.ts';
import type {
  ContainerSecurityContext,
  ContainerSpec,
  PodManifest,
  PodSecurityContext,
  PodSpec,
} from '../../model/pod-manifest.ts';
import type { SecuritySettings } from '../../model/pod.ts';
import { present } from '../data/field.ts';
import { int64 } from '../image/go-integer.ts';

type UserVerdict =
  | { readonly passes: true }
  | { readonly passes: false; readonly cause: Cause }
  | { readonly passes: 'unknown' };

const largestUid = 2_147_483_647n;

/**
 * Says whether the kubelet lets a container start.
 *
 * @param settings the effective settings of the container, see `effectiveSettings`
 * @param imageUser `config.User` of the image as it is written, `''` where the image has none; undefined while nobody
 *   has looked, which leaves the answer unknown wherever the image decides
 */
export function verifyRunAsNonRoot(settings: SecuritySettings, imageUser: string | undefined): UserVerdict {
  if (settings.runAsNonRoot !== true) return { passes: true };
  if (settings.runAsUser === 0) return refused('RunAsUserIsRoot');
  if (settings.runAsUser !== undefined) return { passes: true };
  return imageUser === undefined ? { passes: 'unknown' } : verifyImageUser(imageUser);
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

/** The settings that count for one container of a pod: its own value where it is set, else the pod's. */
export function effectiveSettings(
  { spec }: { readonly spec: Pick<PodSpec, 'securityContext'> },
  { securityContext }: Pick<ContainerSpec, 'securityContext'>,
): SecuritySettings {
  return { ...settingsIn(spec.securityContext), ...settingsIn(securityContext) };
}

/** Of a security context, the fields that take part in the kubelet's decision. */
export function settingsIn(context: PodSecurityContext | ContainerSecurityContext = {}): SecuritySettings {
  const { runAsNonRoot, runAsUser, runAsGroup, windowsOptions } = context;
  return present({ runAsNonRoot, runAsUser, runAsGroup, runAsUserName: windowsOptions?.runAsUserName });
}
