// The failures found in the input, as text or as one JSON object.

import { fixInWords } from '../report/status/recorded-fix.ts';
import { neighbourSentence } from '../report/neighbour-text.ts';
import { jsonText, visible } from '../report/output.ts';
import { remarkText } from '../report/remark-text.ts';
import { diagnosisText } from '../report/text.ts';
import type { Explanation } from './explain.ts';
import type { FailureGroup } from './failure/failure-group.ts';
import { failureText, recordedFailure } from './failure/failure-text.ts';

export const findingsOf = ({ workloads, groups }: Explanation) => [
  ...workloads.flatMap(({ findings }) => findings),
  ...groups.flatMap(({ failures }) => failures.map(recordedFailure)),
];

/**
 * `findings`, and `fix` of the first of them. Where there are several workloads, or a workload and a text, `fixes` has
 * one for each, with the workload that it is for.
 */
export function explanationJson(explanation: Explanation): string {
  const fixes = fixesOf(explanation);
  const [first] = fixes;
  const { neighbours, remarks } = explanation;
  return jsonText({
    findings: findingsOf(explanation),
    ...(first && { fix: first.fix }),
    ...(fixes.length > 1 && { fixes }),
    ...(neighbours.length > 0 && { neighbours }),
    ...(remarks.length > 0 && { remarks }),
  });
}

function fixesOf({ workloads, groups }: Explanation) {
  return [
    ...workloads.flatMap(({ namespace, status: { workload, fix } }) =>
      fix ? [{ workload, ...(namespace !== undefined && { namespace }), fix }] : [],
    ),
    ...groups.flatMap((group) => {
      const { workload, namespace } = group;
      const fix = fixOf(group);
      const name = workload && `${workload.kind}/${workload.name}`;
      const place = {
        ...(name !== undefined && { workload: name }),
        ...(namespace !== undefined && { namespace }),
      };
      return fix ? [{ ...place, fix }] : [];
    }),
  ];
}

const fixOf = ({ fix, namespace }: FailureGroup) =>
  fix && fixInWords(fix, namespace === undefined ? {} : { namespace });

/** Groups written out; a log of a whole cluster has more than a person reads. */
const maxGroups = 50;

/** Each workload as a scan shows it, then the failures in texts with their fixes; then what is not ours. */
export function explanationText({ workloads, groups, neighbours, remarks }: Explanation): string {
  const rest = groups.length - maxGroups;
  const parts = [
    ...workloads.map(({ namespace = 'an unknown namespace', status }) => diagnosisText(namespace, status)),
    ...groups.slice(0, maxGroups).map((group) => failureText(group.failures, fixOf(group))),
    ...(rest > 0 ? [`${rest} more workloads; --output json shows all.\n`] : []),
    ...(remarks.length > 0 ? [remarks.map((one) => `${remarkText(one)}\n`).join('')] : []),
    ...(neighbours.length > 0 ? [neighbours.map((one) => `${neighbourSentence(one)}\n`).join('')] : []),
  ];
  return visible(parts.join('\n'));
}
