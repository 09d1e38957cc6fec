// What a text says of one failure, where there is no cluster to ask.

import type { Finding, ImageFacts } from './finding.ts';

/**
 * The fields of a finding, as far as the text has them: what it does not say stays unset, and nothing is guessed. The user
 * of an image is as printed; for `UserNotInImage` the user or group that is missing.
 */
export type ReportedFailure = Pick<
  Finding,
  'cause' | 'message' | 'family' | 'path' | 'paths' | 'attempt' | 'port' | 'policy' | 'violations'
> & {
  readonly container: Partial<Finding['container']>;
  readonly image: Partial<Pick<ImageFacts, 'user' | 'reference'>>;
  readonly pod: { readonly name?: string; readonly namespace?: string };
  /** Of Pod Security: false where it only warned. */
  readonly enforced?: boolean;
};
