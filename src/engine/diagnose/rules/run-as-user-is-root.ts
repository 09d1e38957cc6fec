// RunAsUserIsRoot: the spec demands a user other than root and names root, with runAsUser 0. The image is not at fault.

import type { Finding } from '../../model/finding.ts';
import { decidingSettings } from '../settings.ts';
import { findingAbout, unreadImage, type Subject } from '../subject.ts';

/** Both fields decide, and often they stand at different levels. */
export function runAsUserIsRoot(subject: Subject): Finding | undefined {
  if (subject.failure.cause !== 'RunAsUserIsRoot') return undefined;
  return findingAbout(subject, decidingSettings(subject, ['runAsNonRoot', 'runAsUser']), unreadImage);
}
