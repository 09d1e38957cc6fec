// Leadership by a Lease object: at most one of the replicas that compete for it acts as the leader.
//
// Clocks of different machines are never compared. A replica observes the record by its own clock: a holder that has not
// renewed it for as long as it promised has lost it. The holder itself gives up well before that.

import { numberAt, objectAt, textOf } from '../engine/platform/data/field.ts';
import { Deadline } from '../net/deadline.ts';
import { pause } from '../net/backoff.ts';
import type { KubeClient } from './api/client.ts';
import { pathOf } from './api/discovery.ts';
import { KubeError } from './api/error.ts';

type LeaseOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Of this process; unique among all that compete. */
  readonly identity: string;
  /** Pause between renewals; default 5. Leadership is given up after two thirds without a success. */
  readonly renewSeconds?: number;
  /** Pause before a retry, and between reads of a lease that another holds; default 2, with jitter. */
  readonly retrySeconds?: number;
  /** Called with each failed attempt to read or write it. */
  readonly onTrouble?: (error: KubeError) => void;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
};

/** The Lease as it was last seen, and since when it looks like that. */
type ObservedLease = {
  readonly holder: string;
  readonly resourceVersion: string;
  readonly transitions: number;
  /** What the holder promised. */
  readonly leaseDurationMs: number;
  /** Changes with each renewal. */
  readonly renewal: string;
  readonly sinceMs: number;
};

const leaseApiVersion = 'coordination.k8s.io/v1';
/** Others wait for so long after our last renewal. */
const leaseMs = 15_000;
const promiseLimitMs = 600_000;
const releaseLimitMs = 2_000;

/** One competitor. Call `acquire`, then `hold`, then `acquire` again; `release` at the end. */
export class Lease {
  readonly #options: LeaseOptions;
  #seen: ObservedLease | undefined;
  /** When the last successful renewal was sent; undefined while another leads. */
  #heldMs: number | undefined;
  #trouble: string | undefined;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** Why it could not be read or written the last time; undefined when it could. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Resolves when we lead, or when the signal fires: check the signal. Failures are retried until then. */
  async acquire(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await this.#succeeds((s) => this.#take(s), leaseMs, signal)) return;
      await pause(this.#retryMs(), signal);
    }
  }

  /** Renews; resolves when leadership is lost or the signal fires. Afterwards act no more as the leader. */
  async hold(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#leftMs() > 0) {
      await pause(this.#untilRenewalMs(), signal);
      if (signal.aborted) return;
      const isRenewed = await this.#succeeds((s) => this.#renew(s), this.#leftMs(), signal);
      if (!isRenewed) await pause(Math.min(this.#retryMs(), this.#leftMs()), signal);
    }
    if (!signal.aborted) this.#heldMs = undefined;
  }

  /** Gives leadership up, so that another need not wait. Never rejects: at worst the lease runs out. */
  async release(): Promise<void> {
    if (this.#heldMs === undefined) return;
    this.#heldMs = undefined;
    await this.#succeeds(
      (s) => this.#writeOwn({ holderIdentity: '', leaseDurationSeconds: 1 }, s),
      releaseLimitMs,
      new AbortController().signal,
    );
  }

  async #take(signal: AbortSignal): Promise<boolean> {
    const sentMs = this.#now();
    const seen = await this.#readLease(signal);
    // Our own name is no reason to take it: another process may use the same.
    if (seen && seen.holder !== '' && this.#now() - seen.sinceMs < seen.leaseDurationMs) return false;
    const transitions = seen ? seen.transitions + 1 : 0;
    const spec = { ...this.#spec(), acquireTime: microTime(), leaseTransitions: transitions };
    if (seen) await this.#write(seen, spec, signal);
    else await this.#create(spec, signal);
    this.#heldMs = sentMs;
    return true;
  }

  async #renew(signal: AbortSignal): Promise<boolean> {
    const sentMs = this.#now();
    const isOurs = await this.#writeOwn(this.#spec(), signal);
    this.#heldMs = isOurs ? sentMs : undefined;
    return isOurs;
  }

  /** Writes what only the holder may write; false when another holds it. */
  async #writeOwn(spec: object, signal: AbortSignal): Promise<boolean> {
    if (!this.#seen) return false;
    try {
      return await this.#write(this.#seen, spec, signal);
    } catch (error) {
      if (!(error instanceof KubeError) || (error.code !== 'conflict' && error.code !== 'notFound'))
        throw error;
      // The answer to our own write may have been lost, or someone labelled it. Only who holds it now counts.
      const seen = await this.#readLease(signal);
      return seen?.holder === this.#options.identity && (await this.#write(seen, spec, signal));
    }
  }

  async #readLease(signal: AbortSignal): Promise<ObservedLease | undefined> {
    const lease = await this.#options.client.get(this.#path(this.#options.name), signal);
    return lease === undefined ? undefined : this.#remember(lease);
  }

  async #create(spec: object, signal: AbortSignal): Promise<void> {
    const { name, namespace, client } = this.#options;
    const body = { apiVersion: leaseApiVersion, kind: 'Lease', metadata: { name, namespace }, spec };
    this.#remember(await client.create(this.#path(), body, signal));
  }

  /** The server refuses it (409) when another has written since `seen`. */
  async #write(seen: ObservedLease, spec: object, signal: AbortSignal): Promise<boolean> {
    const body = { metadata: { resourceVersion: seen.resourceVersion }, spec };
    this.#remember(await this.#options.client.patch(this.#path(this.#options.name), body, signal));
    return true;
  }

  #remember(lease: unknown): ObservedLease {
    const { metadata, spec } = objectAt(lease);
    const { holderIdentity, renewTime } = objectAt(spec);
    const seconds = numberAt(spec, 'leaseDurationSeconds') ?? 0;
    const transitions = numberAt(spec, 'leaseTransitions') ?? 0;
    const mark = JSON.stringify([holderIdentity, renewTime, transitions]);
    this.#seen = {
      holder: textOf(holderIdentity),
      resourceVersion: textOf(metadata, 'resourceVersion'),
      transitions,
      leaseDurationMs: seconds > 0 ? Math.min(seconds * 1000, promiseLimitMs) : leaseMs,
      renewal: mark,
      sinceMs: this.#seen?.renewal === mark ? this.#seen.sinceMs : this.#now(),
    };
    return this.#seen;
  }

  /** False when the API server refused it or could not be reached; any other error is a bug and is thrown. */
  async #succeeds(
    work: (signal: AbortSignal) => Promise<boolean>,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    using deadline = new Deadline(signal, limitMs);
    try {
      const isDone = await work(deadline.signal);
      this.#trouble = undefined;
      return isDone;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      // Another replica was faster: that is how it should be.
      if (signal.aborted || error.code === 'conflict') return false;
      this.#trouble = error.message;
      this.#options.onTrouble?.(error);
      return false;
    }
  }

  #spec(): object {
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: leaseMs / 1000,
      renewTime: microTime(),
    };
  }

  #path(name?: string): string {
    const at = { apiVersion: leaseApiVersion, plural: 'leases', namespace: this.#options.namespace };
    return pathOf(name === undefined ? at : { ...at, name });
  }

  #leftMs(): number {
    return this.#heldMs === undefined ? 0 : this.#heldMs + (leaseMs * 2) / 3 - this.#now();
  }

  #untilRenewalMs(): number {
    const { renewSeconds = 5 } = this.#options;
    return Math.min((this.#heldMs ?? 0) + renewSeconds * 1000 - this.#now(), this.#leftMs());
  }

  #retryMs(): number {
    const { retrySeconds = 2 } = this.#options;
    return retrySeconds * 1000 * (1 + Math.random() / 2);
  }

  #now(): number {
    return (this.#options.now ?? (() => performance.now()))();
  }
}

/** For people to read; no decision uses it. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
