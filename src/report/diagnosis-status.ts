// Writes the status of a Diagnosis from what was found.

import type { Condition, DiagnosisStatus } from '../model/diagnosis.ts';
import type { Finding, ImageFacts, Verdict } from '../model/finding.ts';
import type { Fix } from '../model/fix.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { fitted } from './fitted.ts';
import { impactAfter, impactOf } from './impact.ts';
import { sentence } from './sentence.ts';

/**
 * What the Diagnosis should say now. Failing where there are findings; Resolved, with the findings that were,
 * where there are none any more; undefined where there is nothing to say.
 */
export function diagnosisStatus(
  verdict: Verdict,
  fix: Fix | undefined,
  snapshot: Snapshot,
): DiagnosisStatus | undefined {
  const [first] = verdict.findings;
  if (!first) return resolvedStatus(snapshot);
  return failingStatus(first, verdict, fix, snapshot);
}

function failingStatus(
  first: Finding,
  verdict: Verdict,
  fix: Fix | undefined,
  snapshot: Snapshot,
): DiagnosisStatus {
  const { workload, recorded, now } = snapshot;
  const was = recorded?.status?.state === 'Failing' ? recorded.status : undefined;
  const summary = sentence(first) + others(verdict.findings.length - 1);
  const impact = impactOf(snapshot, verdict, was?.impact);
  return fitted({
    observedGeneration: recorded?.generation ?? 1,
    state: 'Failing',
    workload: workload ? `${workload.ref.kind}/${workload.ref.name}` : '',
    cause: first.cause,
    summary,
    pods: podCounts(verdict.failingPods, snapshot.podsTotal),
    firstSeenTime: was?.firstSeenTime ?? now,
    ownerIncomplete: workload?.incomplete ?? false,
    findings: verdict.findings,
    impact,
    ...(fix && { fix }),
    conditions: [
      condition(snapshot, 'Diagnosed', 'True', first.cause, summary),
      imageCondition(snapshot, verdict.findings),
      condition(snapshot, 'Resolved', 'False', 'Failing', 'At least one pod has a finding.'),
    ],
  });
}

function resolvedStatus(snapshot: Snapshot): DiagnosisStatus | undefined {
  const was = snapshot.recorded?.status;
  if (!was || was.state === 'Resolved') return was;
  const summary = `No pod of ${was.workload} fails the check any more.`;
  const { fix: _fix, ...rest } = was;
  return {
    ...rest,
    observedGeneration: snapshot.recorded?.generation ?? 1,
    state: 'Resolved',
    summary,
    pods: podCounts(0, snapshot.podsTotal),
    resolvedTime: snapshot.now,
    impact: impactAfter(snapshot),
    conditions: [
      condition(snapshot, 'Diagnosed', 'False', 'NoFinding', summary),
      condition(snapshot, 'Resolved', 'True', 'NoFinding', summary),
    ],
  };
}

function others(count: number): string {
  if (count <= 0) return '';
  return count === 1 ? ' One more container has a finding.' : ` There are ${count} more findings.`;
}

function podCounts(failing: number, total: number): DiagnosisStatus['pods'] {
  return { failing, total, summary: `${failing}/${total}` };
}

/** True once every image has been looked into, whatever came of it; the first that has not is named. */
function imageCondition(snapshot: Snapshot, findings: readonly Finding[]): Condition {
  const open = findings.find(({ image }) => openResolutions.has(image.resolution));
  if (!open) return condition(snapshot, 'ImageInspected', 'True', 'Read', 'The images say who they run as.');
  const { reference, resolution, detail = '' } = open.image;
  return condition(snapshot, 'ImageInspected', 'False', resolution, `Image ${reference}: ${detail}`);
}

const openResolutions: ReadonlySet<ImageFacts['resolution']> = new Set(['NotAttempted', 'Unreadable']);

/** Keeps the transition time of a condition that holds still. */
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
