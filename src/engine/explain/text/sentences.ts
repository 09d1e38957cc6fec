// The sentences of the kubelet, of Pod Security and of container runtimes in a text.

import { kubeletSentencesIn } from '../../messages/kubelet/kubelet-places.ts';
import { parseKubeletMessage } from '../../messages/kubelet/kubelet-message.ts';
import { isSubdomain } from '../../messages/kubelet/kubelet-suffix.ts';
import { pastedText } from '../../messages/paste/pasted-text.ts';
import { squeeze, type Squeezed } from '../../messages/paste/squeeze.ts';
import { framesIn } from '../../messages/pod-security/frames.ts';
import {
  parsePodSecurityMessage,
  type PodSecurityRejection,
} from '../../messages/pod-security/pod-security-message.ts';
import { parseRuntimeMessage, runtimeSentence } from '../../messages/runtime/runtime-message.ts';
import { runtimeSentencesIn } from '../../messages/runtime/runtime-sentences.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { printable } from '../../platform/data/printable.ts';
import { policyText } from '../../platform/pod-security/pod-security-labels.ts';
import { reportedFailure, type Mention } from './mention.ts';
import { piecesAt, windowsOf, type Span } from './windows.ts';

type SentenceReader = {
  /** The text without what copying has added to it. */
  readonly paste: (text: string) => Squeezed;
  readonly placesIn: (paste: Squeezed) => readonly Span[];
  /** Whether a text in which no sentence stands may still be one message. */
  readonly isMessage: (text: string) => boolean;
  readonly read: (text: string) => ReportedFailure | undefined;
};

/** A text that is nothing but the beginning of a kubelet's sentence is no longer. */
const longestStump = 300;

const readers: readonly SentenceReader[] = [
  {
    paste: squeeze,
    placesIn: (paste) => kubeletSentencesIn(paste).map(({ at, end }) => ({ start: at, end })),
    isMessage: ({ length }) => length <= longestStump,
    read: (text) => {
      const found = parseKubeletMessage(text);
      return found && reportedFailure({ cause: found.cause, message: found.message }, found);
    },
  },
  {
    paste: pastedText,
    placesIn: framesIn,
    // The answer to a new label of a namespace has no such sentence.
    isMessage: () => true,
    read: (text) => {
      const found = parsePodSecurityMessage(text);
      return found && rejection(found, text);
    },
  },
  {
    paste: pastedText,
    placesIn: runtimeSentencesIn,
    isMessage: () => false,
    read: (text) => {
      const found = parseRuntimeMessage(text);
      if (!found) return undefined;
      const { family } = found;
      return reportedFailure({ cause: 'UserNotInImage', message: runtimeSentence(found), family }, found);
    },
  },
];

export const sentencesIn = (lines: readonly string[]): readonly Mention[] =>
  windowsOf(lines).flatMap((part) =>
    readers.flatMap(({ paste, placesIn, isMessage, read }) => {
      const pasted = paste(part.text);
      const places = placesIn(pasted);
      if (places.length === 0 && !isMessage(part.text)) return [];
      return piecesAt(part, pasted, places).flatMap(({ text, from, to }) => {
        const failure = read(text);
        return failure ? [{ failure, from, to }] : [];
      });
    }),
  );

const maxMessageLength = 512;

/** The message as the API server begins it; the details stand in the violations. */
function rejection(found: PodSecurityRejection, text: string): ReportedFailure {
  const { enforced, policy, violations } = found;
  const verb = enforced ? 'violates' : 'would violate';
  const which = policy === undefined ? '' : ` "${policyText(policy)}"`;
  const reasons = violations.map(({ reason }) => reason).join(', ');
  const message = `${verb} PodSecurity${which}${reasons === '' ? '' : `: ${reasons}`}`;
  return reportedFailure(
    {
      cause: 'PodSecurityViolation',
      message: printable(message, maxMessageLength),
      enforced,
      ...(policy && { policy }),
      violations,
      ...statefulSetIn(text),
    },
    found,
  );
}

/** A StatefulSet names itself in front of the API server's words. */
function statefulSetIn(text: string): Pick<ReportedFailure, 'workload'> {
  const [, name = ''] = /\bcreate\s+Pod\s+\S+\s+in\s+StatefulSet\s+(\S{1,253})\s+failed\b/i.exec(text) ?? [];
  return isSubdomain(name) ? { workload: { kind: 'StatefulSet', name } } : {};
}
