// What Pod Security would refuse under one policy, namespace by namespace: as text, as data, or as a shell script of patches.

import type {
  EnforcementReport,
  NamespaceReadiness,
  RefusedCheck,
  RefusedWorkload,
} from '../../model/scan.ts';
import { policyText } from '../../platform/pod-security/pod-security-labels.ts';
import { plainLook, wrapped } from '../look.ts';
import { visible } from '../output.ts';
import { shell } from '../shell.ts';
import { unreadLines } from './scan-report.ts';

export const enforcementForPrograms = ({ policy, ...report }: EnforcementReport): object => ({
  policy: policyText(policy),
  ...report,
});

/**
 * Ends with the limits of the answer.
 *
 * @param isWide each workload in the API server's own words; without it those that are refused for the same reasons
 *   stand together
 */
export function enforcementText(report: EnforcementReport, isWide = false): string {
  const { namespaces, unread } = report;
  const ready = namespaces.filter((namespace) => namespace.ready).map(withLabels);
  const refusing = namespaces.filter((namespace) => !namespace.ready);
  const lines = [
    ...(ready.length > 0 ? wrapped(`Ready: ${ready.join(', ')}`, plainLook.width) : []),
    ...refusing.flatMap((namespace) =>
      [withLabels(namespace)].concat(
        isWide ? namespace.refused.flatMap(refusedLines) : groupedLines(namespace.refused),
      ),
    ),
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

function withLabels({ name, labels }: NamespaceReadiness): string {
  const said = Object.entries(labels).map(([mode, policy]) => `${mode} ${policy}`);
  return `${name} (${said.length > 0 ? said.join(', ') : 'no label'})`;
}

/** The reasons once, then the workloads with their containers. */
function groupedLines(refused: readonly RefusedWorkload[]): readonly string[] {
  const groups = Map.groupBy(refused, ({ violations }) => violations.map(briefReason).join(', '));
  return [...groups].flatMap(([reasons, workloads]) => {
    const names = [...new Set(workloads.map(withContainers))];
    return [`  ${reasons}`, `    ${names.join(', ')}`].flatMap((line) => wrapped(line, plainLook.width));
  });
}

/** What is refused of the pod itself is in the detail, such as a volume's name; of containers the reason says it. */
const briefReason = ({ reason, detail, containers }: RefusedCheck): string =>
  containers === undefined && detail !== '' ? `${reason} (${detail})` : reason;

function withContainers({ workload, violations }: RefusedWorkload): string {
  const containers = [...new Set(violations.flatMap((violation) => violation.containers ?? []))];
  const which = containers.length > 0 ? ` (${containers.join(' ')})` : '';
  return `${workload.kind}/${workload.name}${which}`;
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

/** A script for a shell: what is no command in it is a comment. */
export function enforcementScript(report: EnforcementReport): string {
  const blocks = report.namespaces.flatMap(({ name, refused }) => {
    const byWorkload = Map.groupBy(refused, ({ workload: { kind, name: of } }) => `${kind}/${of}`);
    return [...byWorkload].flatMap(([workload, [first]]) =>
      first ? patchLines(`${name} ${workload}`, first) : [],
    );
  });
  const lines = [...unreadLines(report.unread), countText(report)].map(comment);
  return visible(`${[...blocks, ...lines].join('\n')}\n`);
}

function patchLines(title: string, { remedy }: RefusedWorkload): readonly string[] {
  switch (remedy.is) {
    case 'patch': {
      const checks = remedy.images.map((image) => shell`rootcause image ${image}`.sh);
      const first =
        checks.length === 0 ? '' : `; first check that no image runs as root: ${checks.join('; ')}`;
      return [comment(`${title}${first}`), remedy.command, ''];
    }
    case 'none':
      return [comment(`${title}: no patch: ${remedy.because}`), ''];
    default:
      return remedy satisfies never;
  }
}

const comment = (text: string): string => `# ${text.replaceAll(/[\r\n]+/g, ' ')}`;

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
