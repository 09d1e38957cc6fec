// The kubelet's own decision about runAsNonRoot on Linux, as its source and measurements have it.

import type { Cause } from '../../model/cause.ts';
import type {
  ContainerSecurityContext,
  ContainerSpec,
  PodManifest,
  PodSecurityContext,
} from '../../model/pod-manifest.ts';
import type { SecurityField, SecuritySettings } from '../../model/pod.ts';
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
 * @param settings the effective settings of the container, see `effective`
 * @param imageUser `config.User` of the image as it is written, `''` where the image has none; undefined while the
 *   image has not been read, which leaves the answer unknown wherever the image decides
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

/** What the kubelet checks: the container's value where it is set, else the pod's. */
export function effective({ spec }: PodManifest, container: ContainerSpec): SecuritySettings {
  return { ...settingsOf(spec.securityContext), ...settingsOf(container.securityContext) };
}

export const securityFields = ['runAsNonRoot', 'runAsUser', 'runAsGroup', 'runAsUserName'] as const;

/** Where each of them stands in a pod spec or a container. */
export const fieldPaths: Readonly<Record<SecurityField, readonly string[]>> = {
  runAsNonRoot: ['securityContext', 'runAsNonRoot'],
  runAsUser: ['securityContext', 'runAsUser'],
  runAsGroup: ['securityContext', 'runAsGroup'],
  runAsUserName: ['securityContext', 'windowsOptions', 'runAsUserName'],
};

/** What one level says, without the other level. */
export function settingsOf(context: PodSecurityContext | ContainerSecurityContext = {}): SecuritySettings {
  const { runAsNonRoot, runAsUser, runAsGroup, windowsOptions } = context;
  return present({ runAsNonRoot, runAsUser, runAsGroup, runAsUserName: windowsOptions?.runAsUserName });
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
