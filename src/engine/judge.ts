// From a snapshot to what should be said of it, and to the questions whose answers would say more.

import { diagnose } from './diagnose/diagnose.ts';
import type { DiagnosisStatus } from './model/diagnosis.ts';
import type { Verdict } from './model/finding.ts';
import type { Fix } from './model/fix.ts';
import type { Snapshot } from './model/snapshot.ts';
import type { Question } from './model/question.ts';
import { fixFor } from './fix/fix.ts';
import type { FixPolicy } from './fix/fix-input.ts';
import { diagnosisStatus } from './report/diagnosis-status.ts';

export type Judged = {
  readonly verdict: Verdict;
  readonly fix?: Fix;
  readonly questions: readonly Question[];
  /** What the Diagnosis should say; undefined where there is nothing to say. */
  readonly status?: DiagnosisStatus;
};

export function judge(snapshot: Snapshot, policy: FixPolicy): Judged {
  const { verdict, failing, others, questions } = diagnose(snapshot);
  const planned = fixFor({ findings: verdict.findings, failing, others }, snapshot, policy);
  const status = diagnosisStatus(verdict, planned, snapshot);
  return {
    verdict,
    questions: [...questions, ...planned.questions],
    ...(planned.fix && { fix: planned.fix }),
    ...(status && { status }),
  };
}
