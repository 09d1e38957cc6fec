// Sends requests to one API server, with credentials, bounds and retries.

import { Deadline } from '../../net/deadline.ts';
import type { Dispatcher } from 'undici';
import { errorOfAnswer, errorOfCause, sentence, warningsOf } from './answer.ts';
import { defaultBackoff, delayOf, pause } from '../../net/backoff.ts';
import { ByteBuffer } from '../list/byte-buffer.ts';
import { idOf } from '../list/identity.ts';
import type { Identity } from '../list/identity.ts';
import type { Cluster } from '../auth/cluster.ts';
import type { Authorization } from '../auth/credentials.ts';
import { Connections } from './connections.ts';
import { KubeError } from './error.ts';

/** `log` reads a container's log: a `get` for the API server, apart from others in metrics. */
type Verb = 'get' | 'list' | 'watch' | 'log' | 'create' | 'apply' | 'patch' | 'delete';

export type KubeRequest = {
  readonly verb: Verb;
  /** As `pathOf` builds it: encoded, without the query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** The answer is read by the caller, as it comes in; always so for a watch. */
  readonly isStreamed?: boolean;
  /** So much of a longer answer is taken; then the connection is ended, whatever else the server would send. */
  readonly maxBytes?: number;
  /** How often to try again; 0 for callers with a policy of their own. */
  readonly retries?: number;
};

export type KubeResponse = {
  /** The whole answer; empty where it is streamed. */
  readonly bytes: Buffer;
  /** The answer as it comes in, where it is streamed; else it is in `bytes`. Its errors are KubeErrors. */
  readonly stream: AsyncIterable<Buffer>;
  /** What its Warning headers say, as `warningsOf` bounds it. */
  readonly warnings: readonly string[];
};

type TransportOptions = {
  /** Called once for each HTTP attempt, with the status or, without an answer, the KubeErrorCode. */
  readonly onRequest?: (verb: Verb, code: string) => void;
  /** Called with each object that is left out of a list or a watch, as it is too large; `id` is '' where its name is not known. */
  readonly onSkipped?: (path: string, id: string) => void;
  /** Watches that may be open at once; requests never wait for them. */
  readonly watchLimit?: number;
  /** Bound on the wait for an answer's head and on a pause within its body; the whole may take four times that. */
  readonly timeoutMs?: number;
};

/** One JSON answer is never bigger, apart from those that are streamed. */
const answerLimitBytes = 16 * 1024 * 1024;
const errorLimitBytes = 64 * 1024;
const defaultTimeoutMs = 30_000;
const defaultWatchLimit = 16;
const retryLimit = 4;
/** A server that asks for a longer pause is asked again after this. */
const retryAfterLimitMs = 60_000;

const methods = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  log: 'GET',
  create: 'POST',
  apply: 'PATCH',
  patch: 'PATCH',
  delete: 'DELETE',
} as const satisfies Record<Verb, Dispatcher.HttpMethod>;

/** Idempotent. */
const repeatable = new Set<Verb>(['get', 'list', 'apply', 'delete']);

/** Failures are KubeErrors. */
export class Transport {
  readonly #cluster: Cluster;
  readonly #options: TransportOptions;
  readonly #connections: Connections;

  constructor(cluster: Cluster, options: TransportOptions = {}) {
    this.#cluster = cluster;
    this.#options = options;
    const { watchLimit = defaultWatchLimit } = options;
    this.#connections = new Connections({ proxyUrl: cluster.proxyUrl, watchLimit });
  }

  /**
   * Sends a request and waits for its answer (for a watch: the head of it). A 401 is tried once more with credentials
   * read again. Where it may help, the rest is retried a few times, never a watch. Other answers than 2xx throw.
   */
  async request(r: KubeRequest, signal: AbortSignal): Promise<KubeResponse> {
    let isFresh = false;
    for (let failures = 0; ;) {
      try {
        return await this.#attempt(r, isFresh, signal);
      } catch (cause) {
        const error = signal.aborted ? abortedError(r) : errorOfCause(r, cause);
        if (error.code === 'unauthorized' && !isFresh) {
          isFresh = true;
          continue;
        }
        failures += 1;
        if (failures > (r.retries ?? retryLimit) || !isWorthRepeating(r.verb, error)) throw error;
        await pause(delayAfter(error, failures), signal);
        if (signal.aborted) throw abortedError(r);
      }
    }
  }

  /** An object in a streamed answer was too large to be read. */
  skipped(path: string, object: Identity | undefined): void {
    this.#options.onSkipped?.(path, object ? idOf(object) : '');
  }

  /** Ends every connection, requests and watches under way included. */
  async close(): Promise<void> {
    await this.#connections.close();
  }

  async #attempt(r: KubeRequest, fresh: boolean, signal: AbortSignal): Promise<KubeResponse> {
    const timeoutMs = this.#options.timeoutMs ?? defaultTimeoutMs;
    const authorization = await this.#cluster.authorize({ fresh });
    // Once the answer of a watch or a list has begun, its reader says how long is too long.
    if (isStreamed(r)) return await this.#exchange(r, authorization, timeoutMs, signal);
    using deadline = new Deadline(signal, 4 * timeoutMs);
    try {
      return await this.#exchange(r, authorization, timeoutMs, deadline.signal);
    } catch (cause) {
      throw deadline.hasPassed ? new KubeError('timeout', `${sentence(r)} took too long`) : cause;
    }
  }

  async #exchange(
    r: KubeRequest,
    authorization: Authorization,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<KubeResponse> {
    const { onRequest } = this.#options;
    const answer = await this.#send(r, authorization, timeoutMs, signal).catch((cause: unknown) => {
      const error = signal.aborted ? abortedError(r) : errorOfCause(r, cause);
      onRequest?.(r.verb, error.code);
      throw error;
    });
    onRequest?.(r.verb, String(answer.statusCode));
    return { ...(await read(r, answer, signal)), warnings: warningsOf(answer.headers['warning']) };
  }

  async #send(
    r: KubeRequest,
    { headers, tls }: Authorization,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { origin, pathname } = new URL(this.#cluster.server);
    signal.throwIfAborted();
    const { requests, watches } = this.#connections.poolsFor(tls);
    return await (r.verb === 'watch' ? watches : requests).request({
      origin,
      path: `${pathname.replace(/\/$/, '')}${r.path}${queryOf(r.query)}`,
      method: methods[r.verb],
      headers: {
        ...headers,
        accept: r.accept ?? 'application/json',
        'user-agent': 'rootcause',
        ...(r.body !== undefined && { 'content-type': r.contentType ?? 'application/json' }),
      },
      body: r.body === undefined ? null : JSON.stringify(r.body),
      headersTimeout: timeoutMs,
      bodyTimeout: r.verb === 'watch' ? 0 : timeoutMs,
      signal,
    });
  }
}

const isStreamed = (r: KubeRequest): boolean => r.verb === 'watch' || r.isStreamed === true;

async function read(
  r: KubeRequest,
  answer: Dispatcher.ResponseData,
  signal: AbortSignal,
): Promise<Omit<KubeResponse, 'warnings'>> {
  const { statusCode: status, headers, body } = answer;
  if (status < 200 || status > 299) {
    const bytes = await bytesOf(r, body, new ByteBuffer(errorLimitBytes)).catch(() => Buffer.alloc(0));
    throw errorOfAnswer(r, { status, headers, bytes }, Date.now());
  }
  const stream = chunksOf(r, body, signal);
  if (isStreamed(r)) return { bytes: Buffer.alloc(0), stream };
  const bytes =
    r.maxBytes === undefined
      ? await bytesOf(r, body, new ByteBuffer(answerLimitBytes))
      : await firstBytesOf(body, r.maxBytes);
  return { bytes, stream };
}

async function bytesOf(r: KubeRequest, body: AsyncIterable<unknown>, into: ByteBuffer): Promise<Buffer> {
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue;
    if (!into.append(chunk))
      throw new KubeError('badResponse', `${sentence(r)} got an answer that is too big`);
  }
  return into.bytes;
}

/** Leaving the loop early ends the connection. */
async function firstBytesOf(body: AsyncIterable<unknown>, maxBytes: number): Promise<Buffer> {
  const into = new ByteBuffer(maxBytes);
  for await (const chunk of body) {
    if (chunk instanceof Uint8Array) into.append(chunk.subarray(0, maxBytes - into.size));
    if (into.size >= maxBytes) break;
  }
  return into.bytes;
}

async function* chunksOf(
  r: KubeRequest,
  body: AsyncIterable<unknown>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) if (Buffer.isBuffer(chunk)) yield chunk;
  } catch (cause) {
    throw signal.aborted ? abortedError(r) : errorOfCause(r, cause);
  }
}

function queryOf(query: Readonly<Record<string, string>> = {}): string {
  const text = new URLSearchParams(query).toString();
  return text && `?${text}`;
}

/** A server that is too busy has not done it yet, so that any verb may be sent again when it says when. */
function isWorthRepeating(verb: Verb, error: KubeError): boolean {
  // A 404 of unknown origin is often an API that is not served, which no short pause changes.
  if (verb === 'watch' || !error.temporary || error.status === 404) return false;
  if (error.code === 'tooManyRequests') return true;
  return repeatable.has(verb) || (error.status === 503 && error.retryAfterMs !== undefined);
}

function delayAfter(error: KubeError, failures: number): number {
  const { baseMs, capMs } = defaultBackoff;
  const jitteredMs = delayOf(baseMs, capMs, failures, Math.random());
  if (error.retryAfterMs === undefined) return jitteredMs;
  return Math.min(retryAfterLimitMs, error.retryAfterMs) + Math.min(jitteredMs, 1000);
}

function abortedError(r: KubeRequest): KubeError {
  return new KubeError('aborted', `${sentence(r)} was aborted`);
}
