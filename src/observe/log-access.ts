// Where logs may be read: crashed containers are looked for only there.

import { pause } from '../net/backoff.ts';
import { KubeError } from '../kube/api/error.ts';
import type { AccessReviews } from './access-reviews.ts';
import { logRight } from './ask/ask-log.ts';

export type LogAccessOptions = {
  readonly access: AccessReviews;
  /** Those that are watched; empty: all, by one watch. */
  readonly namespaces: readonly string[];
  /** False: nowhere, and no right is checked. */
  readonly isOn: boolean;
  /** Called when a right is first seen, and when it comes or goes; `namespace` '' stands for all. */
  readonly onChange: (namespace: string, isAllowed: boolean) => void;
  readonly everyMs?: number;
};

/** Longer than a review is remembered. */
const defaultEveryMs = 240_000;

/** What it does not know yet it takes for forbidden. */
export class LogAccess {
  readonly #options: LogAccessOptions;
  readonly #allowed = new Set<string>();

  constructor(options: LogAccessOptions) {
    this.#options = options;
  }

  /** @param namespace '' for the watch of all namespaces */
  mayRead(namespace: string): boolean {
    return this.#allowed.has(namespace);
  }

  /** What cannot be asked now stays as it was. */
  async check(signal: AbortSignal): Promise<void> {
    const { namespaces } = this.#options;
    await Promise.all((namespaces.length > 0 ? namespaces : ['']).map((one) => this.checkOne(one, signal)));
  }

  /** Checks again and again, so that a right that comes later is seen. Resolves when the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { isOn, everyMs = defaultEveryMs } = this.#options;
    if (!isOn) return;
    while (!signal.aborted) {
      await pause(everyMs, signal);
      await this.check(signal);
    }
  }

  /** @param namespace '' for the watch of all namespaces */
  async checkOne(namespace: string, signal: AbortSignal): Promise<void> {
    const { access, onChange, isOn } = this.#options;
    if (!isOn || signal.aborted) return;
    try {
      const isAllowed = await access.allows(logRight(namespace), signal);
      if (isAllowed === this.mayRead(namespace)) return;
      if (isAllowed) this.#allowed.add(namespace);
      else this.#allowed.delete(namespace);
      onChange(namespace, isAllowed);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
    }
  }
}
