// A diagnosis as text for a terminal.

import type { DiagnosisStatus, Impact } from '../model/diagnosis.ts';
import type { Finding, ImageFacts } from '../model/finding.ts';
import type { Fix } from '../model/fix.ts';
import { sentence } from './sentence.ts';

/** Several lines, the last one ended; everything that the Diagnosis says, in the order in which a person asks. */
export function diagnosisText(namespace: string, status: DiagnosisStatus): string {
  const lines = [
    `${status.workload} in ${namespace}: ${status.state} since ${status.resolvedTime ?? status.firstSeenTime}`,
    ...(status.ownerIncomplete
      ? ['  An owner further up could not be read; this is what its reference says.']
      : []),
    ...status.findings.flatMap(findingLines),
    `  pods: ${status.pods.failing} of ${status.pods.total} cannot start${where(status)}`,
    ...aroundLines(status.impact),
    ...(status.fix ? fixLines(status.fix) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function findingLines(finding: Finding): readonly string[] {
  return [
    `  ${finding.cause}`,
    `    ${sentence(finding)}`,
    `    the kubelet says: ${finding.message}`,
    ...finding.settings.map(({ field, value, setBy }) => `    ${field}: ${String(value)}, set by ${setBy}`),
    `    image ${finding.image.reference}${imageWords(finding.image)}`,
  ];
}

function imageWords({ user, uid, resolution, detail }: ImageFacts): string {
  const said = user === undefined ? '' : `, user ${user === '' ? '(none)' : user}`;
  const means = uid === undefined ? `${resolution}${detail ? `: ${detail}` : ''}` : `which is uid ${uid}`;
  return `${said}; ${means}`;
}

function where({ impact }: DiagnosisStatus): string {
  const nodes = impact.nodes.length > 0 ? ` on ${impact.nodes.join(', ')}` : '';
  const wanted =
    impact.desired === undefined ? '' : `; ${impact.ready ?? 0} of ${impact.desired} wanted are ready`;
  return `${nodes}${wanted}`;
}

/** What depends on the pods; nothing is said of what there is none of. */
function aroundLines(impact: Impact): readonly string[] {
  const lines = [
    ['services without a ready pod', impact.services],
    ['ingresses that lead to them', impact.ingresses],
    ['disruption budgets', impact.disruptionBudgets],
    ['autoscalers', impact.autoscalers],
    ['the same image fails in', impact.sameImage],
    ['not known, for want of rights to list', impact.unread],
  ] as const;
  return lines.flatMap(([title, names = []]) => (names.length > 0 ? `  ${title}: ${names.join(', ')}` : []));
}

function fixLines(fix: Fix): readonly string[] {
  const block = (title: string, text: string | undefined): readonly string[] =>
    text === undefined
      ? []
      : [
          `    ${title}:`,
          ...text
            .trimEnd()
            .split('\n')
            .map((line) => `      ${line}`),
        ];
  return [
    `  fix: ${fix.summary} (${fix.type}, ${fix.certainty})`,
    ...block('patch', fix.patch),
    ...block('in the Dockerfile, last stage', fix.dockerfile),
    ...(fix.alternatives ?? []).map(({ summary }) => `    also: ${summary}`),
    ...(fix.checks ?? []).map(({ name, result, message }) => `    ${name} ${result}: ${message}`),
    ...block('run', fix.command),
    ...(fix.followUp ?? []).flatMap((step) => block('then', step)),
  ];
}
