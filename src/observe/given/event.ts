// Projects an Event about an object that was not given: what it says, and of what.

import type { GivenEvent } from '../../model/given.ts';
import type { ContainerType } from '../../model/snapshot.ts';
import { objectAt, present, textAt } from '../../platform/field.ts';
import type { GivenObject } from './identified.ts';

const maxMessageLength = 16_384;
const maxNameLength = 253;
const fieldPath = /^spec\.(initContainers|containers|ephemeralContainers)\{([a-z0-9-]{1,63})\}$/;

export function eventOf({ object }: GivenObject): GivenEvent {
  const about = objectAt(object, 'involvedObject');
  const [, list, container] = fieldPath.exec(textAt(about, 'fieldPath') ?? '') ?? [];
  const isOfPod = textAt(about, 'kind') === 'Pod';
  return present({
    message: (textAt(object, 'message') ?? '').slice(0, maxMessageLength),
    namespace: textAt(about, 'namespace')?.slice(0, maxNameLength) || undefined,
    pod: (isOfPod ? textAt(about, 'name')?.slice(0, maxNameLength) : undefined) || undefined,
    container,
    type: typeOf(list),
  });
}

function typeOf(list: string | undefined): ContainerType | undefined {
  if (list === 'containers') return 'Container';
  return list === 'ephemeralContainers' ? 'EphemeralContainer' : undefined;
}
