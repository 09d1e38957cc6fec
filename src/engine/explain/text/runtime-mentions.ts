// Every refusal of the image's user by a container runtime that a text holds.

import type { ReportedFailure } from '../../model/reported-failure.ts';
import { pasted } from '../../messages/pod-security/pasted.ts';
import { parseRuntimeMessage, type RuntimeRefusal } from '../../messages/runtime/runtime-message.ts';
import { placesIn } from '../../messages/runtime/sentences.ts';
import { refusalSentence } from '../../diagnose/witnesses/runtime-failure.ts';
import { originAt } from '../../messages/paste/squeeze.ts';
import { ranks, type Mention } from './mention.ts';
import { piecesAt, type Part } from './windows.ts';

export function runtimeMentions(part: Part): readonly Mention[] {
  const paste = pasted(part.text);
  const spans = placesIn(paste).map(({ start, end }) => ({
    start: originAt(paste, start),
    end: originAt(paste, end - 1) + 1,
  }));
  return piecesAt(part, paste.raw, spans).flatMap(({ text, from, to }) => {
    const refusal = parseRuntimeMessage(text);
    return refusal ? { told: toldOf(refusal), rank: ranks.runtime, from, to } : [];
  });
}

function toldOf({ family, user, container, pod, namespace }: RuntimeRefusal): ReportedFailure {
  return {
    cause: 'UserNotInImage',
    container: container === undefined ? {} : { name: container },
    image: user === undefined ? {} : { user },
    pod: {
      ...(pod !== undefined && { name: pod }),
      ...(namespace !== undefined && { namespace }),
    },
    message: refusalSentence({ family, ...(user !== undefined && { user }) }),
    family,
  };
}
