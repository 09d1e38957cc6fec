// InvalidImageUID: the image's user is a number that Kubernetes has no room for, below 0 or above 2147483647.

import type { Finding } from '../../model/finding.ts';
import { decidingSettings } from '../settings.ts';
import { findingAbout, unreadImage, type Subject } from '../subject.ts';

/** The number stands in `image.user`, as the kubelet printed it. */
export function invalidImageUid(subject: Subject): Finding | undefined {
  if (subject.failure.cause !== 'InvalidImageUID') return undefined;
  return findingAbout(subject, decidingSettings(subject, ['runAsNonRoot']), unreadImage);
}
