// What a text tells, in sentences: what is known, what is not, and what would cure it.

import type { Cause } from '../../model/cause.ts';
import type { Fix } from '../../model/fix.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { policyText } from '../../platform/pod-security/pod-security-labels.ts';

/** Findings written out; a log of a whole cluster has more than anybody reads. */
const maxFindings = 50;

/** Several lines, the last one ended. */
export function failureText(findings: readonly ReportedFailure[], fix: Fix | undefined): string {
  const shown = findings.slice(0, maxFindings);
  const rest = findings.length - shown.length;
  const lines = [
    ...shown.flatMap(findingLines),
    ...(rest > 0 ? [`${rest} more; --output json has them all.`] : []),
    ...(fix ? fixLines(fix) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function findingLines(told: ReportedFailure): readonly string[] {
  const open = missingIn(told);
  return [
    `${told.cause}: ${subject(told)} ${verb(told)}.`,
    `  ${because[told.cause](told)}`,
    ...(told.violations ?? []).map(
      ({ reason, detail }) => `  - ${reason}${detail === '' ? '' : `: ${detail}`}`,
    ),
    ...(open.length > 0 ? [`  Not in the text: ${open.join(', ')}.`] : []),
  ];
}

function subject({ cause, container, pod }: ReportedFailure): string {
  const { name, type } = container;
  const kind = type === 'EphemeralContainer' ? 'ephemeral container' : 'container';
  const who = cause === 'PodSecurityViolation' ? '' : `${kind} ${name ?? 'that is not named'}`;
  const which = pod.name === undefined ? '' : `pod ${pod.name}`;
  const where = pod.namespace === undefined ? '' : ` in namespace ${pod.namespace}`;
  if (who === '') return `${which || 'a pod'}${where}`;
  return `${who}${which === '' ? '' : ` of ${which}`}${where}`;
}

function verb({ cause, enforced }: ReportedFailure): string {
  if (cause === 'PodSecurityViolation') return enforced === false ? 'would be refused' : 'is refused';
  return cause === 'NonRootPermissionDenied' ? 'cannot run' : 'cannot start';
}

const because: Readonly<Record<Cause, (told: ReportedFailure) => string>> = {
  ImageRunsAsRoot: () => 'Its image runs as root, by USER or for want of one, and runAsNonRoot forbids that.',
  NonNumericUser: ({ image }) =>
    `Its image names its user${image.user === undefined ? '' : ` (${image.user})`} instead of numbering it, so the kubelet cannot tell that it is not root.`,
  RunAsUserIsRoot: () =>
    'The container or its pod asks for root by runAsUser 0, and runAsNonRoot forbids that.',
  InvalidImageUID: ({ image }) =>
    `Its image has the user id ${image.user ?? 'that is out of range'}, which is not between 1 and 2147483647.`,
  WindowsAdministrator: ({ image }) =>
    `It would run as ${image.user ?? 'the administrator'}, which Windows regards as root.`,
  UserNotInImage: ({ message }) => `The container runtime says: ${message}.`,
  PodSecurityViolation: ({ policy, enforced }) =>
    `Pod Security${policy ? ` ${policyText(policy)}` : ''} ${enforced === false ? 'warns of it' : 'refuses it'}:`,
  NonRootPermissionDenied: ({ message }) =>
    `If it runs as a user who is not root: ${message}. Root without capabilities says the same.`,
};

/** What would have to be known for a fix. */
function missingIn({ cause, container, image, pod }: ReportedFailure): readonly string[] {
  if (cause === 'PodSecurityViolation') return pod.namespace === undefined ? ['the namespace'] : [];
  return [
    ...(container.name === undefined ? ['the container'] : []),
    ...(pod.name === undefined ? ['the pod'] : []),
    ...(image.reference === undefined ? ['the image'] : []),
  ];
}

function fixLines(fix: Fix): readonly string[] {
  return [
    `fix: ${fix.summary} (${fix.type}, ${fix.certainty})`,
    ...block(`in the Dockerfile, last stage (${fix.dockerfileCertainty})`, fix.dockerfile),
    ...(fix.alternatives ?? []).flatMap(({ summary, certainty, lines }) =>
      lines === undefined
        ? [`  also: ${summary} (${certainty})`]
        : block(`also: ${summary} (${certainty})`, lines),
    ),
    ...(fix.followUp ?? []).map((step) => `  ${step}`),
  ];
}

function block(title: string, text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  return [
    `  ${title}${title.endsWith(':') ? '' : ':'}`,
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`),
  ];
}
