// WindowsAdministrator: the account is ContainerAdministrator, by the spec or by the image; Windows has no root user.

import type { Finding } from '../../model/finding.ts';
import { decidingSettings } from '../settings.ts';
import { findingAbout, type Subject } from '../subject.ts';

const neededByNobody = {
  resolution: 'NotNeeded',
  detail: 'Windows goes by account names, not by uids',
} as const;

/** `runAsUser` takes no part on Windows; `runAsUserName` does where it is set, else the image's user is the culprit. */
export function windowsAdministrator(subject: Subject): Finding | undefined {
  if (subject.failure.cause !== 'WindowsAdministrator') return undefined;
  return findingAbout(subject, decidingSettings(subject, ['runAsNonRoot', 'runAsUserName']), neededByNobody);
}
