// Bounds what one API group that is down, slow or broken may cost: an aggregated API, a conversion webhook.

import { BoundedCache } from '../net/bounded-cache.ts';
import { Deadline } from '../net/deadline.ts';
import { KubeError } from '../kube/api/error.ts';
import type { KubeErrorCode } from '../kube/api/error.ts';
import { groupOf, isBuiltIn } from '../engine/model/workload.ts';

export type ApiGroupsOptions = {
  /** Monotonic. */
  readonly nowMs: () => number;
  /** A group does not answer (`error`: how), or answers again. */
  readonly onChange?: (group: string, error: KubeError | undefined) => void;
  /** Bound on one read, its retries included. */
  readonly deadlineMs?: number;
};

const defaultDeadlineMs = 5_000;
const readsAtOnce = 2;
/** A read waits this long for another of the same group; a worker that waited longer would be missing elsewhere. */
const slotMs = 250;
const restMs = { first: 1_000, most: 30_000 };
/** Trouble that has lasted so long is taken to last. */
const lastingMs = 30_000;
const maxGroups = 1_000;

type Trouble = { readonly sinceMs: number; failures: number; restUntilMs: number; error: KubeError };

type GroupState = { running: number; readonly waiting: Set<() => void>; trouble?: Trouble };

export class ApiGroups {
  readonly #options: ApiGroupsOptions;
  readonly #states: BoundedCache<GroupState>;

  constructor(options: ApiGroupsOptions) {
    this.#options = options;
    this.#states = new BoundedCache(maxGroups, options.nowMs);
  }

  /**
   * What the read of an object of this group comes to; `lastingTrouble` when the group has not answered for a while.
   *
   * @throws KubeError, at once while the group rests after a failure
   */
  async read<T>(
    apiVersion: string,
    read: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | 'lastingTrouble'> {
    if (isBuiltIn({ apiVersion })) return read(signal);
    const group = groupOf(apiVersion);
    const state = this.#stateOf(group);
    const patienceMs = performance.now() + slotMs;
    while (isFull(state) && performance.now() < patienceMs) await change(state, patienceMs);
    const refusal = this.#refusalOf(group, state);
    if (refusal) return this.#unlessLasting(state, refusal);
    state.running += 1;
    try {
      const value = await this.#within(read, signal);
      this.#recovered(group, state);
      return value;
    } catch (error) {
      if (!isTroubleOfGroup(error)) {
        if (error instanceof KubeError && !error.temporary && error.code !== 'aborted')
          this.#recovered(group, state);
        throw error;
      }
      this.#failed(group, state, error);
      return this.#unlessLasting(state, troubleOf(group, error.code, error.message));
    } finally {
      state.running -= 1;
      for (const wake of state.waiting) wake();
    }
  }

  async #within<T>(read: (signal: AbortSignal) => Promise<T>, signal: AbortSignal) {
    using deadline = new Deadline(signal, this.#options.deadlineMs ?? defaultDeadlineMs);
    try {
      return await read(deadline.signal);
    } catch (error) {
      if (!deadline.hasPassed) throw error;
      throw new KubeError('timeout', 'no answer in time', { cause: error });
    }
  }

  #unlessLasting(state: GroupState, error: KubeError): 'lastingTrouble' {
    const sinceMs = state.trouble?.sinceMs ?? Infinity;
    if (this.#options.nowMs() - sinceMs >= lastingMs) return 'lastingTrouble';
    throw error;
  }

  /** In trouble one read at a time finds out whether it is over. */
  #refusalOf(group: string, { running, trouble }: GroupState): KubeError | undefined {
    if (!trouble)
      return running < readsAtOnce ? undefined : troubleOf(group, 'tooManyRequests', 'other reads take long');
    if (running === 0 && this.#options.nowMs() >= trouble.restUntilMs) return undefined;
    return troubleOf(group, trouble.error.code, trouble.error.message);
  }

  #failed(group: string, state: GroupState, error: KubeError): void {
    const nowMs = this.#options.nowMs();
    const { failures, sinceMs } = state.trouble ?? { failures: 0, sinceMs: nowMs };
    const waitMs = Math.min(restMs.most, restMs.first * 2 ** failures);
    if (!state.trouble) this.#options.onChange?.(group, error);
    state.trouble = { sinceMs, failures: failures + 1, restUntilMs: nowMs + waitMs, error };
  }

  #recovered(group: string, state: GroupState): void {
    if (!state.trouble) return;
    delete state.trouble;
    this.#options.onChange?.(group, undefined);
  }

  #stateOf(group: string): GroupState {
    const known = this.#states.get(group);
    if (known) return known;
    const state: GroupState = { running: 0, waiting: new Set() };
    this.#states.set(group, state);
    return state;
  }
}

const troubleOf = (apiGroup: string, code: KubeErrorCode, reason: string): KubeError =>
  new KubeError(code, `API group ${apiGroup} is in trouble: ${reason}`, { apiGroup });

const isFull = ({ trouble, running }: GroupState): boolean => !trouble && running >= readsAtOnce;

/** Resolves when another read has ended, at the latest at that time. */
async function change({ waiting }: GroupState, latestMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, latestMs - performance.now());
  waiting.add(resolve);
  await promise;
  clearTimeout(timer);
  waiting.delete(resolve);
}

/** An API server that cannot be reached at all is not the trouble of one group. */
function isTroubleOfGroup(error: unknown): error is KubeError {
  return error instanceof KubeError && error.temporary && error.code !== 'unreachable';
}
