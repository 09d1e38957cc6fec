// Every refusal of the image's user by a container runtime that a text holds.

import type { RuntimeFamily, Told } from '../../model/told.ts';
import { pasted } from '../pod-security/pasted.ts';
import { parseRuntimeMessage, type RuntimeRefusal } from '../runtime-message.ts';
import { placesIn } from '../runtime-message/sentences.ts';
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
    message: sentenceOf[family](user),
    family,
  };
}

/** As the runtimes themselves say it, without paths and ids that differ from try to try. */
const sentenceOf: Readonly<Record<RuntimeFamily, (name: string | undefined) => string>> = {
  user: (name) =>
    name === undefined ? 'no users found' : `unable to find user ${name}: no matching entries in passwd file`,
  group: (name) =>
    name === undefined
      ? 'no groups found'
      : `unable to find group ${name}: no matching entries in group file`,
  'passwd-file': () => 'open etc/passwd: no such file or directory',
  'userns-unmapped': () => 'cannot set uid to unmapped user in user namespace',
};
