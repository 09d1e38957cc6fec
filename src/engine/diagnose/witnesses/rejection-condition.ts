// What the conditions of a workload's controllers say of pods that Pod Security does not admit.

import type { Snapshot } from '../../model/snapshot.ts';
import type { MergedFinding } from '../verdict.ts';
import { wantsPods } from './create-failures.ts';
import { rejectionFindings } from './rejected-pod.ts';

export function rejectionCondition(snapshot: Snapshot): readonly MergedFinding[] {
  const { workload, createFailures = [] } = snapshot;
  return workload && wantsPods(workload) ? rejectionFindings(createFailures, workload) : [];
}
