// Bounds what all pulls together may take: requests to a host at a time, and bytes per minute.

import { setTimeout as sleep } from 'node:timers/promises';
import PQueue from 'p-queue';
import { RegistryError } from '../error.ts';

/** More requests than this do not wait: the next one fails. */
const waitingLimit = 1024;

/** Lets so many requests to one host run at a time, in the order in which they came: a slow one holds up no other. */
export class RequestSlots {
  readonly #count: number;
  readonly #queues = new Map<string, PQueue>();

  constructor(count: number) {
    this.#count = count;
  }

  /** Waits for a slot; call what it returns to give it back. Throws when the signal fires before. */
  async take(host: string, signal: AbortSignal): Promise<() => void> {
    const queue = this.#queueOf(host);
    if (queue.size >= waitingLimit)
      throw new RegistryError('tooMany', `more than ${waitingLimit} requests to ${host} wait already`);
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    return await new Promise((resolve, reject) => {
      const hold = async (): Promise<void> => {
        resolve(leave);
        await left;
        // The last one.
        if (queue.size === 0 && queue.pending === 1) this.#queues.delete(host);
      };
      queue.add(hold, { signal }).catch(reject);
    });
  }

  #queueOf(host: string): PQueue {
    const known = this.#queues.get(host);
    if (known) return known;
    const queue = new PQueue({ concurrency: this.#count });
    this.#queues.set(host, queue);
    return queue;
  }
}

/** A bucket that holds a minute's worth of bytes and fills evenly; it may be overdrawn once, and is then waited for. */
export class TokenBucket {
  readonly #bytesPerMinute: number;
  readonly #now: () => number;
  #left: number;
  #filledMs: number;

  /** 0 bytes per minute means unlimited. The clock is monotonic: with the wall clock, an hour back is an hour's wait. */
  constructor(bytesPerMinute: number, now: () => number = () => performance.now()) {
    this.#bytesPerMinute = bytesPerMinute;
    this.#left = bytesPerMinute;
    this.#now = now;
    this.#filledMs = now();
  }

  /** Takes bytes, and waits until the bucket is no longer overdrawn. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.#bytesPerMinute <= 0) return;
    const bytesPerMs = this.#bytesPerMinute / 60_000;
    const nowMs = this.#now();
    this.#left = Math.min(this.#bytesPerMinute, this.#left + (nowMs - this.#filledMs) * bytesPerMs);
    this.#filledMs = nowMs;
    this.#left -= bytes;
    if (this.#left < 0) await sleep(Math.ceil(-this.#left / bytesPerMs), undefined, { signal });
  }
}
