// UserNotInImage: the container runtime looked for the image's user in the image, or for its id in the pod's user
// namespace, and did not find it.

import type { Finding } from '../../model/finding.ts';
import { decidingSettings } from '../settings.ts';
import { findingAbout, unreadImage, type Subject } from '../subject.ts';

/** The runtime does not always print the user; the image says it. */
export function userNotInImage(subject: Subject): Finding | undefined {
  if (subject.failure.cause !== 'UserNotInImage') return undefined;
  return findingAbout(subject, decidingSettings(subject, ['runAsUser', 'runAsGroup']), unreadImage);
}
