// One collection in one namespace, watched: whether its first list is in, what is wrong with it, and how fresh it is.

import type { Transport } from '../kube/api/transport.ts';
import { Reflector } from '../kube/watch/reflector.ts';
import type { RestartReason } from '../kube/watch/watcher.ts';
import {
  collectionPath,
  needlesOf,
  pageSize,
  type Collection,
  type Observation,
} from '../observe/collections.ts';

type CollectionWatchOptions = {
  readonly transport: Transport;
  readonly collection: Collection;
  /** '' for all of them. */
  readonly namespace: string;
  /** Whether crashed containers are looked for. It may change at any time. */
  readonly showsCrashes: () => boolean;
  readonly silenceMs: number;
  readonly onChange: (id: string, now: Observation | undefined, before: Observation | undefined) => void;
  readonly onRestart: (reason: RestartReason, detail: string) => void;
  readonly onException: (error: unknown) => void;
};

/** These last until a person does something. */
const refusals: ReadonlySet<RestartReason> = new Set(['forbidden', 'unauthorized', 'rejected']);

export class CollectionWatch {
  readonly #options: CollectionWatchOptions;
  readonly #reflector: Reflector<Observation>;
  readonly #answered = Promise.withResolvers<void>();
  #trouble: { readonly reason: RestartReason; readonly detail: string } | undefined;
  #lastChangeMs: number | undefined;

  constructor(options: CollectionWatchOptions) {
    const { transport, collection, namespace, showsCrashes, silenceMs } = options;
    const { query, decode } = collection;
    this.#options = options;
    this.#reflector = new Reflector({
      transport,
      path: collectionPath(collection, namespace),
      ...(query && { query }),
      needles: () => needlesOf(collection, showsCrashes()),
      decode: (object) => decode(object, showsCrashes()),
      silenceMs,
      pageSize,
      onChange: options.onChange,
      onSynced: () => this.#answered.resolve(),
      onRestart: (reason, detail) => this.#noteRestart(reason, detail),
      onException: options.onException,
      onOpen: () => {
        this.#trouble = undefined;
      },
      onProgress: () => this.#noteProgress(),
    });
  }

  get kind(): Collection['kind'] {
    return this.#options.collection.kind;
  }

  get namespace(): string {
    return this.#options.namespace;
  }

  get hasSynced(): boolean {
    return this.#reflector.hasSynced;
  }

  /** Resolves with the first answer, good or bad. */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  /** Wall clock; undefined before it runs. */
  get lastChangeMs(): number | undefined {
    return this.#lastChangeMs;
  }

  /** Resolves when the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    this.#lastChangeMs = Date.now();
    await this.#reflector.run(signal);
    this.#answered.resolve();
  }

  /** A sentence about what keeps it from being read; undefined when nothing does, or nothing that lasts. */
  problem(): string | undefined {
    const { collection, namespace } = this.#options;
    const isRefused = this.#trouble !== undefined && refusals.has(this.#trouble.reason);
    const where = `of kind ${collection.kind} in ${namespace === '' ? 'all namespaces' : `namespace ${namespace}`}`;
    const what = this.hasSynced ? `The watch ${where}` : `The first list ${where}`;
    if (!this.#trouble) return this.hasSynced ? undefined : `${what} is not in yet.`;
    if (this.hasSynced && !isRefused && this.#trouble.reason !== 'garbage') return undefined;
    const { reason, detail } = this.#trouble;
    const hint = isRefused && collection.hint ? ` ${collection.hint}` : '';
    return `${what} ${isRefused ? 'is refused' : 'fails'}: ${reason}: ${detail}.${hint}`;
  }

  #noteRestart(reason: RestartReason, detail: string): void {
    // The normal end of a watch is no trouble, and says nothing about trouble that there was.
    if (reason !== 'ended') this.#trouble = { reason, detail };
    this.#answered.resolve();
    this.#options.onRestart(reason, detail);
  }

  #noteProgress(): void {
    this.#trouble = undefined;
    this.#lastChangeMs = Date.now();
  }
}
