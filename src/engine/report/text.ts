// A diagnosis as text for a terminal.

import type { Cause } from '../model/cause.ts';
import type {
  RecordedAlternative,
  RecordedFix,
  DiagnosisStatus,
  RecordedFinding,
  Impact,
  NamespaceAdvice,
} from '../model/diagnosis.ts';
import type { ImageFacts } from '../model/finding.ts';
import type { ManagedBy } from '../model/fix.ts';
import { sentence, setByWords } from './sentence.ts';

/** Several lines, the last one ended; everything that the Diagnosis says, in the order in which a person asks. */
export function diagnosisText(namespace: string, status: DiagnosisStatus): string {
  const lines = [
    `${status.workload} in ${namespace}: ${status.state} since ${status.resolvedTime ?? status.firstSeenTime}`,
    ...(status.ownerIncomplete
      ? ['  An owner could not be read; its kind and name are from the owner reference.']
      : []),
    ...status.findings.flatMap(findingLines),
    `  pods: ${podsText(status)}${where(status)}`,
    ...aroundLines(status.impact),
    ...(status.podSecurity ? adviceLines(status.podSecurity) : []),
    ...(status.previous ?? []).map(
      ({ cause, container, endedTime }) =>
        `  before: ${cause} of container ${container.name}, until ${endedTime}`,
    ),
    ...(status.fix ? fixLines(status.fix) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function findingLines(finding: RecordedFinding): readonly string[] {
  return [
    `  ${finding.cause}`,
    `    ${sentence(finding)}`,
    `    ${finding.predicted ? 'the kubelet will say' : speakers[finding.cause]}: ${finding.message}`,
    ...finding.settings.map(
      ({ field, value, setBy }) => `    ${field}: ${String(value)}${setByWords(setBy)}`,
    ),
    `    image ${finding.image.reference}${imageWords(finding.image)}`,
    ...(finding.risks ?? []).map(({ code, detail }) => `    ${code}: ${detail}`),
  ];
}

const speakers: Readonly<Record<Cause, string>> = {
  RunAsUserIsRoot: 'the kubelet says',
  NonNumericUser: 'the kubelet says',
  ImageRunsAsRoot: 'the kubelet says',
  InvalidImageUID: 'the kubelet says',
  WindowsAdministrator: 'the kubelet says',
  UserNotInImage: 'the container runtime says',
  PodSecurityViolation: 'the API server says',
  NonRootPermissionDenied: 'observed',
};

function imageWords({ user, uid, resolution, detail }: ImageFacts): string {
  const written = user === undefined ? '' : `, USER ${user === '' ? '(not set)' : user}`;
  const means =
    uid === undefined ? `UID unresolved: ${resolution}${detail ? ` (${detail})` : ''}` : `UID ${uid}`;
  return `${written}, ${means}`;
}

const podsText = ({ pods: { failing, total } }: DiagnosisStatus): string =>
  total === 0 ? 'none created' : `${failing} of ${total} failing`;

function where({ impact }: DiagnosisStatus): string {
  const nodes = impact.nodes.length > 0 ? ` on ${impact.nodes.join(', ')}` : '';
  const { desired, ready } = impact;
  const wanted = desired === undefined || ready === undefined ? '' : `; ${ready} of ${desired} ready`;
  return `${nodes}${wanted}`;
}

/** What depends on the pods; empty lists are left out. */
function aroundLines(impact: Impact): readonly string[] {
  const lines = [
    ['services without a ready pod', impact.services],
    ['ingresses to these services', impact.ingresses],
    ['disruption budgets', impact.disruptionBudgets],
    ['autoscalers', impact.autoscalers],
    ['same image also fails in', impact.sameImage],
    ['not known (no permission to list)', impact.unread],
  ] as const;
  return lines.flatMap(([title, names = []]) => (names.length > 0 ? `  ${title}: ${names.join(', ')}` : []));
}

export function fixLines(fix: RecordedFix): readonly string[] {
  const dockerfile = block(`in the Dockerfile, last stage (${fix.dockerfileCertainty})`, fix.dockerfile);
  return [
    `  fix: ${fix.summary} (${fix.type}, ${fix.certainty})`,
    ...(fix.managedBy ? [`    managed by ${managerWords(fix.managedBy)}`] : []),
    ...block('patch', fix.patch),
    ...block(`hardened patch (${fix.hardenedCertainty})`, fix.hardenedPatch),
    ...(fix.type === 'Manual' ? [] : dockerfile),
    ...(fix.alternatives ?? []).flatMap((one) => alternativeLines(one, fix.summary)),
    ...(fix.type === 'Manual' ? dockerfile : []),
    ...(fix.checks ?? []).map(({ name, result, message }) => `    ${name} ${result}: ${message}`),
    ...block('run', fix.command),
    ...(fix.followUp ?? []).flatMap((step) => block('then', step)),
  ];
}

function block(title: string, text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  const lines = text.trimEnd().split('\n');
  return [`    ${title}:`, ...lines.map((line) => `      ${line}`)];
}

/** Lines of the fix itself need no second heading. */
const alternativeLines = (
  { summary, certainty, patch, lines }: RecordedAlternative,
  fix: string,
): readonly string[] => [
  ...(summary === fix ? [] : [`    also: ${summary}${certainty ? ` (${certainty})` : ''}`]),
  ...[patch, lines].flatMap((text) => block('  with', text).slice(1)),
];

const managerWords = ({ tool, name, namespace }: ManagedBy): string =>
  `${tool}: ${name}${namespace === undefined ? '' : ` in ${namespace}`}`;

function adviceLines({ enforce, warn, audit, refusedAtRestricted }: NamespaceAdvice): readonly string[] {
  const labels = Object.entries({ enforce, warn, audit }).flatMap(([mode, policy]) =>
    policy === undefined ? [] : [`${mode} ${policy}`],
  );
  const now = labels.length > 0 ? labels.join(', ') : 'no label';
  const refused = refusedAtRestricted.length > 0 ? refusedAtRestricted.join(', ') : 'nothing';
  return [`  Pod Security of the namespace: ${now}; restricted would refuse: ${refused}`];
}
