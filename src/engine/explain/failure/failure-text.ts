// What a text reports, in sentences: what is known, what is not, and what would cure it.

import type { RecordedFix } from '../../model/diagnosis.ts';
import type { Setting } from '../../model/finding.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { recordedSetting } from '../../report/status/recorded-finding.ts';
import { sentenceAbout } from '../../report/sentence.ts';
import { fixLines } from '../../report/text.ts';
import { policyText } from '../../platform/pod-security/pod-security-labels.ts';

/** Findings written out; a log of a whole cluster has more than a person reads. */
const maxFindings = 50;

/** Several lines, the last one ended. */
export function failureText(failures: readonly ReportedFailure[], fix: RecordedFix | undefined): string {
  const alike = [...Map.groupBy(failures, withoutPod).values()];
  const shown = alike.slice(0, maxFindings);
  const rest = alike.length - shown.length;
  const lines = [
    ...shown.flatMap(([first, ...others]) => (first ? failureLines(first, others.length) : [])),
    ...(rest > 0 ? [`${rest} more; --output json shows all.`] : []),
    ...(fix ? fixLines(fix) : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** Pods of one workload that fail in the same way are said once. */
const withoutPod = ({ pod: { namespace }, times: _times, ...failure }: ReportedFailure): string =>
  JSON.stringify([failure, namespace]);

/** @param others pods that fail in the same way */
function failureLines(failure: ReportedFailure, others: number): readonly string[] {
  const { cause, violations = [] } = failure;
  const open = missingIn(failure);
  const sentence = sentenceAbout(subject(failure, others), recordedFailure(failure), verbOf(failure));
  return [
    cause,
    `  ${sentence}${timesText(failure)}`,
    ...(failure.settings ?? []).map(settingText),
    ...imageLines(failure, sentence),
    ...violations.filter(({ detail }) => detail !== '').map(({ detail }) => `    ${detail}`),
    ...(cause === 'NonRootPermissionDenied' ? ['  Root without capabilities gets the same error.'] : []),
    ...(open.length > 0 ? [`  Not in the text: ${open.join(', ')}.`] : []),
  ];
}

function subject({ cause, container, pod, workload }: ReportedFailure, others: number): string {
  const more = others === 0 ? '' : others === 1 ? ' and 1 more pod' : ` and ${others} more pods`;
  const { name, type } = container;
  const kind = type === 'EphemeralContainer' ? 'Ephemeral container' : 'Container';
  const parts = [
    ...(cause === 'PodSecurityViolation' ? [] : [name === undefined ? 'A container' : `${kind} ${name}`]),
    ...(pod.name === undefined ? [] : [`pod ${pod.name}${more}`]),
    ...(workload ? [`${workload.kind} ${workload.name}`] : []),
  ];
  const who = parts.length > 0 ? parts.join(' of ') : 'A pod';
  return `${who.charAt(0).toUpperCase()}${who.slice(1)}${pod.namespace === undefined ? '' : ` in namespace ${pod.namespace}`}`;
}

function verbOf({ enforced, predicted }: ReportedFailure): string | undefined {
  if (enforced === false) return 'would be refused';
  return predicted ? 'will not start' : undefined;
}

const timesText = ({ times }: ReportedFailure): string =>
  times === undefined ? '' : ` (${times} times in the text)`;

/** Not every sentence names the image. */
const imageLines = ({ image: { reference } }: ReportedFailure, sentence: string): readonly string[] =>
  reference === undefined || sentence.includes(reference) ? [] : [`    image ${reference}`];

function settingText(setting: Setting): string {
  const { field, value, setBy } = recordedSetting(setting);
  return `    ${field}: ${String(value)}${setBy === 'unknown' ? '' : `, set by ${setBy}`}`;
}

/** What would have to be known for a fix. */
function missingIn({ cause, container, image, pod, workload }: ReportedFailure): readonly string[] {
  if (cause === 'PodSecurityViolation') return pod.namespace === undefined ? ['the namespace'] : [];
  const isPodKnown = pod.name !== undefined || workload !== undefined;
  return [
    ...(container.name === undefined ? ['the container'] : []),
    ...(isPodKnown ? [] : ['the pod']),
    ...(image.reference === undefined ? ['the image'] : []),
  ];
}

/** A reported failure as a finding is printed: the policy of Pod Security is text. */
export function recordedFailure(failure: ReportedFailure) {
  const { cause, container, image, pod, message, policy, settings, ...rest } = failure;
  return {
    cause,
    container,
    image,
    pod,
    message,
    ...(policy && { family: policyText(policy) }),
    ...rest,
    ...(settings && { settings: settings.map(recordedSetting) }),
  };
}
