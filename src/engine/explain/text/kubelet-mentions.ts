// Every refusal by a kubelet that a text holds.

import type { ReportedFailure } from '../../model/reported-failure.ts';
import { parseKubeletMessage, type KubeletRefusal } from '../../messages/kubelet/kubelet-message.ts';
import { placesIn } from '../../messages/kubelet/kubelet-places.ts';
import { originAt, squeeze } from '../../messages/paste/squeeze.ts';
import { ranks, type Mention } from './mention.ts';
import { piecesAt, type Part } from './windows.ts';

/** A text that is nothing but the beginning of a sentence is no longer. */
const longestStump = 300;

export function kubeletMentions(part: Part): readonly Mention[] {
  const paste = squeeze(part.text);
  const spans = placesIn(paste).map(({ at, end }) => ({
    start: originAt(paste, at),
    end: originAt(paste, end - 1) + 1,
  }));
  const pieces = spans.length > 0 ? piecesAt(part, paste.raw, spans) : stump(part);
  return pieces.flatMap(({ text, from, to }) => {
    const refusal = parseKubeletMessage(text);
    return refusal ? { told: toldOf(refusal), rank: ranks.kubelet, from, to } : [];
  });
}

const stump = ({ text, line }: Part) =>
  text.length > longestStump ? [] : [{ text, from: line, to: line + text.split('\n').length - 1 }];

function toldOf({ cause, user, container, pod, namespace, sentence }: KubeletRefusal): ReportedFailure {
  return {
    cause,
    container: container === undefined ? {} : { name: container },
    image: user === undefined ? {} : { user },
    pod: {
      ...(pod !== undefined && { name: pod }),
      ...(namespace !== undefined && { namespace }),
    },
    message: sentence,
  };
}
