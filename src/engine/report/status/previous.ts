// The causes before the present one: a fix often uncovers the next failure.

import type { PreviousCause, RecordedFinding } from '../../model/diagnosis.ts';
import type { Snapshot } from '../../model/snapshot.ts';

const maxPrevious = 5;

/**
 * What came before, the newest first: the recorded findings of containers that have another cause now, or of a failure
 * that had been resolved. The same cause again, without another between, is not repeated.
 */
export function previousCauses(
  findings: readonly RecordedFinding[],
  snapshot: Snapshot,
): readonly PreviousCause[] {
  const was = snapshot.recorded?.status;
  if (!was) return [];
  const { firstSeenTime, resolvedTime: endedTime = snapshot.now } = was;
  const now = new Set(findings.map(nameOf));
  const ended = was.findings
    .filter((finding) => !now.has(nameOf(finding)))
    .map(({ cause, container, message }) => ({ cause, container, message, firstSeenTime, endedTime }));
  const known = (was.previous ?? []).filter((one) => !ended.some((other) => nameOf(other) === nameOf(one)));
  return [...ended, ...known].slice(0, maxPrevious);
}

const nameOf = ({ cause, container }: Pick<RecordedFinding, 'cause' | 'container'>): string =>
  `${cause} ${container.name}`;

/** `Before that, container app failed with NonNumericUser; then runAsUser was set to 10001.` */
export function chainWords([last]: readonly PreviousCause[], findings: readonly RecordedFinding[]): string {
  if (!last) return '';
  const user = findings
    .find(({ container }) => container.name === last.container.name)
    ?.settings.find(({ field }) => field.endsWith('.runAsUser'));
  const since = user === undefined ? '' : `; then runAsUser was set to ${String(user.value)}`;
  return ` Before that, container ${last.container.name} failed with ${last.cause}${since}.`;
}
