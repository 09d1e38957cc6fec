// What Pod Security would refuse under one policy, namespace by namespace, as text or as one JSON object.

import type { EnforcementReport, NamespaceReadiness, RefusedWorkload } from '../../model/scan.ts';
import { policyText } from '../../platform/pod-security/pod-security-labels.ts';
import { visible } from '../output.ts';
import { unreadLines } from './scan-report.ts';

export const enforcementForPrograms = ({ policy, ...report }: EnforcementReport): object => ({
  policy: policyText(policy),
  ...report,
});

/** Ends with the limits of the answer. */
export function enforcementText(report: EnforcementReport): string {
  const { namespaces, unread } = report;
  const lines = [
    ...namespaces.flatMap(namespaceLines),
    ...(namespaces.length > 0 ? [''] : []),
    ...unreadLines(unread),
    ...caveats,
    countText(report),
  ];
  return visible(`${lines.join('\n')}\n`);
}

const caveats = [
  "Exemptions and defaults in the API server's own configuration cannot be read, so they are not considered.",
  "Pod Security does not read images: run 'rootcause scan' to see which images the kubelet refuses.",
];

function namespaceLines({ name, labels, ready, refused }: NamespaceReadiness): readonly string[] {
  const said = Object.entries(labels).map(([mode, policy]) => `${mode} ${policy}`);
  const now = said.length > 0 ? said.join(', ') : 'no label';
  return [`${name} (${now})${ready ? ': ready' : ''}`, ...refused.flatMap(refusedLines)];
}

function refusedLines({ workload, pods, pod, violations }: RefusedWorkload): readonly string[] {
  return [
    `  ${workload.kind}/${workload.name}, ${whichPods(pods, pod)}`,
    ...violations.map(({ reason, detail }) => `    ${reason}${detail === '' ? '' : ` (${detail})`}`),
  ];
}

function whichPods(pods: number, pod = ''): string {
  if (pods === 0) return 'from its template';
  if (pods === 1) return `pod ${pod}`;
  return `pod ${pod} and ${pods - 1} other ${pods === 2 ? 'pod' : 'pods'}`;
}

function countText({ policy, namespaces }: EnforcementReport): string {
  const refusing = namespaces.filter(({ ready }) => !ready);
  const workloads = new Set(
    refusing.flatMap(({ name, refused }) => refused.map(({ workload }) => JSON.stringify([name, workload]))),
  ).size;
  const ready = namespaces.length - refusing.length;
  const are = ready === 1 ? '1 is ready' : `${ready} are ready`;
  const of = namespaces.length === 1 ? '1 namespace' : `${namespaces.length} namespaces`;
  const would = workloads === 1 ? '1 workload would' : `${workloads} workloads would`;
  return `Of ${of} ${are} for ${policyText(policy)}; ${workloads === 0 ? 'no workload would' : would} be refused.`;
}
