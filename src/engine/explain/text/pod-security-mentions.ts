// Every refusal and warning of Pod Security that a text holds.

import type { ReportedFailure } from '../../model/reported-failure.ts';
import { policyText } from '../../platform/pod-security/pod-security-labels.ts';
import { printable } from '../../platform/data/printable.ts';
import {
  parsePodSecurityMessage,
  type PodSecurityRejection,
} from '../../messages/pod-security/pod-security-message.ts';
import { framesIn } from '../../messages/pod-security/frames.ts';
import { pastedText } from '../../messages/paste/pasted-text.ts';
import { originAt } from '../../messages/paste/squeeze.ts';
import { ranks, type Mention } from './mention.ts';
import { piecesAt, type Part } from './windows.ts';

const maxMessageLength = 512;

export function podSecurityMentions(part: Part): readonly Mention[] {
  const paste = pastedText(part.text);
  const spans = framesIn(paste).map(({ start, end }) => ({
    start: originAt(paste, start),
    end: originAt(paste, end - 1) + 1,
  }));
  const pieces = spans.length > 0 ? piecesAt(part, paste.raw, spans) : whole(part);
  return pieces.flatMap(({ text, from, to }) => {
    const rejection = parsePodSecurityMessage(text);
    return rejection ? { failure: failureOf(rejection), rank: rankOf(rejection), from, to } : [];
  });
}

/** The answer to a new label of a namespace has no such sentence, and takes several lines. */
const whole = ({ text, line }: Part) => [{ text, from: line, to: line }];

const rankOf = ({ enforced }: PodSecurityRejection): number =>
  enforced ? ranks.podSecurity : ranks.podSecurityWarning;

function failureOf(rejection: PodSecurityRejection): ReportedFailure {
  const { container, pod, namespace, enforced, policy, violations } = rejection;
  return {
    cause: 'PodSecurityViolation',
    container: container === undefined ? {} : { name: container },
    image: {},
    pod: {
      ...(pod !== undefined && { name: pod }),
      ...(namespace !== undefined && { namespace }),
    },
    message: messageOf(rejection),
    enforced,
    ...(policy && { policy }),
    violations,
  };
}

/** As the API server begins it; the details stand in the violations. */
function messageOf({ enforced, policy, violations }: PodSecurityRejection): string {
  const verb = enforced ? 'violates' : 'would violate';
  const which = policy === undefined ? '' : ` "${policyText(policy)}"`;
  const reasons = violations.map(({ reason }) => reason).join(', ');
  return printable(`${verb} PodSecurity${which}${reasons === '' ? '' : `: ${reasons}`}`, maxMessageLength);
}
