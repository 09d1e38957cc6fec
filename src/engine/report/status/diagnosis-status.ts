// Writes the status of a Diagnosis from what was found.

import type { DiagnosisStatus, RecordedFinding, RecordedFix } from '../../model/diagnosis.ts';
import type { Finding, Verdict, WorkloadReadiness } from '../../model/finding.ts';
import type { PlannedFix } from '../../fix/patch/patch-fix.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { present } from '../../platform/data/field.ts';
import { failingConditions, notReadyConditions, resolvedConditions } from './conditions.ts';
import { impactAfter, impactOf } from './impact.ts';
import { chainWords, previousCauses } from './previous.ts';
import { printableStatus } from './printable-status.ts';
import { readinessSentence } from './readiness-sentence.ts';
import { recordedFinding } from './recorded-finding.ts';
import { recordedFix } from './recorded-fix.ts';
import { sentence } from '../sentence.ts';
import { withinSizeLimit } from './size-limit.ts';

/**
 * What the Diagnosis should say now. Failing where there are findings; where there are none any more, NotReady until the
 * workload works, and then Resolved; undefined where nothing was ever found.
 */
export function diagnosisStatus(
  { verdict, readiness }: { readonly verdict: Verdict; readonly readiness: WorkloadReadiness },
  { podSecurity, ...planned }: Omit<PlannedFix, 'questions'>,
  snapshot: Snapshot,
): DiagnosisStatus | undefined {
  const [first, ...more] = verdict.findings.map(recordedFinding);
  const fix = fixIn(planned, verdict.findings, snapshot);
  if (!first) return quietStatus(readiness, fix, snapshot);
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
    pods: podCounts(verdict.failingPods, snapshot.podsTotal, wantedInstead(snapshot)),
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

/** What a closed Diagnosis says stays as it is; an open one says whether the workload works by now. */
function quietStatus(
  readiness: WorkloadReadiness,
  fix: RecordedFix | undefined,
  snapshot: Snapshot,
): DiagnosisStatus | undefined {
  const was = snapshot.recorded?.status;
  if (!was || was.state === 'Resolved') return was;
  return readiness.isReady ? resolvedStatus(was, snapshot) : notReadyStatus(was, readiness, fix, snapshot);
}

/** Names no image, container or pod that has failed, since none of them needs to be there any more. */
function notReadyStatus(
  was: DiagnosisStatus,
  readiness: WorkloadReadiness,
  fix: RecordedFix | undefined,
  snapshot: Snapshot,
): DiagnosisStatus {
  const { desired, ready } = readiness;
  const summary = readinessSentence(readiness);
  const { fix: _fix, podSecurity: _asked, resolvedTime: _ended, ...rest } = was;
  const previous = previousCauses([], snapshot);
  return printableStatus({
    ...rest,
    observedGeneration: snapshot.recorded?.generation ?? 1,
    state: 'NotReady',
    summary,
    pods: podCounts(0, snapshot.podsTotal),
    findings: [],
    impact: present({ desired, ready, nodes: [] }),
    ...(fix && { fix }),
    ...(previous.length > 0 && { previous }),
    conditions: notReadyConditions(snapshot, summary),
  });
}

function resolvedStatus(was: DiagnosisStatus, snapshot: Snapshot): DiagnosisStatus {
  const impact = impactAfter(snapshot);
  const { desired, ready } = impact;
  const readiness = desired === undefined || ready === undefined ? '' : `; ${ready} of ${desired} ready`;
  const summary =
    snapshot.podsTotal === 0 ? `No failing pods${readiness}.` : `All pods pass the check${readiness}.`;
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

function podCounts(failing: number, total: number, wanted?: number): DiagnosisStatus['pods'] {
  const summary = wanted === undefined ? `${failing}/${total}` : `0/${wanted} created`;
  return { failing, total, summary };
}

/** How many pods are wanted where none may be created: `0/0` would look as if nothing were amiss. */
function wantedInstead({ podsTotal, workload }: Snapshot): number | undefined {
  return podsTotal === 0 && workload?.desired ? workload.desired : undefined;
}
