// What a text reports, in sentences: what is known, what is not, and what would cure it.

import type { RecordedFix } from '../../model/diagnosis.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { sentenceAbout } from '../../report/sentence.ts';
import { fixLines } from '../../report/text.ts';
import { policyText } from '../../platform/pod-security/pod-security-labels.ts';

/** Findings written out; a log of a whole cluster has more than a person reads. */
const maxFindings = 50;

/** Several lines, the last one ended. */
export function failureText(failures: readonly ReportedFailure[], fix: RecordedFix | undefined): string {
  const shown = failures.slice(0, maxFindings);
  const rest = failures.length - shown.length;
  const lines = [
    ...shown.flatMap(failureLines),
    ...(rest > 0 ? [`${rest} more; --output json shows all.`] : []),
    ...(fix ? fixLines(fix) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function failureLines(failure: ReportedFailure): readonly string[] {
  const { cause, enforced, violations = [] } = failure;
  const open = missingIn(failure);
  return [
    cause,
    `  ${sentenceAbout(subject(failure), recordedFailure(failure), enforced === false ? 'would be refused' : undefined)}`,
    ...violations.filter(({ detail }) => detail !== '').map(({ detail }) => `    ${detail}`),
    ...(cause === 'NonRootPermissionDenied' ? ['  Root without capabilities gets the same error.'] : []),
    ...(open.length > 0 ? [`  Not in the text: ${open.join(', ')}.`] : []),
  ];
}

function subject({ cause, container, pod }: ReportedFailure): string {
  const { name, type } = container;
  const kind = type === 'EphemeralContainer' ? 'Ephemeral container' : 'Container';
  const parts = [
    ...(cause === 'PodSecurityViolation' ? [] : [name === undefined ? 'A container' : `${kind} ${name}`]),
    ...(pod.name === undefined ? [] : [`pod ${pod.name}`]),
  ];
  const who = parts.length > 0 ? parts.join(' of ') : 'A pod';
  return `${who.charAt(0).toUpperCase()}${who.slice(1)}${pod.namespace === undefined ? '' : ` in namespace ${pod.namespace}`}`;
}

/** What would have to be known for a fix. */
function missingIn({ cause, container, image, pod }: ReportedFailure): readonly string[] {
  if (cause === 'PodSecurityViolation') return pod.namespace === undefined ? ['the namespace'] : [];
  return [
    ...(container.name === undefined ? ['the container'] : []),
    ...(pod.name === undefined ? ['the pod'] : []),
    ...(image.reference === undefined ? ['the image'] : []),
  ];
}

/** A reported failure as a finding is printed: the policy of Pod Security is text. */
export function recordedFailure(failure: ReportedFailure) {
  const { cause, container, image, pod, message, policy, ...rest } = failure;
  return { cause, container, image, pod, message, ...(policy && { family: policyText(policy) }), ...rest };
}
