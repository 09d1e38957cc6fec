// Remembers, for every broken workload, what only this process knows of it.

import type { Remembered } from '../engine/model/snapshot.ts';
import type { Time } from '../engine/model/time.ts';
import { present } from '../engine/platform/data/field.ts';
import { BoundedCache } from '../net/bounded-cache.ts';
import type { WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';

const maxWorkloads = 20_000;

type TrackedWorkload = {
  workload: WorkloadRef;
  /** Monotonic time at which something first pointed to it while it had no open diagnosis. */
  shownMs?: number;
  quietSince?: Time | undefined;
  readySince?: Time | undefined;
  wroteTime?: Time;
  unannouncedSince?: Time | undefined;
};

/** Bounded. An entry that had to go is made again from what the key says and what the watches hold. */
export class TrackedWorkloads {
  readonly #entries: BoundedCache<TrackedWorkload>;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number, most = maxWorkloads) {
    this.#nowMs = nowMs;
    this.#entries = new BoundedCache(most, nowMs);
  }

  /** Notes the workload behind a key; a later reference replaces an earlier one that had no uid, or another. */
  note(key: WorkloadKey, workload: WorkloadRef): void {
    const entry = this.#entries.get(key);
    if (entry && workload.uid !== '') entry.workload = workload;
    if (!entry) this.#entries.set(key, { workload });
  }

  workloadOf(key: WorkloadKey): WorkloadRef | undefined {
    return this.#entries.get(key)?.workload;
  }

  forget(key: WorkloadKey): void {
    this.#entries.delete(key);
  }

  /** Monotonic milliseconds. */
  nowMs(): number {
    return this.#nowMs();
  }

  /** Starts the clock of time_to_diagnosis, unless it runs already. */
  shown(key: WorkloadKey, shownMs: number): void {
    const entry = this.#entries.get(key);
    if (entry) entry.shownMs ??= shownMs;
  }

  /** What pointed to the one workload points to the other: so does the clock. */
  moveShown(from: WorkloadKey, to: WorkloadKey): void {
    const entry = this.#entries.get(from);
    if (entry?.shownMs !== undefined) this.shown(to, entry.shownMs);
    delete entry?.shownMs;
  }

  /** Milliseconds since it was first shown; stops that clock. */
  takeShownMs(key: WorkloadKey): number | undefined {
    const entry = this.#entries.get(key);
    if (entry?.shownMs === undefined) return undefined;
    const passedMs = this.#nowMs() - entry.shownMs;
    delete entry.shownMs;
    return passedMs;
  }

  remembered(key: WorkloadKey): Remembered {
    const { quietSince, readySince, wroteTime, unannouncedSince } = this.#entries.get(key) ?? {};
    return present({ quietSince, readySince, wroteTime, unannouncedSince });
  }

  remember(key: WorkloadKey, what: Learned): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    const { isQuiet, isReady, wrote, now, unannouncedSince } = what;
    if (isQuiet !== undefined) {
      entry.quietSince = since(isQuiet, entry.quietSince, now);
      entry.readySince = since(isQuiet && isReady, entry.readySince, now);
    }
    if (wrote) entry.wroteTime = now;
    if (isQuiet !== undefined) entry.unannouncedSince = unannouncedSince;
  }
}

/** A clock that was set back starts the time anew. */
const since = (holds: boolean, was: Time | undefined, now: Time): Time | undefined =>
  !holds ? undefined : was === undefined || was > now ? now : was;

/** What a reconcile has to remember. */
type Learned = {
  /** Whether nothing fails; undefined where it could not be decided, which changes nothing. */
  readonly isQuiet: boolean | undefined;
  readonly isReady: boolean;
  readonly wrote: boolean;
  readonly unannouncedSince: Time | undefined;
  readonly now: Time;
};
