// Bounds what all pulls together may take: requests at a time, and bytes per minute.

import { setTimeout as sleep } from 'node:timers/promises';
import { RegistryError } from '../error.ts';

/** More than this many never wait. */
const waitingLimit = 1024;

/** A number of places, given out in the order in which they were asked for. */
export class Semaphore {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Waits for a place; call what it returns, once, to give it back. Throws when the signal fires before. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    let isMine = true;
    return () => {
      if (isMine) this.#giveBack();
      isMine = false;
    };
  }

  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= waitingLimit)
      throw new RegistryError('tooMany', `more than ${waitingLimit} requests to registries wait already`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#waiting.delete(resolve);
      reject(signal.reason);
    };
    this.#waiting.add(resolve);
    signal.addEventListener('abort', leave, { once: true });
    await promise.finally(() => signal.removeEventListener('abort', leave));
  }

  /** The place goes straight to who waits longest. */
  #giveBack(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

/** A bucket that holds a minute's worth of bytes and fills evenly; it may be overdrawn once, and is then waited for. */
export class TokenBucket {
  readonly #bytesPerMs: number;
  readonly #capacity: number;
  readonly #now: () => number;
  #left: number;
  #filledMs: number;

  /** 0 bytes per minute is no bound. */
  constructor(bytesPerMinute: number, now: () => number) {
    this.#bytesPerMs = bytesPerMinute / 60_000;
    this.#capacity = bytesPerMinute;
    this.#left = bytesPerMinute;
    this.#now = now;
    this.#filledMs = now();
  }

  /** Takes bytes, and waits until the bucket is no longer overdrawn. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.#bytesPerMs <= 0) return;
    const nowMs = this.#now();
    this.#left = Math.min(this.#capacity, this.#left + (nowMs - this.#filledMs) * this.#bytesPerMs);
    this.#filledMs = nowMs;
    this.#left -= bytes;
    if (this.#left < 0) await sleep(Math.ceil(-this.#left / this.#bytesPerMs), undefined, { signal });
  }
}
