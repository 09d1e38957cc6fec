// Every sentence in a text with which a container runtime does not accept the image's user.

import type { ReportedFailure } from '../../model/reported-failure.ts';
import { pastedText } from '../../messages/paste/pasted-text.ts';
import {
  parseRuntimeMessage,
  runtimeSentence,
  type RuntimeFailure,
} from '../../messages/runtime/runtime-message.ts';
import { runtimeSentencesIn } from '../../messages/runtime/runtime-sentences.ts';
import { originAt } from '../../messages/paste/squeeze.ts';
import { ranks, type Mention } from './mention.ts';
import { piecesAt, type Part } from './windows.ts';

export function runtimeMentions(part: Part): readonly Mention[] {
  const paste = pastedText(part.text);
  const spans = runtimeSentencesIn(paste).map(({ start, end }) => ({
    start: originAt(paste, start),
    end: originAt(paste, end - 1) + 1,
  }));
  return piecesAt(part, paste.raw, spans).flatMap(({ text, from, to }) => {
    const failure = parseRuntimeMessage(text);
    return failure ? { failure: failureOf(failure), rank: ranks.runtime, from, to } : [];
  });
}

function failureOf(failure: RuntimeFailure): ReportedFailure {
  const { family, user, container, pod, namespace } = failure;
  return {
    cause: 'UserNotInImage',
    container: container === undefined ? {} : { name: container },
    image: user === undefined ? {} : { user },
    pod: {
      ...(pod !== undefined && { name: pod }),
      ...(namespace !== undefined && { namespace }),
    },
    message: runtimeSentence(failure),
    family,
  };
}
