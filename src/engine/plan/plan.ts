// Decides what to do about one workload: what should be recorded against what is.
//
//  found     recorded            then
//  ───────   ─────────────────   ──────────────────────────────────────────────────────────────────
//  failing   nothing             create the Diagnosis, announce it, write its status
//  failing   no status yet       announce it, write the status
//  failing   Resolved            announce it, write the status as a new failure
//  failing   Failing, same       nothing
//  failing   another's           make it the workload's own again, and then as above
//  failing   Failing, other      write the status; where only numbers differ, or answers are still awaited, not more
//                                often than countsSeconds
//  quiet     Failing             wait for settleSeconds, then announce and write Resolved
//  quiet     Resolved            wait for keepResolvedSeconds, then remove it
//  quiet     no status           remove it: a write that was cut short
//  quiet     nothing             nothing
//  gone      anything            remove it
//  moved     anything            remove it: the Diagnosis of its owner takes over
//
// Announcements are left out while the workload is muted; the record is not.

import type { Action, Plan } from '../model/action.ts';
import type { Diagnosis, DiagnosisStatus, RecordedFinding } from '../model/diagnosis.ts';
import type { Snapshot, Workload } from '../model/snapshot.ts';
import type { Time } from '../model/time.ts';
import { diagnosisName, sha256Hex } from '../platform/kubernetes/diagnosis-name.ts';
import { isSame } from '../platform/data/same.ts';

export type Policy = {
  readonly settleSeconds: number;
  readonly keepResolvedSeconds: number;
  /** Least time between two writes that change only how many pods fail, and where, or that will soon be outdated. */
  readonly countsSeconds: number;
};

const nothing: Plan = { actions: [] };

/**
 * @param status what the Diagnosis should say now: Failing where there are findings, Resolved where there were
 *   some before, undefined where there is nothing to say
 * @param isAsking true while answers are awaited that will change what it says
 */
export function plan(
  status: DiagnosisStatus | undefined,
  snapshot: Snapshot,
  policy: Policy,
  isAsking = false,
): Plan {
  const { workload } = snapshot;
  if (!workload) return remove(snapshot);
  const present = { ...snapshot, workload };
  return status?.state === 'Failing'
    ? planFailing(status, present, policy, isAsking)
    : planQuiet(status, present, policy);
}

type PresentWorkload = Snapshot & { readonly workload: Workload };

function planFailing(
  status: DiagnosisStatus,
  snapshot: PresentWorkload,
  policy: Policy,
  isAsking: boolean,
): Plan {
  const { recorded, workload } = snapshot;
  const was = recorded?.status;
  const create: Action = { do: 'create', name: diagnosisName(workload.ref), workload: workload.ref };
  const made = isOwn(recorded, workload) ? [] : [create];
  if (was?.state !== 'Failing') return { actions: [...made, ...write(status, snapshot, 'Diagnosed')] };
  if (isSame(withoutNeighbours(status), withoutNeighbours(was))) return { actions: made };
  const waitSeconds =
    (isAsking && isSame(status.findings.map(identityOf), was.findings.map(identityOf))) ||
    isSame(withoutCounts(status), withoutCounts(was))
      ? remaining(snapshot.remembered.wroteTime, policy.countsSeconds, snapshot.now)
      : 0;
  if (waitSeconds > 0) return { actions: made, requeueAfterSeconds: waitSeconds };
  return { actions: [...made, ...write(status, snapshot)] };
}

/** One of an earlier object of that name, or of none, would not be collected with the workload. */
const isOwn = (recorded: Diagnosis | undefined, { ref }: Workload): boolean =>
  recorded !== undefined && (ref.uid === '' || (recorded.ownerUid ?? ref.uid) === ref.uid);

function planQuiet(status: DiagnosisStatus | undefined, snapshot: PresentWorkload, policy: Policy): Plan {
  const was = snapshot.recorded?.status;
  if (!was || !status || snapshot.movedTo) return remove(snapshot);
  if (was.state === 'Resolved') {
    const waitSeconds = remaining(was.resolvedTime, policy.keepResolvedSeconds, snapshot.now);
    return waitSeconds > 0 ? { actions: [], requeueAfterSeconds: waitSeconds } : remove(snapshot);
  }
  const quietSince = snapshot.remembered.quietSince ?? snapshot.now;
  const waitSeconds = remaining(quietSince, policy.settleSeconds, snapshot.now);
  if (waitSeconds > 0) return { actions: [], requeueAfterSeconds: waitSeconds };
  return {
    actions: write(status, snapshot, 'Resolved'),
    requeueAfterSeconds: Math.max(1, policy.keepResolvedSeconds),
  };
}

/**
 * Announced before it is written, under a name that another try finds taken: when the answer to a write is lost, the
 * next reconcile sees it done and would announce nothing.
 */
function write(
  status: DiagnosisStatus,
  { recorded, mutedUntil, workload }: PresentWorkload,
  reason?: 'Diagnosed' | 'Resolved',
): readonly Action[] {
  const name = recorded?.name ?? diagnosisName(workload.ref);
  const { namespace } = workload.ref;
  const written: Action = { do: 'writeStatus', name, namespace, status };
  if (!reason || mutedUntil) return [written];
  const type = reason === 'Diagnosed' ? 'Warning' : 'Normal';
  const id = announcementId(reason, status, recorded?.status, workload);
  return [
    { do: 'announce', workload: workload.ref, event: { type, reason, message: status.summary, id } },
    written,
  ];
}

/** From what was recorded before, and from what the failing pods have; not from the clock. */
function announcementId(
  reason: 'Diagnosed' | 'Resolved',
  { impact }: DiagnosisStatus,
  was: DiagnosisStatus | undefined,
  { ref }: Workload,
): string {
  const since = reason === 'Diagnosed' ? [was?.resolvedTime, impact.stuckSince] : [was?.firstSeenTime];
  return sha256Hex(JSON.stringify([ref.uid, reason, ...since])).slice(0, 16);
}

function remove({ recorded }: Snapshot): Plan {
  return recorded
    ? { actions: [{ do: 'remove', name: recorded.name, namespace: recorded.namespace }] }
    : nothing;
}

const identityOf = ({ cause, container, message }: RecordedFinding): readonly unknown[] => [
  cause,
  container,
  message,
];

/** That others have the same image is good to know, and no reason to write: each of them would rewrite all the others. */
function withoutNeighbours({ impact: { sameImage: _others, ...impact }, ...rest }: DiagnosisStatus): unknown {
  return { ...rest, impact };
}

/** What a person acts on: everything but how many pods fail, and where. */
function withoutCounts({ pods: _pods, impact: _impact, ...rest }: DiagnosisStatus): unknown {
  return rest;
}

function remaining(since: Time | undefined, waitSeconds: number, now: Time): number {
  if (since === undefined) return 0;
  const passedSeconds = (Date.parse(now) - Date.parse(since)) / 1000;
  return Number.isNaN(passedSeconds) ? 0 : Math.ceil(Math.min(waitSeconds, waitSeconds - passedSeconds));
}
