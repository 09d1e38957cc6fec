// Keeps a log short: a subject is written of when there is something new to say, and of the same after longer and longer.

import { BoundedCache } from '../net/bounded-cache.ts';

const firstRestMs = 60_000;
const longestRestMs = 3_600_000;
const maxSubjects = 10_000;

type Written = { readonly text: string; readonly restMs: number; readonly untilMs: number };

export class RepeatLimit {
  readonly #nowMs: () => number;
  readonly #written: BoundedCache<Written>;

  /** `nowMs` gives milliseconds of a clock that is never set back. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#written = new BoundedCache(maxSubjects, nowMs);
  }

  /** Whether this is to be written now; it then counts as written. */
  allows(subject: string, text: string): boolean {
    const last = this.#written.get(subject);
    const isSame = last?.text === text;
    if (isSame && this.#nowMs() < last.untilMs) return false;
    const restMs = isSame ? Math.min(2 * last.restMs, longestRestMs) : firstRestMs;
    this.#written.set(subject, { text, restMs, untilMs: this.#nowMs() + restMs }, 2 * restMs);
    return true;
  }
}
