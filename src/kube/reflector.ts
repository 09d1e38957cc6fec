// Keeps what matters of one collection in memory: lists it, watches it, and starts again whatever happens.

import type { Backoff } from './backoff.ts';
import type { Transport } from './transport.ts';

export type RestartReason =
  | 'ended'
  | 'gone'
  | 'reset'
  | 'cut'
  | 'silence'
  | 'garbage'
  | 'tooLong'
  | 'badObject'
  | 'throttled'
  | 'serverError'
  | 'unauthorized'
  | 'forbidden'
  | 'rejected'
  | 'timeout'
  | 'tls'
  | 'unreachable';

export type ReflectorOptions<T> = {
  readonly transport: Transport;
  /** `/api/v1/pods`, or the same of one namespace. */
  readonly path: string;
  /** Added to every request: `fieldSelector`, `labelSelector`. */
  readonly query?: Readonly<Record<string, string>>;
  /** Label for metrics. */
  readonly kind: string;
  /** An object without any of these in its JSON is not looked at; plain ASCII that JSON does not escape. */
  readonly needles?: readonly string[];
  /** What to keep of an object; undefined when it is of no interest. */
  readonly decode: (object: unknown) => T | undefined;
  readonly onChange: (id: string, now: T | undefined, before: T | undefined) => void;
  readonly onSynced?: () => void;
  readonly onRestart?: (reason: RestartReason) => void;
  readonly onProgress?: () => void;
  readonly pageSize?: number;
  readonly silenceMs?: number;
  readonly watchSeconds?: number;
  readonly backoff?: Partial<Backoff>;
  readonly random?: () => number;
};

export class Reflector<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #store = new Map<string, { readonly value: T }>();

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  get hasSynced(): boolean {
    return false;
  }

  get size(): number {
    return this.#store.size;
  }

  get(id: string): T | undefined {
    return this.#store.get(id)?.value;
  }

  *values(): Iterable<T> {
    for (const { value } of this.#store.values()) yield value;
  }

  /** Lists and watches until the signal fires; never rejects, never stops by itself. */
  async run(_signal: AbortSignal): Promise<void> {
    throw new Error(`not built yet ${this.#options.path}`);
  }
}
