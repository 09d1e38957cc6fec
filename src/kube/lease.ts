// Leadership by a Lease object.

import type { KubeClient } from './client.ts';

export type LeaseOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Who we are; unique among all that compete. */
  readonly identity: string;
  readonly leaseSeconds?: number;
  readonly renewSeconds?: number;
  readonly retrySeconds?: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
  readonly random?: () => number;
};

export class Lease {
  readonly #options: LeaseOptions;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** Resolves when we lead, or when the signal fires. */
  async acquire(_signal: AbortSignal): Promise<void> {
    throw new Error(`not built yet ${this.#options.name}`);
  }

  /** Renews; resolves when leadership is lost or the signal fires. */
  async hold(_signal: AbortSignal): Promise<void> {}

  /** Gives leadership up, so that another need not wait. */
  async release(): Promise<void> {}
}
