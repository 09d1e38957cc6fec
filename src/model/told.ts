// What a text says of one failure, where there is no cluster to ask.

import type { Cause } from './cause.ts';
import type { PermissionFamily } from './permission.ts';
import type { Violation } from './pod-security.ts';
import type { ContainerType } from './snapshot.ts';

export type ToldCause = Cause | 'UserNotInImage' | 'PodSecurityViolation' | 'NonRootPermissionDenied';

/** What runtimes miss: a user, a group, the file that names them, or a place for the id in the user namespace. */
export type RuntimeFamily = 'user' | 'group' | 'passwd-file' | 'userns-unmapped';

/** The fields of a finding, as far as the text has them: what it does not say stays unset, and nothing is guessed. */
export type Told = {
  readonly cause: ToldCause;
  readonly container: { readonly name?: string; readonly type?: ContainerType };
  /** `user`: as printed; for `UserNotInImage` the user or group that is missing. */
  readonly image: { readonly user?: string; readonly reference?: string };
  readonly pod: { readonly name?: string; readonly namespace?: string };
  /** In the words of the kubelet, the API server or the runtime; never a line of a log. */
  readonly message: string;
  readonly family?: PermissionFamily | RuntimeFamily;
  readonly path?: string;
  readonly port?: number;
  /** Of Pod Security: false where it only warned. */
  readonly enforced?: boolean;
  readonly violations?: readonly Violation[];
};
