// NonRootPermissionDenied: the program starts as a user that is not root, and ends for want of a permission.

import type { Finding } from '../../model/finding.ts';
import { decidingSettings } from '../settings.ts';
import { findingAbout, unreadImage, type Subject } from '../subject.ts';

export function nonRootPermissionDenied(subject: Subject): Finding | undefined {
  if (subject.failure.cause !== 'NonRootPermissionDenied') return undefined;
  return findingAbout(subject, decidingSettings(subject, ['runAsNonRoot', 'runAsUser']), unreadImage);
}
