// Projects an Event about an object that was not given: what it says, and of what.

import type { EventManifest } from '../../model/manifests.ts';
import type { ContainerType } from '../../model/pod.ts';
import { objectAt, present, textAt } from '../../platform/data/field.ts';
import type { GivenObject } from './identity.ts';

const maxMessageLength = 16_384;
const maxNameLength = 253;
const fieldPath = /^spec\.(initContainers|containers|ephemeralContainers)\{([a-z0-9-]{1,63})\}$/;

export function eventOf({ object }: GivenObject): EventManifest {
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
