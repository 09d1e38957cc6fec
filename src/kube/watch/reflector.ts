// Keeps what matters of one collection in memory: lists it, watches it, and starts again after any failure.

import { objectAt, textOf } from '../../engine/platform/data/field.ts';
import { printableLine } from '../../engine/platform/data/printable.ts';
import { Deadline } from '../../net/deadline.ts';
import { defaultBackoff, delayOf, pause } from '../../net/backoff.ts';
import { ByteBuffer } from '../list/byte-buffer.ts';
import { codeOfStatus, KubeError, messageOf } from '../api/error.ts';
import type { KubeErrorCode } from '../api/error.ts';
import { Lines } from './lines.ts';
import { Store } from './store.ts';
import { identityOf } from '../list/identity.ts';
import { objectLimitBytes, PageReader } from '../list/page-reader.ts';
import type { Transport } from '../api/transport.ts';
import { firstState, step } from './watcher.ts';
import type { Effect, RestartReason, WatchState, Wire } from './watcher.ts';
import { WireError } from '../list/wire-error.ts';
import { readEvent, readHead } from './watch-lines.ts';
import type { WatchEvent } from './watch-lines.ts';

type ReflectorOptions<T> = {
  readonly transport: Transport;
  /** `/api/v1/pods`, or the same of one namespace. */
  readonly path: string;
  /** Added to every request: `fieldSelector`, `labelSelector`. */
  readonly query?: Readonly<Record<string, string>>;
  /**
   * An object without any of these in its JSON is not parsed; plain ASCII that JSON does not escape. A function is called
   * for every page and every line of a watch.
   */
  readonly needles?: readonly string[] | (() => readonly string[]);
  /** What to keep of an object; undefined when it is of no interest. Items of lists may lack kind and apiVersion. */
  readonly decode: (object: unknown) => T | undefined;
  /** `id` is `namespace/name`. Called once for each difference, when the store has it already. */
  readonly onChange: (id: string, now: T | undefined, before: T | undefined) => void;
  /** Called once, when the first list is whole. */
  readonly onSynced?: () => void;
  /** `detail` is one sentence for a log. */
  readonly onRestart?: (reason: RestartReason, detail: string) => void;
  /** Called with what `decode` or one of the listeners threw; the object is left out, and all others are read. */
  readonly onException?: (error: unknown) => void;
  /** Called when a watch is open: the server accepts it. */
  readonly onOpen?: () => void;
  /** Called with every page, change and bookmark. */
  readonly onProgress?: () => void;
  readonly pageSize: number;
  /** A watch that says nothing for so long, not even a bookmark, is given up; most send one a minute. */
  readonly silenceMs: number;
  readonly backoff?: typeof defaultBackoff;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
};

/** A watch is asked to end after once to twice this time, so that they do not all end together. */
const watchSeconds = 240;

export class Reflector<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #store: Store<T>;
  readonly #window = new ByteBuffer(objectLimitBytes);
  #hasSynced = false;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#store = new Store((id, now, before) => this.#guarded(() => options.onChange(id, now, before)));
  }

  /** True once the first list was whole. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Lists and watches until the signal fires; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let state = firstState;
    while (!signal.aborted) {
      state = state.phase === 'list' ? await this.#list(state, signal) : await this.#watch(state, signal);
    }
  }

  async #list(state: WatchState, signal: AbortSignal): Promise<WatchState> {
    const { transport, path } = this.#options;
    if (state.continueToken === '') this.#store.startList();
    try {
      const query = this.#listQuery(state);
      const request = { verb: 'list', path, query, retries: 0, isStreamed: true } as const;
      const { stream } = await transport.request(request, signal);
      const reader = new PageReader({
        needles: this.#needles(),
        onSkipped: (object) => transport.skipped(path, object),
        window: this.#window,
      });
      for await (const item of reader.items(stream)) this.#takeItem(item);
      const { end } = reader;
      if (end.continueToken === '') {
        this.#store.endList();
        this.#window.release();
      }
      this.#guarded(() => this.#options.onProgress?.());
      return await this.#follow(state, { is: 'page', ...end }, '', signal);
    } catch (error) {
      return await this.#restart(state, error, { afterMs: 0, isOpen: false }, signal);
    } finally {
      this.#window.clear();
    }
  }

  async #watch(before: WatchState, signal: AbortSignal): Promise<WatchState> {
    const { transport, path, silenceMs } = this.#options;
    let state = before;
    let openedMs: number | undefined;
    const lines = new Lines({
      limitBytes: objectLimitBytes,
      onLine: (line) => {
        state = this.#takeLine(state, line);
      },
      onLongLine: (start) => {
        state = this.#skipLine(state, start);
      },
    });
    using silence = new Deadline(signal, silenceMs);
    try {
      const query = this.#watchQuery(state);
      const { stream } = await transport.request({ verb: 'watch', path, query }, silence.signal);
      openedMs = performance.now();
      this.#guarded(() => this.#options.onOpen?.());
      for await (const chunk of stream) {
        silence.extend();
        lines.push(chunk);
      }
      throw lines.isCut
        ? new WireError('cut', 'It ended in the middle of a line')
        : new WireError('ended', 'It ended');
    } catch (error) {
      const cause = silence.hasPassed ? new WireError('silence', 'Nothing came for too long') : error;
      const isOpen = openedMs !== undefined;
      const afterMs = performance.now() - (openedMs ?? performance.now());
      return await this.#restart(state, cause, { afterMs, isOpen }, signal);
    }
  }

  #needles(): readonly string[] {
    const { needles = [] } = this.#options;
    return typeof needles === 'function' ? needles() : needles;
  }

  #takeItem(item: unknown): void {
    this.#store.listed(identityOf(item), () => this.#decoded(item));
  }

  #takeLine(state: WatchState, line: Buffer): WatchState {
    return this.#takeEvent(state, readEvent(line, this.#needles()));
  }

  /** What is too large to be read is of no interest; which object that is stands at the beginning of the line. */
  #skipLine(state: WatchState, start: Buffer): WatchState {
    const event = readHead(start);
    this.#options.transport.skipped(this.#options.path, event?.identity);
    return event ? this.#takeEvent(state, event) : state;
  }

  #takeEvent(state: WatchState, { type, identity, object }: WatchEvent): WatchState {
    if (type === 'ERROR') throw errorOfStatus(object);
    if (type === 'DELETED') this.#store.deleted(identity);
    if (type === 'ADDED' || type === 'MODIFIED') this.#store.changed(identity, () => this.#decoded(object));
    this.#guarded(() => this.#options.onProgress?.());
    const { resourceVersion } = identity;
    return step(state, { is: 'progress', resourceVersion, isBookmark: type === 'BOOKMARK' })[0];
  }

  /** An object that was not parsed has no needle, so it is of no interest. */
  #decoded(object: unknown): T | undefined {
    return object === undefined ? undefined : this.#guarded(() => this.#options.decode(object));
  }

  /** One bad object, or one bug in a listener, must not end the watch for all others. */
  #guarded<R>(call: () => R): R | undefined {
    try {
      return call();
    } catch (error) {
      this.#options.onException?.(error);
      return undefined;
    }
  }

  async #restart(
    state: WatchState,
    error: unknown,
    { afterMs, isOpen }: { afterMs: number; isOpen: boolean },
    signal: AbortSignal,
  ): Promise<WatchState> {
    if (signal.aborted) return state;
    const reason = reasonOf(error, isOpen);
    const retryAfterMs = (error instanceof KubeError && error.retryAfterMs) || 0;
    const stopped = { is: 'stopped', reason, afterMs, retryAfterMs } as const;
    return await this.#follow(state, stopped, messageOf(error), signal);
  }

  async #follow(state: WatchState, wire: Wire, detail: string, signal: AbortSignal): Promise<WatchState> {
    const [next, effects] = step(state, wire);
    for (const effect of effects) await this.#perform(effect, detail, signal);
    return next;
  }

  async #perform(effect: Effect, detail: string, signal: AbortSignal): Promise<void> {
    switch (effect.do) {
      case 'announceSync':
        if (!this.#hasSynced) {
          this.#hasSynced = true;
          this.#guarded(() => this.#options.onSynced?.());
        }
        return;
      case 'announceRestart':
        this.#options.onRestart?.(effect.reason, detail);
        return;
      case 'wait':
        await pause(this.#delayOf(effect), signal);
        return;
      default:
        effect satisfies never;
    }
  }

  #delayOf(wait: Effect & { readonly do: 'wait' }): number {
    const { random = Math.random, backoff = defaultBackoff } = this.#options;
    const { baseMs, capMs, unreachableCapMs } = backoff;
    const ceilingMs = wait.isReachable ? capMs : unreachableCapMs;
    return Math.max(wait.atLeastMs, delayOf(baseMs, ceilingMs, wait.failures, random()));
  }

  #listQuery(state: WatchState): Readonly<Record<string, string>> {
    const limit = String(this.#options.pageSize * state.pageFactor);
    return { ...this.#options.query, limit, ...(state.continueToken && { continue: state.continueToken }) };
  }

  #watchQuery(state: WatchState): Readonly<Record<string, string>> {
    const { query, random = Math.random, silenceMs } = this.#options;
    // Without bookmarks the end of the watch is the only sign of life, so it must come before silence is noticed.
    const ceilingSeconds = state.hasBookmarks
      ? watchSeconds
      : Math.min(watchSeconds, (silenceMs / 1000) * 0.4);
    return {
      ...query,
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: state.resourceVersion,
      timeoutSeconds: String(Math.max(1, Math.floor(ceilingSeconds * (1 + random())))),
    };
  }
}

const reasons = {
  unauthorized: 'unauthorized',
  forbidden: 'forbidden',
  notFound: 'rejected',
  conflict: 'rejected',
  gone: 'gone',
  invalid: 'rejected',
  tooManyRequests: 'throttled',
  serverError: 'serverError',
  unreachable: 'unreachable',
  timeout: 'timeout',
  tls: 'tls',
  badResponse: 'garbage',
  aborted: 'reset',
} as const satisfies Record<KubeErrorCode, RestartReason>;

function reasonOf(error: unknown, isOpen: boolean): RestartReason {
  if (error instanceof WireError) return error.reason;
  if (!(error instanceof KubeError)) return 'exception';
  // An API that is not served answers without a Status: its custom resource may not be installed.
  if (error.status === 404) return 'rejected';
  return error.code === 'unreachable' && isOpen ? 'reset' : reasons[error.code];
}

/** The error that the object of an ERROR event, a Status, stands for. */
function errorOfStatus(status: unknown): KubeError {
  const { code, message } = objectAt(status);
  const number = typeof code === 'number' ? code : 0;
  return new KubeError(codeOfStatus(number), `The watch said ${number}: ${printableLine(textOf(message))}`);
}
