// How long to wait before the next attempt: exponential, with full jitter.

import { setTimeout as sleep } from 'node:timers/promises';

export const defaultBackoff = {
  /** Upper bound of the first wait; it doubles with each failure. */
  baseMs: 500,
  /** No wait is longer, for a server that answers but refuses. */
  capMs: 30_000,
  /** The same where no server answers: a refused connection costs nothing, and an early return is worth a lot. */
  unreachableCapMs: 2_000,
};

/** Milliseconds before the attempt that follows `failures` failures in a row; `chance` is uniform in [0, 1). */
export function delayOf(baseMs: number, capMs: number, failures: number, chance: number): number {
  if (failures <= 0) return 0;
  const ceilingMs = Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return Math.floor(chance * ceilingMs);
}

/** Resolves after that time, or as soon as the signal fires: the caller checks the signal next. */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  if (delayMs <= 0 || signal.aborted) return;
  await sleep(delayMs, undefined, { signal }).catch(() => undefined);
}
