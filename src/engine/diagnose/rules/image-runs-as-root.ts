// ImageRunsAsRoot: the image's user is 0 or missing, or the runtime did not report it, which the kubelet takes for 0.

import type { Finding } from '../../model/finding.ts';
import { decidingSettings } from '../settings.ts';
import { findingAbout, unreadImage, type Subject } from '../subject.ts';

/** The message prints no user, and it does not prove that the image has none. */
export function imageRunsAsRoot(subject: Subject): Finding | undefined {
  if (subject.failure.cause !== 'ImageRunsAsRoot') return undefined;
  return findingAbout(subject, decidingSettings(subject, ['runAsNonRoot']), unreadImage);
}
