// Recognises what Pod Security admission says: refusals and warnings, in Events, conditions and whatever people paste.

import type { PodSecurityPolicy, Violation } from '../../model/pod-security.ts';
import { isSubdomain } from '../kubelet/kubelet-suffix.ts';
import { readChecks } from './checks.ts';
import { framesIn, policyOf, type Frame } from './frames.ts';
import { readLabelChange } from './label-change.ts';
import { pastedText, squeezedAt } from '../paste/pasted-text.ts';
import { isBeginningOfReason } from './reasons.ts';
import { namespaceAround } from './namespace-around.ts';
import { maxTextLength, originAt, squeeze, type Squeezed } from '../paste/squeeze.ts';

/** What one text of Pod Security says. What it does not say, or not to the end, stays unset. */
export type PodSecurityRejection = {
  /** False where it only warned or noted. */
  readonly enforced: boolean;
  /** Absent where the text does not say it: in a warning that is pasted without its first line, or cut. */
  readonly policy?: PodSecurityPolicy;
  /** At most 32, in the order of the text; reasons that are not known stand as they are. */
  readonly violations: readonly Violation[];
  readonly pod?: string;
  readonly namespace?: string;
  /** The first container that the text names. */
  readonly container?: string;
};

/**
 * Reads a text that people or programs have handled: wrapped, quoted, escaped, with something in front or behind, or
 * cut. Of several, the first refusal, else the first warning, else the answer to a new label of a namespace.
 */
export function parsePodSecurityMessage(text: string): PodSecurityRejection | undefined {
  const paste = pastedText(text);
  const rejections = framesIn(paste).flatMap((frame) => rejectionAt(paste, frame) ?? []);
  return rejections.find(({ enforced }) => enforced) ?? rejections[0] ?? rejectionByLabels(paste);
}

/**
 * Reads the message of a `FailedCreate` Event or of a workload's condition, where the sentence begins the text behind
 * the controller's own words. Only refusals: a warning stands in neither.
 */
export function parsePodSecurityEvent(
  text: string,
): (PodSecurityRejection & { readonly policy: PodSecurityPolicy }) | undefined {
  const raw = text.slice(0, maxTextLength);
  const found = event.exec(raw);
  const { policy } = policyOf(found?.[3], found?.[4]);
  if (!found || !policy || !(found[1] ?? found[2])) return undefined;
  const paste = squeeze(raw);
  const violations = readChecks(paste, squeezedAt(paste, found[0].length), 'exact');
  const pod = found[2] ?? '';
  return {
    enforced: true,
    policy,
    violations,
    ...(isSubdomain(pod) && { pod }),
    ...containerIn(violations),
  };
}

const event = new RegExp(
  [
    String.raw`^(?:\(combined from similar events\): )?`,
    String.raw`(?:Error creating: |[Cc]reate Pod [^\s"]{1,253} in StatefulSet [^\s"]{1,253} failed error: )?`,
    String.raw`(admission webhook "[^"\n]{1,253}" denied the request: )?`,
    String.raw`(?:pods "([^"\n]{1,300})" is forbidden: )?`,
    String.raw`(?:pod )?violates PodSecurity "(privileged|baseline|restricted):(latest|v1\.\d{1,4})": `,
  ].join(''),
);

/** Half a sentence in the midst of other words is none. */
function rejectionAt(paste: Squeezed, frame: Frame): PodSecurityRejection | undefined {
  const violations = readChecks(paste, frame.end, 'pasted');
  if (violations.length === 0 && !frame.isRejection && !isCutAfter(paste, frame)) return undefined;
  return {
    enforced: frame.enforced,
    ...(frame.policy && { policy: frame.policy }),
    violations,
    ...(frame.pod && { pod: frame.pod }),
    ...namespaceAround(paste.raw, originAt(paste, frame.start)),
    ...containerIn(violations),
  };
}

function isCutAfter({ lower }: Squeezed, { policy, hasColon, end }: Frame): boolean {
  const rest = lower.slice(end, end + 60).replace(/(?:\.{3}|…)$/, '');
  return policy !== undefined && hasColon && isBeginningOfReason(rest);
}

function rejectionByLabels(paste: Squeezed): PodSecurityRejection | undefined {
  const change = readLabelChange(paste);
  return change && { enforced: false, ...change };
}

function containerIn(violations: readonly Violation[]): { readonly container?: string } {
  const container = violations.flatMap(({ containers = [] }) => containers)[0];
  return container === undefined ? {} : { container };
}
