// Makes a finding of a failure: with the fields that decide, and with an image of which nothing is known yet.

import type { Cause } from '../model/cause.ts';
import type { Finding, ImageFacts } from '../model/finding.ts';
import type { Container, Pod, SecurityField, Template } from '../model/pod.ts';
import { present } from '../platform/data/field.ts';
import { decidingSettings } from './settings.ts';
import type { ContainerFailure } from './witnesses/witness.ts';

/** Which fields of a security context a cause depends on, in the order in which they are shown. */
const decidingFields: Readonly<Record<Cause, readonly SecurityField[]>> = {
  ImageRunsAsRoot: ['runAsNonRoot'],
  NonNumericUser: ['runAsNonRoot'],
  InvalidImageUID: ['runAsNonRoot'],
  // the image is not at fault; the two fields often stand at different levels
  RunAsUserIsRoot: ['runAsNonRoot', 'runAsUser'],
  // Windows ignores runAsUser
  WindowsAdministrator: ['runAsNonRoot', 'runAsUserName'],
  // the runtime looks up the user that they name, whatever runAsNonRoot says
  UserNotInImage: ['runAsUser', 'runAsGroup'],
  // its violations name the fields
  PodSecurityViolation: [],
  NonRootPermissionDenied: ['runAsNonRoot', 'runAsUser'],
};

/** Takes the failure of one container, and nothing by which it could blame another. */
export function findingAbout(
  failure: ContainerFailure,
  container: Container,
  pod: Pod,
  template: Template | undefined,
): Finding {
  const { cause, message, family, path, paths, attempt, port, unconfirmed, user } = failure;
  return {
    cause,
    container: { name: container.name, type: container.type },
    message,
    ...present({ family, path, paths, attempt, port, unconfirmed }),
    settings: decidingSettings(decidingFields[cause], container, pod, template),
    image: {
      reference: container.image,
      ...present({ user }),
      ...(cause === 'WindowsAdministrator' ? windowsImage : unreadImage),
    },
  };
}

export const unreadImage = {
  resolution: 'NotAttempted',
  detail: 'the image has not been read',
} as const satisfies Partial<ImageFacts>;

const windowsImage = {
  resolution: 'NotNeeded',
  detail: 'Windows goes by account names, not by uids',
} as const satisfies Partial<ImageFacts>;
