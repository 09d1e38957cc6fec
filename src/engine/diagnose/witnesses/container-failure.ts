// What is wrong with one container, whoever said so, before a rule has made a finding of it.

import type { Cause } from '../../model/cause.ts';

export type ContainerFailure = {
  readonly cause: Cause;
  /** In words that are the same for all pods that show it. */
  readonly sentence: string;
  /** The user that the text prints. */
  readonly user?: string;
  readonly family?: string;
  readonly path?: string;
  readonly port?: number;
};
