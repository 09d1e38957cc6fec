// Every sentence of the kubelet about runAsNonRoot in a text.

import type { ReportedFailure } from '../../model/reported-failure.ts';
import { parseKubeletMessage, type KubeletFailure } from '../../messages/kubelet/kubelet-message.ts';
import { kubeletSentencesIn } from '../../messages/kubelet/kubelet-places.ts';
import { originAt, squeeze } from '../../messages/paste/squeeze.ts';
import { ranks, type Mention } from './mention.ts';
import { piecesAt, type Part } from './windows.ts';

/** A text that is nothing but the beginning of a sentence is no longer. */
const longestStump = 300;

export function kubeletMentions(part: Part): readonly Mention[] {
  const paste = squeeze(part.text);
  const spans = kubeletSentencesIn(paste).map(({ at, end }) => ({
    start: originAt(paste, at),
    end: originAt(paste, end - 1) + 1,
  }));
  const pieces = spans.length > 0 ? piecesAt(part, paste.raw, spans) : stump(part);
  return pieces.flatMap(({ text, from, to }) => {
    const failure = parseKubeletMessage(text);
    return failure ? { failure: failureOf(failure), rank: ranks.kubelet, from, to } : [];
  });
}

const stump = ({ text, line }: Part) =>
  text.length > longestStump ? [] : [{ text, from: line, to: line + text.split('\n').length - 1 }];

function failureOf({ cause, user, container, pod, namespace, message }: KubeletFailure): ReportedFailure {
  return {
    cause,
    container: container === undefined ? {} : { name: container },
    image: user === undefined ? {} : { user },
    pod: {
      ...(pod !== undefined && { name: pod }),
      ...(namespace !== undefined && { namespace }),
    },
    message,
  };
}
