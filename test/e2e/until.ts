// Waiting for a condition: asked again and again under a bound, and the last complaints are the failure.

import { setTimeout as delay } from 'node:timers/promises';

/** What still differs from what is wanted, one line each; empty means that all is well. */
export type Complaints = readonly string[];

type Probe = () => Complaints | Promise<Complaints>;

type Bounds = { readonly limitMs: number; readonly signal: AbortSignal; readonly everyMs?: number };

/** Asks until there is nothing to complain about; returns the complaints that were left when time ran out. */
export async function until(probe: Probe, { limitMs, signal, everyMs = 250 }: Bounds): Promise<Complaints> {
  const end = performance.now() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    const complaints = await probe();
    if (complaints.length === 0 || performance.now() > end) return complaints;
    await delay(everyMs, undefined, { signal });
  }
}

/** The same, for a step without which the rest makes no sense: throws what was left to complain about. */
export async function demand(what: string, probe: Probe, bounds: Bounds): Promise<void> {
  const complaints = await until(probe, bounds);
  if (complaints.length === 0) return;
  throw new Error(`${what}: not within ${Math.round(bounds.limitMs / 1000)} s: ${complaints.join('; ')}`);
}

/** Watches that a condition stays: the first complaints end it, and silence for the whole time is the good answer. */
export async function holds(probe: Probe, bounds: Bounds): Promise<Complaints> {
  const end = performance.now() + bounds.limitMs;
  while (performance.now() < end) {
    const complaints = await probe();
    if (complaints.length > 0) return complaints;
    await delay(bounds.everyMs ?? 250, undefined, { signal: bounds.signal });
  }
  return [];
}
