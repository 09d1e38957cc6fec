// How far the work on a diagnosis has come, as conditions.

import type { Condition, RecordedFix } from '../model/diagnosis.ts';
import type { Finding, ImageFacts } from '../model/finding.ts';
import type { Check } from '../model/fix.ts';
import type { Snapshot } from '../model/snapshot.ts';

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
  const byResult = (result: Check['result']): readonly string[] =>
    checks.filter((check) => check.result === result).map(({ name }) => name);
  const [passed, failed, skipped] = [byResult('Passed'), byResult('Failed'), byResult('Skipped')];
  const parts = [
    ...(passed.length > 0 ? [`${passed.join(', ')} passed`] : []),
    ...(failed.length > 0 ? [`${failed.join(', ')} failed`] : []),
    ...(skipped.length > 0 ? [`${skipped.join(', ')} skipped`] : []),
  ];
  if (checks.length === 0)
    return condition(snapshot, 'FixChecked', 'False', 'NoPatch', 'The fix is not a patch of the workload.');
  const isProved = failed.length === 0 && passed.includes('KubeletUser');
  const reason = isProved ? 'Proved' : failed.length > 0 ? 'Failed' : 'Unproved';
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
