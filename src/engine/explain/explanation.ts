// What was recognised in what a person gave, as text or as one JSON object.

import type { DiagnosisStatus, RecordedFinding } from '../model/diagnosis.ts';
import type { Fix } from '../model/fix.ts';
import type { ReportedFailure } from '../model/reported-failure.ts';
import { policyText } from '../platform/pod-security/pod-security-labels.ts';
import { visible } from '../report/scan-report.ts';
import { diagnosisText } from '../report/text.ts';
import { failureText } from './remedy/failure-text.ts';

/** A workload of which objects were given, judged as the operator would. */
export type ExplainedWorkload = {
  /** Absent where the objects do not say it. */
  readonly namespace?: string;
  readonly status: DiagnosisStatus;
  readonly findings: readonly ExplainedFinding[];
};

/** A finding of the operator, and one of the pods that show it. */
export type ExplainedFinding = RecordedFinding & {
  readonly workload: string;
  /** Of Pod Security, as a text has it. */
  readonly enforced?: boolean;
  readonly pod: { readonly name?: string; readonly namespace?: string };
};

export type Explanation = {
  readonly workloads: readonly ExplainedWorkload[];
  /** What Events and texts tell, without an object to look at. */
  readonly told: readonly ReportedFailure[];
};

export const findingsOf = ({
  workloads,
  told,
}: Explanation): readonly (ExplainedFinding | ReportedFailure)[] => [
  ...workloads.flatMap(({ findings }) => findings),
  ...told,
];

/**
 * `findings`, and `fix` of the first of them. Where there are several workloads, or a workload and a text, `fixes` has
 * one for each, with the workload that it is for.
 *
 * @param toldFix for what is told
 */
export function explanationJson(explanation: Explanation, toldFix: Fix | undefined): string {
  const fixes = fixesOf(explanation, toldFix);
  const [first] = fixes;
  const said = {
    findings: findingsOf(explanation).map(inWords),
    ...(first && { fix: first.fix }),
    ...(fixes.length > 1 && { fixes }),
  };
  return `${JSON.stringify(said, undefined, 2)}\n`;
}

/** As the contract has it: the policy of Pod Security is text. */
function inWords(finding: ExplainedFinding | ReportedFailure): object {
  if (!('policy' in finding)) return finding;
  const { cause, container, image, pod, message, policy, ...rest } = finding;
  return { cause, container, image, pod, message, family: policyText(policy), ...rest };
}

function fixesOf({ workloads }: Explanation, toldFix: Fix | undefined) {
  return [
    ...workloads.flatMap(({ namespace, status: { workload, fix } }) =>
      fix ? [{ workload, ...(namespace !== undefined && { namespace }), fix }] : [],
    ),
    ...(toldFix ? [{ fix: toldFix }] : []),
  ];
}

/** Each workload as `kubectl get diagnosis` would tell it, then what texts tell, then what would cure that. */
export function explanationText({ workloads, told }: Explanation, toldFix: Fix | undefined): string {
  const parts = workloads.map(({ namespace = 'a namespace that is not said', status }) =>
    diagnosisText(namespace, status),
  );
  if (told.length > 0) parts.push(failureText(told, toldFix));
  return visible(parts.join('\n'));
}
