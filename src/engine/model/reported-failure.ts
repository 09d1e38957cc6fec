// What a text says of one failure, where there is no cluster to ask.

import type { Cause } from './cause.ts';
import type { PodSecurityPolicy, Violation } from './pod-security.ts';
import type { ContainerType } from './pod.ts';

/** The fields of a finding, as far as the text has them: what it does not say stays unset, and nothing is guessed. */
export type ReportedFailure = {
  readonly cause: Cause;
  readonly container: { readonly name?: string; readonly type?: ContainerType };
  /** `user`: as printed; for `UserNotInImage` the user or group that is missing. */
  readonly image: { readonly user?: string; readonly reference?: string };
  readonly pod: { readonly name?: string; readonly namespace?: string };
  /** In the words of the kubelet, the API server or the runtime; never a line of a log. */
  readonly message: string;
  /** As a finding has it. */
  readonly family?: string;
  readonly path?: string;
  readonly port?: number;
  /** Of Pod Security: false where it only warned. */
  readonly enforced?: boolean;
  readonly policy?: PodSecurityPolicy;
  readonly violations?: readonly Violation[];
};
