// How far the work on a diagnosis has come, as conditions.

import { isReady } from '../../fix/checks/checks.ts';
import type { Condition, RecordedFix } from '../../model/diagnosis.ts';
import type { Finding, ImageFacts } from '../../model/finding.ts';
import type { Check } from '../../model/fix.ts';
import type { Snapshot } from '../../model/snapshot.ts';

export function failingConditions(
  snapshot: Snapshot,
  findings: readonly Finding[],
  fix: RecordedFix | undefined,
  summary: string,
): readonly Condition[] {
  return [
    condition(snapshot, 'Diagnosed', 'True', findings[0]?.cause ?? 'Unknown', summary),
    imageCondition(snapshot, findings),
    fixCondition(snapshot, fix?.checks ?? []),
    condition(snapshot, 'Resolved', 'False', 'Failing', 'At least one pod fails.'),
  ];
}

export function resolvedConditions(snapshot: Snapshot, summary: string): readonly Condition[] {
  return [
    condition(snapshot, 'Diagnosed', 'False', 'NoFinding', summary),
    condition(snapshot, 'Resolved', 'True', 'NoFinding', summary),
  ];
}

export function notReadyConditions(snapshot: Snapshot, summary: string): readonly Condition[] {
  return [
    condition(snapshot, 'Diagnosed', 'False', 'NoFinding', summary),
    condition(snapshot, 'Resolved', 'False', 'NotReady', summary),
  ];
}

/** True once all images were read; else the first that was not is named. */
function imageCondition(snapshot: Snapshot, findings: readonly Finding[]): Condition {
  const open = findings.find(({ image }) => openResolutions.has(image.resolution));
  if (!open) return condition(snapshot, 'ImageInspected', 'True', 'Read', 'All images were read.');
  const { reference, resolution, detail = '' } = open.image;
  return condition(snapshot, 'ImageInspected', 'False', resolution, `Image ${reference}: ${detail}`);
}

const openResolutions: ReadonlySet<ImageFacts['resolution']> = new Set(['NotAttempted', 'Unreadable']);

/** True where every proof that could be tried has passed; a skipped check has the reason in its message. */
function fixCondition(snapshot: Snapshot, checks: readonly Check[]): Condition {
  if (checks.length === 0)
    return condition(snapshot, 'FixChecked', 'False', 'NoPatch', 'The fix is not a patch of the workload.');
  const parts = (['Passed', 'Failed', 'Skipped'] as const).flatMap((wanted) => {
    const names = checks.filter(({ result }) => result === wanted).map(({ name }) => name);
    return names.length > 0 ? [`${names.join(', ')} ${wanted.toLowerCase()}`] : [];
  });
  const isProved =
    isReady({ checks }) && checks.some(({ name, result }) => name === 'KubeletUser' && result === 'Passed');
  const reason = isProved ? 'Proved' : isReady({ checks }) ? 'Unproved' : 'Failed';
  return condition(snapshot, 'FixChecked', isProved ? 'True' : 'False', reason, `${parts.join('; ')}.`);
}

/** Keeps the transition time of a condition whose status is the same. */
function condition(
  { recorded, now }: Snapshot,
  type: Condition['type'],
  status: Condition['status'],
  reason: string,
  message: string,
): Condition {
  const was = recorded?.status?.conditions.find((candidate) => candidate.type === type);
  const lastTransitionTime = was?.status === status ? was.lastTransitionTime : now;
  return { type, status, reason, message, lastTransitionTime, observedGeneration: recorded?.generation ?? 1 };
}
