// Decides what to do about one workload: what should be recorded against what is.
//
//  found      recorded             then
//  ────────   ──────────────────   ────────────────────────────────────────────────────────────────
//  failing    nothing              create the Diagnosis, announce it, write its status
//  failing    no status yet        announce it, write the status
//  failing    NotReady, Resolved   announce it, write the status as a new failure
//  failing    Failing, same        nothing
//  failing    another's            make it the workload's own again, and then as above
//  failing    Failing, other       write the status, and announce another cause; where only numbers differ, or answers
//                                  are still awaited, not more often than countsSeconds
//  not ready  Failing              write NotReady, at once where it is proved, else after settleSeconds
//  not ready  NotReady, other      write the status, not more often than countsSeconds
//  ready      Failing, NotReady    wait for settleSeconds, then announce and write Resolved
//  quiet      Resolved             wait for keepResolvedSeconds, then remove it
//  quiet      no status            remove it: a write that was cut short
//  quiet      nothing              nothing
//  gone       anything             remove it
//  moved      anything             remove it: the Diagnosis of its owner takes over
//
// A failure is announced with its fix: while answers are awaited that may change it, for at most announceSeconds, the
// announcement waits.
//
// Announcements are left out while the workload is muted; the record is not.

import type { Action, Announcement, Plan } from '../model/action.ts';
import type { Diagnosis, DiagnosisStatus, RecordedFinding } from '../model/diagnosis.ts';
import type { Snapshot, Workload } from '../model/snapshot.ts';
import type { Time } from '../model/time.ts';
import type { WorkloadRef } from '../model/workload.ts';
import { diagnosisName, sha256Hex } from '../platform/kubernetes/diagnosis-name.ts';
import { isSame } from '../platform/data/same.ts';
import { announcementText } from '../report/announcement-text.ts';

export type Policy = {
  readonly settleSeconds: number;
  readonly keepResolvedSeconds: number;
  /** Least time between two writes that change only how many pods fail, and where, or that will soon be outdated. */
  readonly countsSeconds: number;
};

/** The longest that an announcement waits for its fix. */
const announceSeconds = 5;

const nothing: Plan = { actions: [] };

/** What is known of the judgement besides what it says. */
export type Judgement = {
  /** True while answers are awaited that will change what it says. */
  readonly isAsking?: boolean;
  /** True where it is proved, and not only no longer seen, that the recorded failure has passed. */
  readonly isProved?: boolean;
};

/**
 * @param status what the Diagnosis should say now: Failing where there are findings, NotReady or Resolved where there were
 *   some before, undefined where there is nothing to say
 */
export function plan(
  status: DiagnosisStatus | undefined,
  snapshot: Snapshot,
  policy: Policy,
  { isAsking = false, isProved = false }: Judgement = {},
): Plan {
  const { workload } = snapshot;
  if (!workload) return remove(snapshot);
  const present = { ...snapshot, workload };
  if (status?.state === 'Failing') return planFailing(status, present, policy, isAsking);
  const was = snapshot.recorded?.status;
  if (!was || !status || snapshot.movedTo) return remove(snapshot);
  if (was.state === 'Resolved') return planResolved(was, snapshot, policy);
  const quiet =
    status.state === 'NotReady'
      ? planNotReady(status, was, present, policy, isProved)
      : planReady(status, present, policy);
  const { unannouncedSince } = snapshot.remembered;
  if (unannouncedSince === undefined) return quiet;
  // A failure that has passed before it was announced was one all the same.
  return quiet.actions.length > 0
    ? { ...quiet, actions: [...announce('Diagnosed', was, present), ...quiet.actions] }
    : { ...quiet, unannouncedSince };
}

type PresentWorkload = Snapshot & { readonly workload: Workload };

function planFailing(
  status: DiagnosisStatus,
  snapshot: PresentWorkload,
  policy: Policy,
  isAsking: boolean,
): Plan {
  const { recorded, workload } = snapshot;
  const create: Action = { do: 'create', name: diagnosisName(workload.ref), workload: workload.ref };
  const made = isOwn(recorded, workload) ? [] : [create];
  const waitSeconds = secondsToWrite(status, snapshot, policy, isAsking);
  const { announced, unannouncedSince } = announceFailure(status, snapshot, isAsking);
  const requeues = [
    ...(waitSeconds === undefined || waitSeconds <= 0 ? [] : [waitSeconds]),
    ...(unannouncedSince === undefined
      ? []
      : [Math.max(1, remaining(unannouncedSince, announceSeconds, snapshot.now))]),
  ];
  return {
    actions: [...made, ...announced, ...(waitSeconds === 0 ? [written(status, snapshot)] : [])],
    ...(requeues.length > 0 && { requeueAfterSeconds: Math.min(...requeues) }),
    ...(unannouncedSince !== undefined && { unannouncedSince }),
  };
}

/** After which time it is to be written; undefined where nothing has changed. */
function secondsToWrite(
  status: DiagnosisStatus,
  { recorded, remembered, now }: PresentWorkload,
  policy: Policy,
  isAsking: boolean,
): number | undefined {
  const was = recorded?.status;
  if (was?.state !== 'Failing') return 0;
  if (isSame(withoutNeighbours(status), withoutNeighbours(was))) return undefined;
  const isMinor =
    (isAsking && isSame(status.findings.map(identityOf), was.findings.map(identityOf))) ||
    isSame(withoutCounts(status), withoutCounts(was));
  return isMinor ? Math.max(0, remaining(remembered.wroteTime, policy.countsSeconds, now)) : 0;
}

/** A new failure, and another cause than before, with the fix that belongs to it. */
function announceFailure(
  status: DiagnosisStatus,
  snapshot: PresentWorkload,
  isAsking: boolean,
): { readonly announced: readonly Action[]; readonly unannouncedSince?: Time } {
  const { remembered, now, mutedUntil } = snapshot;
  const isDue = isNews(status, snapshot) || remembered.unannouncedSince !== undefined;
  if (!isDue || mutedUntil) return { announced: [] };
  const { unannouncedSince = now } = remembered;
  const mayWait = isAsking && remaining(unannouncedSince, announceSeconds, now) > 0;
  return mayWait
    ? { announced: [], unannouncedSince }
    : { announced: announce('Diagnosed', status, snapshot) };
}

/** Also where the process that wrote the record may have ended before it announced it: doing it twice does no harm. */
function isNews(status: DiagnosisStatus, { recorded, remembered, now }: PresentWorkload): boolean {
  const was = recorded?.status;
  if (was?.state !== 'Failing' || firstCause(was) !== firstCause(status)) return true;
  return remembered.wroteTime === undefined && remaining(was.firstSeenTime, 4 * announceSeconds, now) > 0;
}

const firstCause = ({ findings: [first] }: DiagnosisStatus): string =>
  JSON.stringify([first?.cause, first?.container.name]);

/** One of an earlier object of that name, or of none, would not be collected with the workload. */
const isOwn = (recorded: Diagnosis | undefined, { ref }: Workload): boolean =>
  recorded !== undefined && (ref.uid === '' || (recorded.ownerUid ?? ref.uid) === ref.uid);

function planResolved(was: DiagnosisStatus, snapshot: Snapshot, policy: Policy): Plan {
  const waitSeconds = remaining(was.resolvedTime, policy.keepResolvedSeconds, snapshot.now);
  return waitSeconds > 0 ? { actions: [], requeueAfterSeconds: waitSeconds } : remove(snapshot);
}

function planNotReady(
  status: DiagnosisStatus,
  was: DiagnosisStatus,
  snapshot: PresentWorkload,
  policy: Policy,
  isProved: boolean,
): Plan {
  const { remembered, now } = snapshot;
  if (was.state === 'NotReady' && isSame(withoutCounts(status), withoutCounts(was))) return nothing;
  const waitSeconds =
    was.state === 'NotReady'
      ? remaining(remembered.wroteTime, policy.countsSeconds, now)
      : isProved
        ? 0
        : remaining(remembered.quietSince ?? now, policy.settleSeconds, now);
  return waitSeconds > 0
    ? { actions: [], requeueAfterSeconds: waitSeconds }
    : { actions: [written(status, snapshot)] };
}

function planReady(status: DiagnosisStatus, snapshot: PresentWorkload, policy: Policy): Plan {
  const { remembered, now } = snapshot;
  const waitSeconds = remaining(remembered.readySince ?? now, policy.settleSeconds, now);
  if (waitSeconds > 0) return { actions: [], requeueAfterSeconds: waitSeconds };
  return {
    actions: [...announce('Resolved', status, snapshot), written(status, snapshot)],
    requeueAfterSeconds: Math.max(1, policy.keepResolvedSeconds),
  };
}

const written = (status: DiagnosisStatus, { recorded, workload }: PresentWorkload): Action => ({
  do: 'writeStatus',
  name: recorded?.name ?? diagnosisName(workload.ref),
  namespace: workload.ref.namespace,
  status,
});

/**
 * Announced before it is written, under a name that another try finds taken: when the answer to a write is lost, the
 * next reconcile sees it done and would announce nothing.
 */
function announce(
  reason: Announcement['reason'],
  status: DiagnosisStatus,
  { recorded, mutedUntil, workload: { ref } }: PresentWorkload,
): readonly Action[] {
  if (mutedUntil) return [];
  const type = reason === 'Diagnosed' ? 'Warning' : 'Normal';
  const id = announcementId(reason, status, recorded?.status, ref);
  const message = announcementText(status, ref);
  return [{ do: 'announce', workload: ref, event: { type, reason, message, id } }];
}

/** From what was recorded before, and from what the failing pods have; not from the clock. */
function announcementId(
  reason: Announcement['reason'],
  status: DiagnosisStatus,
  was: DiagnosisStatus | undefined,
  { uid }: WorkloadRef,
): string {
  const since =
    reason === 'Diagnosed'
      ? [was?.resolvedTime, status.impact.stuckSince, firstCause(status)]
      : [was?.firstSeenTime];
  return sha256Hex(JSON.stringify([uid, reason, ...since])).slice(0, 16);
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
