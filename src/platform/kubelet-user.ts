// The kubelet's own decision about runAsNonRoot on Linux, as its source and measurements have it.

import type { Cause } from '../model/cause.ts';
import type { SecuritySettings } from '../model/snapshot.ts';

export type UserVerdict =
  | { readonly passes: true }
  | { readonly passes: false; readonly cause: Cause }
  | { readonly passes: 'unknown' };

const largestUid = 2_147_483_647n;
const int64Limit = 2n ** 63n;

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

/** A base-10 integer of 64 bits with or without a sign, as Go parses it; zeros in front do not count. */
function int64(text: string): bigint | undefined {
  const digits = /^([+-]?)0*([0-9]{1,19})$/.exec(text);
  if (!digits) return undefined;
  const value = BigInt(`${digits[1] === '-' ? '-' : ''}${digits[2]}`);
  return value >= -int64Limit && value < int64Limit ? value : undefined;
}

const refused = (cause: Cause): UserVerdict => ({ passes: false, cause });
