// Keeps values for a while, at most so many: the least recently used are dropped first.

export class BoundedCache<Value> {
  readonly #limit: number;
  readonly #now: () => number;
  readonly #values = new Map<string, { readonly value: Value; readonly untilMs: number }>();

  /** `now` gives milliseconds of a monotonic clock. */
  constructor(limit: number, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  get(key: string): Value | undefined {
    const kept = this.#values.get(key);
    this.#values.delete(key);
    if (!kept || kept.untilMs <= this.#now()) return undefined;
    this.#values.set(key, kept);
    return kept.value;
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  /** A `lifeMs` of zero or less keeps nothing. */
  set(key: string, value: Value, lifeMs = Infinity): void {
    this.#values.delete(key);
    if (!(lifeMs > 0)) return;
    this.#values.set(key, { value, untilMs: this.#now() + lifeMs });
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#limit) break;
      this.#values.delete(oldest);
    }
  }
}
