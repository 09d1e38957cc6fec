// The queue holds keys, never events: a key that is added twice before it runs, runs once.

import PQueue from 'p-queue';

export type QueueOptions = {
  /** Reconciles one key. After a throw it is retried with backoff. */
  readonly run: (key: string, signal: AbortSignal) => Promise<void>;
  readonly workers: number;
  /** Least time between the end of one run of a key and the start of its next. */
  readonly restMs: number;
  /** A failed key that is added again waits `newsMs` from the end of its run, not the whole backoff. */
  readonly retry: { readonly firstMs: number; readonly mostMs: number; readonly newsMs: number };
  readonly onError: (key: string, error: unknown) => void;
  readonly random?: () => number;
};

type KeyState = {
  /** After a run a key rests; after a failed one it rests longer, and is then retried. */
  phase: 'waiting' | 'queued' | 'running' | 'resting';
  /** Added while it could not start: it starts as soon as it can. */
  isWanted: boolean;
  failures: number;
  rest?: { readonly timer: NodeJS.Timeout; readonly dueMs: number; readonly endedMs: number };
  /** A run that was asked for at a later time. */
  later?: { readonly timer: NodeJS.Timeout; readonly dueMs: number };
};

/** Runs each key at most once at a time, at most `workers` keys at once. */
export class KeyedQueue {
  readonly #options: QueueOptions;
  readonly #states = new Map<string, KeyState>();
  readonly #pool: PQueue;
  readonly #stop = new AbortController();

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#pool = new PQueue({ concurrency: options.workers });
  }

  /** Keys that wait for a worker. */
  get depth(): number {
    return this.#pool.size;
  }

  add(key: string): void {
    if (this.#stop.signal.aborted) return;
    const state = this.#stateOf(key);
    if (state.phase === 'waiting') return this.#enqueue(key, state);
    if (state.phase !== 'queued') state.isWanted = true;
    if (state.phase === 'resting') this.#shorten(key, state);
  }

  /** True of a key that was added while it runs or rests, and so runs again. */
  isWanted(key: string): boolean {
    return this.#states.get(key)?.isWanted === true;
  }

  /** Adds the key after a while, unless it is due sooner. */
  addAfter(key: string, waitMs: number): void {
    if (this.#stop.signal.aborted) return;
    const state = this.#stateOf(key);
    const boundMs = Math.min(Math.max(waitMs, 0), maxWaitMs);
    const dueMs = performance.now() + boundMs;
    if (state.later && state.later.dueMs <= dueMs) return;
    clearTimeout(state.later?.timer);
    const timer = setTimeout(() => {
      delete state.later;
      this.add(key);
    }, boundMs);
    state.later = { timer: timer.unref(), dueMs };
  }

  /** Ends the runs under way through their signal, and waits until they have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#pool.clear();
    await this.#pool.onIdle();
    for (const { rest, later } of this.#states.values()) {
      clearTimeout(rest?.timer);
      clearTimeout(later?.timer);
    }
    this.#states.clear();
  }

  #stateOf(key: string): KeyState {
    const known = this.#states.get(key);
    if (known) return known;
    const state: KeyState = { phase: 'waiting', isWanted: false, failures: 0 };
    this.#states.set(key, state);
    return state;
  }

  #enqueue(key: string, state: KeyState): void {
    clearTimeout(state.later?.timer);
    delete state.later;
    state.phase = 'queued';
    void this.#pool.add(() => this.#run(key, state));
  }

  async #run(key: string, state: KeyState): Promise<void> {
    state.phase = 'running';
    state.isWanted = false;
    try {
      await this.#options.run(key, this.#stop.signal);
      state.failures = 0;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      state.failures += 1;
      this.#options.onError(key, error);
    }
    state.phase = 'resting';
    const endedMs = performance.now();
    const waitMs = state.failures > 0 ? this.#retryMs(state.failures) : this.#options.restMs;
    this.#rest(key, state, { dueMs: endedMs + waitMs, endedMs });
    if (state.isWanted) this.#shorten(key, state);
  }

  #rest(key: string, state: KeyState, { dueMs, endedMs }: { dueMs: number; endedMs: number }): void {
    clearTimeout(state.rest?.timer);
    const timer = setTimeout(() => this.#wake(key, state), dueMs - performance.now()).unref();
    state.rest = { timer, dueMs, endedMs };
  }

  /** What made the last run fail may be over. */
  #shorten(key: string, state: KeyState): void {
    if (!state.rest || state.failures === 0) return;
    const { dueMs, endedMs } = state.rest;
    const newsDueMs = endedMs + this.#options.retry.newsMs;
    if (newsDueMs < dueMs) this.#rest(key, state, { dueMs: newsDueMs, endedMs });
  }

  #wake(key: string, state: KeyState): void {
    state.phase = 'waiting';
    if (state.isWanted || state.failures > 0) this.#enqueue(key, state);
    else if (!state.later) this.#states.delete(key);
  }

  #retryMs(failures: number): number {
    const { firstMs, mostMs } = this.#options.retry;
    const ceilingMs = Math.min(mostMs, firstMs * 2 ** (failures - 1));
    return ceilingMs * (0.5 + 0.5 * (this.#options.random ?? Math.random)());
  }
}

/** Timers of Node hold no more than 31 bits of milliseconds; an hour is long enough for any key. */
const maxWaitMs = 3_600_000;
