// What would cure a failure that a text reports.

import type { Alternative, Certainty, Fix } from '../../model/fix.ts';
import type { DockerfileLines } from '../../fix/advice/dockerfile.ts';

export type FailureRemedy = {
  readonly type: Exclude<Fix['type'], 'WorkloadPatch' | 'Recreate'>;
  readonly certainty: Certainty;
  readonly summary: string;
  readonly dockerfile?: DockerfileLines;
  /** `lines` are of a pod template, from its `spec` down. */
  readonly alternatives?: readonly Alternative[];
  /** What to do or to look up, sentences. */
  readonly steps?: readonly string[];
};
