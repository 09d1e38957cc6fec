// The watches of every collection in every namespace. Each runs for itself: one that fails is reported, and stops no other.

import type { Transport } from '../kube/api/transport.ts';
import type { RestartReason } from '../kube/watch/watcher.ts';
import { collections, type Observation } from '../observe/collections.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Freshness, Metrics } from '../telemetry/metrics.ts';
import type { RepeatLimit } from '../telemetry/repeat-limit.ts';
import { CollectionWatch } from './collection-watch.ts';
import { errorFields } from './error-fields.ts';

export type WatchSetOptions = {
  readonly transport: Transport;
  /** Empty: all namespaces, by one watch of each collection. */
  readonly namespaces: readonly string[];
  /** Whether crashed containers are looked for; `namespace` '' in the watch of all. */
  readonly showsCrashes: (namespace: string) => boolean;
  /** Awaited in each namespace before anything but records is watched there. */
  readonly prepare: (namespace: string, signal: AbortSignal) => Promise<void>;
  readonly silenceMs: number;
  readonly onChange: (id: string, now: Observation | undefined, before: Observation | undefined) => void;
  readonly metrics: Pick<Metrics, 'watchRestarts' | 'objectsSkipped'>;
  readonly log: Logger;
  readonly repeats: RepeatLimit;
};

/** Each namespace costs a connection for each collection. */
const maxNamespaces = 1_000;

/** What the API server or the network does to every client now and then. */
const usual: ReadonlySet<RestartReason> = new Set([
  'ended',
  'gone',
  'reset',
  'cut',
  'silence',
  'throttled',
  'unreachable',
]);

/** Watches that are open at once. */
export const watchCount = (namespaces: readonly string[]): number =>
  collections.length * Math.max(1, namespaces.length);

export class WatchSet {
  readonly #options: WatchSetOptions;
  readonly #watches: ReadonlyMap<string, readonly CollectionWatch[]>;

  /** @throws Error when there are too many namespaces to be watched one by one */
  constructor(options: WatchSetOptions) {
    this.#options = options;
    const { namespaces } = options;
    if (namespaces.length > maxNamespaces)
      throw new Error(
        `--namespaces lists ${namespaces.length} namespaces, and at most ${maxNamespaces} can be watched one by one. ` +
          'Leave the flag out to watch all namespaces.',
      );
    const scopes = namespaces.length > 0 ? namespaces : [''];
    this.#watches = new Map(scopes.map((namespace) => [namespace, this.#watchesIn(namespace)]));
  }

  /** Resolves when the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    const running = [...this.#watches].map(([namespace, watches]) => this.#runIn(namespace, watches, signal));
    await Promise.all(this.#all().map((watch) => watch.answered));
    if (!signal.aborted) log.info({ unread: this.problems().length }, 'watching');
    await Promise.all(running);
  }

  /** A sentence for each watch that lacks its first list, or is refused. */
  problems(): readonly string[] {
    return this.#all().flatMap((watch) => watch.problem() ?? []);
  }

  /** Whether every record of a namespace was handed on. */
  hasRecords(namespace: string): boolean {
    const watches = this.#watches.get(namespace) ?? this.#watches.get('') ?? [];
    return watches.some(({ kind, hasSynced }) => kind === 'Diagnosis' && hasSynced);
  }

  *freshness(): Generator<Freshness> {
    for (const { kind, lastChangeMs } of this.#all())
      if (lastChangeMs !== undefined) yield { kind, seconds: lastChangeMs / 1000 };
  }

  #all(): readonly CollectionWatch[] {
    return [...this.#watches.values()].flat();
  }

  /** Records before all others, so that what is known is noted before there is news; but no longer than one answer takes. */
  async #runIn(namespace: string, watches: readonly CollectionWatch[], signal: AbortSignal): Promise<void> {
    const [records, ...others] = watches;
    const running = records?.run(signal);
    await Promise.all([records?.answered, this.#options.prepare(namespace, signal)]);
    await Promise.all([running, ...others.map((watch) => watch.run(signal))]);
  }

  #watchesIn(namespace: string): readonly CollectionWatch[] {
    const { transport, silenceMs, onChange, showsCrashes } = this.#options;
    return collections.map((collection) => {
      const { kind } = collection;
      return new CollectionWatch({
        transport,
        collection,
        namespace,
        silenceMs,
        onChange,
        showsCrashes: () => showsCrashes(namespace),
        onRestart: (reason, detail) => this.#noteRestart({ kind, namespace, reason, detail }),
        onException: (error) => this.#noteException(kind, error),
      });
    });
  }

  #noteRestart(restart: {
    readonly kind: string;
    readonly namespace: string;
    readonly reason: RestartReason;
    readonly detail: string;
  }): void {
    const { metrics, log, repeats } = this.#options;
    const { kind, namespace, reason, detail } = restart;
    metrics.watchRestarts.inc({ kind, reason });
    const isWorthIt = !usual.has(reason) && repeats.allows(`${kind} in ${namespace}`, `${reason} ${detail}`);
    log[isWorthIt ? 'warn' : 'debug'](
      { ...restart, namespace: namespace || 'all' },
      'watch failed, retried with backoff',
    );
  }

  #noteException(kind: string, error: unknown): void {
    const { metrics, log, repeats } = this.#options;
    metrics.objectsSkipped.inc({ kind, reason: 'exception' });
    if (repeats.allows(`exception ${kind} ${String(error)}`, ''))
      log.warn({ kind, ...errorFields(error) }, 'an object was skipped: this is a bug in rootcause');
  }
}
