// The template has the fix, and pods of an older one are still there: what brings the new ones.

import type { Pod } from '../../model/pod.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { PlannedFix } from '../patch/patch-fix.ts';
import { replacementSteps } from './follow-up.ts';

/** @param older pods that fail with what the template no longer has */
export function awaitedRollout(older: readonly Pod[], { workload }: Snapshot): PlannedFix {
  if (!workload || (older.length === 0 && workload.rollout?.isPaused !== true)) return { questions: [] };
  return {
    fix: {
      type: 'Manual',
      certainty: 'Certain',
      summary: 'already in the template; waiting for the rollout',
      alternatives: [],
      checks: [],
      followUp: replacementSteps({ workload, failing: older, refused: [] }),
    },
    questions: [],
  };
}
