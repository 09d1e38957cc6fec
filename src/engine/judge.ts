// From a snapshot to what should be said of it, and to the questions whose answers would say more.

import { diagnose } from './diagnose/diagnose.ts';
import type { DiagnosisStatus } from './model/diagnosis.ts';
import type { Verdict, WorkloadReadiness } from './model/finding.ts';
import type { Fix } from './model/fix.ts';
import type { Snapshot } from './model/snapshot.ts';
import type { Question } from './model/question.ts';
import { awaitedRollout } from './fix/advice/awaited-rollout.ts';
import { fixFor } from './fix/fix.ts';
import type { FixPolicy } from './fix/fix-input.ts';
import { diagnosisStatus } from './report/status/diagnosis-status.ts';

export type Judged = {
  readonly verdict: Verdict;
  readonly readiness: WorkloadReadiness;
  readonly fix?: Fix;
  readonly questions: readonly Question[];
  /** What the Diagnosis should say; undefined where there is nothing to say. */
  readonly status?: DiagnosisStatus;
};

export function judge(snapshot: Snapshot, policy: FixPolicy): Judged {
  const { verdict, readiness, failing, older, others, questions } = diagnose(snapshot);
  const planned =
    verdict.findings.length > 0
      ? fixFor({ findings: verdict.findings, failing, others }, snapshot, policy)
      : awaitedRollout(older, snapshot);
  const status = diagnosisStatus({ verdict, readiness }, planned, snapshot);
  return {
    verdict,
    readiness,
    questions: [...questions, ...planned.questions],
    ...(planned.fix && { fix: planned.fix }),
    ...(status && { status }),
  };
}
