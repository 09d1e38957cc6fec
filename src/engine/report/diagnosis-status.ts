// Writes the status of a Diagnosis from what was found.

import type { DiagnosisStatus, RecordedFinding, RecordedFix } from '../model/diagnosis.ts';
import type { Finding, Verdict } from '../model/finding.ts';
import type { PlannedFix } from '../fix/patch/patch-fix.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { present } from '../platform/data/field.ts';
import { failingConditions, resolvedConditions } from './conditions.ts';
import { impactAfter, impactOf } from './impact.ts';
import { chainWords, previousCauses } from './previous.ts';
import { printableStatus } from './printable-status.ts';
import { recordedFinding } from './recorded-finding.ts';
import { recordedFix } from './recorded-fix.ts';
import { sentence } from './sentence.ts';
import { withinSizeLimit } from './size-limit.ts';

/**
 * What the Diagnosis should say now. Failing where there are findings; Resolved, with the findings that were,
 * where there are none; undefined where nothing was ever found.
 */
export function diagnosisStatus(
  verdict: Verdict,
  { podSecurity, ...planned }: Omit<PlannedFix, 'questions'>,
  snapshot: Snapshot,
): DiagnosisStatus | undefined {
  const [first, ...more] = verdict.findings.map(recordedFinding);
  if (!first) return resolvedStatus(snapshot);
  const fix = fixIn(planned, verdict.findings, snapshot);
  return failingStatus([first, ...more], verdict, present({ fix, podSecurity }), snapshot);
}

/** What was proved or refused before holds until the answers are here again. */
function fixIn(
  { fix, isOpen }: Pick<PlannedFix, 'fix' | 'isOpen'>,
  findings: readonly Finding[],
  { workload, recorded }: Snapshot,
): RecordedFix | undefined {
  if (!fix || !workload) return undefined;
  const { ref } = workload;
  const now = recordedFix(fix, findings, ref);
  const was = recorded?.status?.state === 'Failing' ? recorded.status.fix : undefined;
  return isOpen && was && (isSameDigest(was, now) || isSameRefusal(was, now)) ? was : now;
}

const isSameDigest = (was: RecordedFix, now: RecordedFix): boolean =>
  now.digest !== undefined && was.digest === now.digest;

function isSameRefusal(was: RecordedFix, now: RecordedFix): boolean {
  const isRefused = was.checks?.some(({ result }) => result === 'Failed') === true;
  const patch = now.patch ?? now.alternatives?.[0]?.patch;
  return isRefused && patch !== undefined && was.alternatives?.[0]?.patch === patch;
}

function failingStatus(
  findings: readonly [RecordedFinding, ...RecordedFinding[]],
  verdict: Verdict,
  advice: Pick<DiagnosisStatus, 'fix' | 'podSecurity'>,
  snapshot: Snapshot,
): DiagnosisStatus {
  const { workload, recorded, now } = snapshot;
  const was = recorded?.status?.state === 'Failing' ? recorded.status : undefined;
  const previous = previousCauses(findings, snapshot);
  const summary = sentence(findings[0]) + others(findings.length - 1) + chainWords(previous, findings);
  const impact = impactOf(snapshot, verdict, was?.impact);
  const status: DiagnosisStatus = {
    observedGeneration: recorded?.generation ?? 1,
    state: 'Failing',
    workload: workload ? `${workload.ref.kind}/${workload.ref.name}` : '',
    cause: findings[0].cause,
    summary,
    pods: podCounts(verdict.failingPods, snapshot.podsTotal),
    firstSeenTime: was?.firstSeenTime ?? now,
    ownerIncomplete: workload?.incomplete ?? false,
    findings,
    impact,
    ...advice,
    ...(previous.length > 0 && { previous }),
    conditions: failingConditions(snapshot, verdict.findings, advice.fix, summary),
  };
  return withinSizeLimit(printableStatus(status));
}

function resolvedStatus(snapshot: Snapshot): DiagnosisStatus | undefined {
  const was = snapshot.recorded?.status;
  if (!was || was.state === 'Resolved') return was;
  const impact = impactAfter(snapshot);
  const { desired, ready = 0 } = impact;
  const readiness = desired === undefined ? '' : `; ${ready} of ${desired} ready`;
  const summary = `No failing pods${readiness}.`;
  const { fix: _fix, podSecurity: _asked, ...rest } = was;
  return {
    ...rest,
    observedGeneration: snapshot.recorded?.generation ?? 1,
    state: 'Resolved',
    summary,
    pods: podCounts(0, snapshot.podsTotal),
    resolvedTime: snapshot.now,
    impact,
    conditions: resolvedConditions(snapshot, summary),
  };
}

function others(count: number): string {
  if (count <= 0) return '';
  return count === 1 ? ' There is 1 more finding.' : ` There are ${count} more findings.`;
}

function podCounts(failing: number, total: number): DiagnosisStatus['pods'] {
  return { failing, total, summary: `${failing}/${total}` };
}
