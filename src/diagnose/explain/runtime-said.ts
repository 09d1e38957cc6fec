// Every refusal of the image's user by a container runtime that a text holds.

import type { Told } from '../../model/told.ts';
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

/** The words of the operator, which are the same whatever the runtime. */
const sentenceOf: Readonly<Record<RuntimeRefusal['family'], (name: string | undefined) => string>> = {
  user: (name) => `unable to find user${after(name)}: no matching entries in passwd file`,
  group: (name) => `unable to find group${after(name)}: no matching entries in group file`,
  'passwd-file': () => 'unable to find user: the image has no /etc/passwd',
  'userns-unmapped': () => "the id is not mapped in the pod's user namespace",
};

const after = (name: string | undefined): string => (name === undefined ? '' : ` ${name}`);
