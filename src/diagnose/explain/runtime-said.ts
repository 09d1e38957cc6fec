// Every refusal of the image's user by a container runtime that a text holds.

import type { Told } from '../../model/told.ts';
import { pasted } from '../pod-security/pasted.ts';
import { parseRuntimeMessage, type RuntimeRefusal } from '../runtime-message.ts';
import { placesIn } from '../runtime-message/sentences.ts';
import { refusalSentence } from '../runtime-refusal.ts';
import { originAt } from '../squeeze.ts';
import { ranks, type Said } from './said.ts';
import { piecesAt, type Part } from './windows.ts';

export function runtimeSaid(part: Part): readonly Said[] {
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

function toldOf({ family, user, container, pod, namespace }: RuntimeRefusal): Told {
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
