// The failures found in the input, as text or as one JSON object.

import type { RecordedFinding, RecordedFix, DiagnosisStatus } from '../model/diagnosis.ts';
import type { ReportedFailure } from '../model/reported-failure.ts';
import { fixInWords } from '../report/recorded-fix.ts';
import { visible } from '../report/scan-report.ts';
import { diagnosisText } from '../report/text.ts';
import { failuresFix } from './failure/failure-fix.ts';
import { recordedFailure, type RecordedFailure } from './failure/recorded-failure.ts';
import { failureText } from './failure/failure-text.ts';

/** A workload of which objects were given, judged as the operator would. */
export type ExplainedWorkload = {
  /** Absent where the objects do not have it. */
  readonly namespace?: string;
  readonly status: DiagnosisStatus;
  readonly findings: readonly ExplainedFinding[];
};

/** A finding of the operator, and one of the pods that show it. */
export type ExplainedFinding = RecordedFinding & {
  readonly workload: string;
  /** Of Pod Security, as for a text. */
  readonly enforced?: boolean;
  readonly pod: { readonly name?: string; readonly namespace?: string };
};

export type Explanation = {
  readonly workloads: readonly ExplainedWorkload[];
  /** From Events and texts, without an object to judge. */
  readonly failures: readonly ReportedFailure[];
};

export const findingsOf = ({
  workloads,
  failures,
}: Explanation): readonly (ExplainedFinding | RecordedFailure)[] => [
  ...workloads.flatMap(({ findings }) => findings),
  ...failures.map(recordedFailure),
];

/**
 * `findings`, and `fix` of the first of them. Where there are several workloads, or a workload and a text, `fixes` has
 * one for each, with the workload that it is for.
 */
export function explanationJson(explanation: Explanation): string {
  const fixes = fixesOf(explanation);
  const [first] = fixes;
  const said = {
    findings: findingsOf(explanation),
    ...(first && { fix: first.fix }),
    ...(fixes.length > 1 && { fixes }),
  };
  return `${JSON.stringify(said, undefined, 2)}\n`;
}

function fixesOf({ workloads, failures }: Explanation) {
  const failureFix = fixFor(failures);
  return [
    ...workloads.flatMap(({ namespace, status: { workload, fix } }) =>
      fix ? [{ workload, ...(namespace !== undefined && { namespace }), fix }] : [],
    ),
    ...(failureFix ? [{ fix: failureFix }] : []),
  ];
}

function fixFor(failures: Explanation['failures']): RecordedFix | undefined {
  const fix = failuresFix(failures);
  return fix && fixInWords(fix, { patchIn: 'file' });
}

/** Each workload as a scan shows it, then the failures in texts and their fix. */
export function explanationText({ workloads, failures }: Explanation): string {
  const parts = workloads.map(({ namespace = 'an unknown namespace', status }) =>
    diagnosisText(namespace, status),
  );
  if (failures.length > 0) parts.push(failureText(failures, fixFor(failures)));
  return visible(parts.join('\n'));
}
