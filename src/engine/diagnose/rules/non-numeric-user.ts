// NonNumericUser: the image names its user. The kubelet resolves no names, so it cannot tell whether that is root.

import type { Finding } from '../../model/finding.ts';
import { decidingSettings } from '../settings.ts';
import { findingAbout, unreadImage, type Subject } from '../subject.ts';

/** The name `root` too: whether a name means uid 0 only the image can say. */
export function nonNumericUser(subject: Subject): Finding | undefined {
  if (subject.failure.cause !== 'NonNumericUser') return undefined;
  return findingAbout(subject, decidingSettings(subject, ['runAsNonRoot']), unreadImage);
}
