// Writes the status of a Diagnosis from what was found.

import type { DiagnosisStatus, NamespaceAdvice, RecordedFinding } from '../model/diagnosis.ts';
import type { Verdict } from '../model/finding.ts';
import type { Fix } from '../model/fix.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { failingConditions, resolvedConditions } from './conditions.ts';
import { withinSizeLimit } from './size-limit.ts';
import { impactAfter, impactOf } from './impact.ts';
import { chainWords, previousCauses } from './previous.ts';
import { recordedFinding } from './recorded-finding.ts';
import { sentence } from './sentence.ts';

/**
 * What the Diagnosis should say now. Failing where there are findings; Resolved, with the findings that were,
 * where there are none any more; undefined where there is nothing to say.
 */
export function diagnosisStatus(
  verdict: Verdict,
  planned: PlannedFix,
  snapshot: Snapshot,
): DiagnosisStatus | undefined {
  const findings = verdict.findings.map(recordedFinding);
  const [first] = findings;
  if (!first) return resolvedStatus(snapshot);
  return failingStatus([first, ...findings.slice(1)], verdict, planned, snapshot);
}

export type PlannedFix = { readonly fix?: Fix; readonly podSecurity?: NamespaceAdvice };

function failingStatus(
  findings: readonly [RecordedFinding, ...RecordedFinding[]],
  verdict: Verdict,
  { fix, podSecurity }: PlannedFix,
  snapshot: Snapshot,
): DiagnosisStatus {
  const { workload, recorded, now } = snapshot;
  const was = recorded?.status?.state === 'Failing' ? recorded.status : undefined;
  const previous = previousCauses(findings, snapshot);
  const summary = sentence(findings[0]) + others(findings.length - 1) + chainWords(previous, findings);
  const impact = impactOf(snapshot, verdict, was?.impact);
  return withinSizeLimit({
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
    ...(podSecurity && { podSecurity }),
    ...(fix && { fix }),
    ...(previous.length > 0 && { previous }),
    conditions: failingConditions(snapshot, verdict.findings, fix, summary),
  });
}

function resolvedStatus(snapshot: Snapshot): DiagnosisStatus | undefined {
  const was = snapshot.recorded?.status;
  if (!was || was.state === 'Resolved') return was;
  const summary = `No pod of ${was.workload} fails the check any more.`;
  const { fix: _fix, podSecurity: _asked, ...rest } = was;
  return {
    ...rest,
    observedGeneration: snapshot.recorded?.generation ?? 1,
    state: 'Resolved',
    summary,
    pods: podCounts(0, snapshot.podsTotal),
    resolvedTime: snapshot.now,
    impact: impactAfter(snapshot),
    conditions: resolvedConditions(snapshot, summary),
  };
}

function others(count: number): string {
  if (count <= 0) return '';
  return count === 1 ? ' One more container has a finding.' : ` There are ${count} more findings.`;
}

function podCounts(failing: number, total: number): DiagnosisStatus['pods'] {
  return { failing, total, summary: `${failing}/${total}` };
}
