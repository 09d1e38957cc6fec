// The failures found in the input, as text or as one JSON object.

import type { RecordedFix } from '../model/diagnosis.ts';
import { fixInWords } from '../report/status/recorded-fix.ts';
import { neighbourSentence } from '../report/neighbour-text.ts';
import { jsonText, visible } from '../report/output.ts';
import { diagnosisText } from '../report/text.ts';
import type { Explanation } from './explain.ts';
import { failuresFix } from './failure/failure-fix.ts';
import { failureText, recordedFailure } from './failure/failure-text.ts';

export const findingsOf = ({ workloads, failures }: Explanation) => [
  ...workloads.flatMap(({ findings }) => findings),
  ...failures.map(recordedFailure),
];

/**
 * `findings`, and `fix` of the first of them. Where there are several workloads, or a workload and a text, `fixes` has
 * one for each, with the workload that it is for.
 */
export function explanationJson(explanation: Explanation): string {
  const fixes = fixesOf(explanation);
  const { neighbours } = explanation;
  const [first] = fixes;
  return jsonText({
    findings: findingsOf(explanation),
    ...(first && { fix: first.fix }),
    ...(fixes.length > 1 && { fixes }),
    ...(neighbours.length > 0 && { neighbours }),
  });
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
  return fix && fixInWords(fix, {});
}

/** Each workload as a scan shows it, then the failures in texts and their fix. */
export function explanationText({ workloads, failures, neighbours }: Explanation): string {
  const parts = workloads.map(({ namespace = 'an unknown namespace', status }) =>
    diagnosisText(namespace, status),
  );
  if (failures.length > 0) parts.push(failureText(failures, fixFor(failures)));
  if (neighbours.length > 0) parts.push(neighbours.map((one) => `${neighbourSentence(one)}\n`).join(''));
  return visible(parts.join('\n'));
}
