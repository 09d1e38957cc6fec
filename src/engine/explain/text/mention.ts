// Where in a text something is said, in lines.

import type { ReportedFailure } from '../../model/reported-failure.ts';

/** `rank`: of two that stand in one line, and so are one message, the lower counts. */
export type Mention = {
  readonly failure: ReportedFailure;
  readonly rank: number;
  /** The lines that it takes, the last one included. */
  readonly from: number;
  readonly to: number;
};

/** A kubelet's sentence says more than a refusal of Pod Security, and that more than a runtime or a log. */
export const ranks = { kubelet: 0, podSecurity: 1, podSecurityWarning: 2, runtime: 3, log: 4 } as const;
