// One request and its answer: bounds, redirects, retries. Knows nothing about registries except that they speak HTTP.

import { printableLine } from '../../engine/platform/data/printable.ts';
import type { Dispatcher } from 'undici';
import { delayOf, pause } from '../../net/backoff.ts';
import { retryAfterMs } from '../../net/retry-after.ts';
import type { AddressKind } from './address.ts';
import { readBody } from './body.ts';
import { Connections } from './connections.ts';
import { codeOfCause, codeOfStatus, RegistryError, type RegistryErrorCode } from '../error.ts';
import type { Limits } from '../limits.ts';
import { RequestSlots, TokenBucket } from './throttle.ts';

export type HttpRequest = {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sent to this origin and to none that it redirects to. */
  readonly authorization?: string;
  /** How far inside the first connection may end; redirects end no further inside than that connection did. */
  readonly innermost: AddressKind;
};

/** Dispose of it: until then it holds a slot and a connection. Its status is never a redirect that was followed. */
export type HttpAnswer = Disposable & {
  readonly status: number;
  readonly url: URL;
  readonly header: (name: string) => string;
  readonly body: AsyncIterable<Uint8Array>;
};

type HttpClientSettings = {
  readonly limits: Limits;
  /** PEM to trust besides the system's, for a host. */
  readonly caOf: (host: string) => Promise<string | undefined>;
  readonly random: () => number;
  readonly kindOf?: ((address: string) => AddressKind) | undefined;
};

const redirectStatuses = new Set([301, 302, 303, 307, 308]);
const firstPauseMs = 1000;

export class HttpClient {
  readonly #settings: HttpClientSettings;
  readonly #connections: Connections;
  readonly #slots: RequestSlots;
  readonly #bucket: TokenBucket;

  constructor(settings: HttpClientSettings) {
    this.#settings = settings;
    this.#connections = new Connections(settings.kindOf);
    this.#slots = new RequestSlots(settings.limits.concurrency);
    this.#bucket = new TokenBucket(settings.limits.bytesPerMinute);
  }

  /**
   * Sends, and retries a few times on 429 and 5xx. Other 4xx answers are returned. Throws a RegistryError.
   */
  async send(ask: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    for (let failures = 0; ;) {
      try {
        return await this.#attempt(ask, signal);
      } catch (cause) {
        const error = errorOf(ask.url, cause, signal);
        failures += 1;
        if (!error.temporary || failures > this.#settings.limits.retries) throw error;
        await this.pause(error, failures, signal);
      }
    }
  }

  /** Waits before another attempt. Throws the error where the registry asks for a pause that is too long. */
  async pause(after: RegistryError, failures: number, signal: AbortSignal): Promise<void> {
    const { limits, random } = this.#settings;
    if ((after.retryAfterMs ?? 0) > limits.pauseMs) throw after;
    await pause(after.retryAfterMs ?? delayOf(firstPauseMs, limits.pauseMs, failures, random()), signal);
    if (signal.aborted) throw abortedError(after.message);
  }

  /** What kind of address a server was reached at. */
  kindOf(url: URL): AddressKind {
    return this.#connections.kindOf(url.origin);
  }

  async close(): Promise<void> {
    await this.#connections.close();
  }

  async #attempt(ask: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const leave = await this.#slots.take(ask.url.host, signal);
    try {
      const answer = await this.#follow(ask, leave, signal);
      if (answer.status !== 429 && answer.status < 500) return answer;
      using _ = answer;
      throw refusal(answer, Date.now());
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #follow(ask: HttpRequest, leave: () => void, signal: AbortSignal): Promise<HttpAnswer> {
    let current = ask;
    for (let hops = 0; ; hops += 1) {
      const answer = await this.#exchange(current, leave, signal);
      if (!redirectStatuses.has(answer.status) || ask.method === 'POST') return answer;
      const location = answer.header('location');
      answer.drop();
      if (hops >= this.#settings.limits.redirects)
        throw new RegistryError('badAnswer', `${ask.url.host} redirects more than ${hops} times`);
      current = redirected(current, location, this.kindOf(current.url));
    }
  }

  async #exchange(
    ask: HttpRequest,
    leave: () => void,
    signal: AbortSignal,
  ): Promise<HttpAnswer & { drop: () => void }> {
    const { limits } = this.#settings;
    const data = await this.#request(ask, signal);
    const drop = (): void => {
      data.body.on('error', () => undefined).destroy();
    };
    return {
      status: data.statusCode,
      url: ask.url,
      header: (name) => [data.headers[name] ?? ''].flat().join(', '),
      body: readBody(data.body, { host: ask.url.host, limits, signal, bucket: this.#bucket }),
      drop,
      [Symbol.dispose]: () => {
        drop();
        leave();
      },
    };
  }

  async #request(ask: HttpRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { limits, caOf } = this.#settings;
    const ca = await caOf(ask.url.host);
    signal.throwIfAborted();
    return await this.#connections.request(
      { origin: ask.url.origin, innermost: ask.innermost, ...(ca !== undefined && { ca }) },
      {
        path: `${ask.url.pathname}${ask.url.search}`,
        method: ask.method,
        headers: {
          ...ask.headers,
          'user-agent': 'rootcause',
          'accept-encoding': 'identity',
          ...(ask.authorization !== undefined && { authorization: ask.authorization }),
        },
        body: ask.body ?? null,
        headersTimeout: limits.idleMs,
        bodyTimeout: limits.idleMs,
        signal,
      },
    );
  }
}

/** Where a redirect leads, without the credentials unless it stays with the same server. */
function redirected(ask: HttpRequest, location: string, kind: AddressKind): HttpRequest {
  const url = URL.parse(location, ask.url.href);
  if (!url || !['https:', 'http:'].includes(url.protocol) || url.username !== '' || url.password !== '')
    throw new RegistryError('badAnswer', `${ask.url.host} redirects to an invalid address`);
  if (url.protocol === 'http:' && ask.url.protocol === 'https:')
    throw new RegistryError('refusedAddress', `${ask.url.host} redirects to plain HTTP at ${url.host}`);
  if (url.origin === ask.url.origin) return { ...ask, url };
  const { authorization: _, ...others } = ask;
  return { ...others, url, innermost: kind };
}

function refusal(answer: HttpAnswer, nowMs: number): RegistryError {
  const { host } = answer.url;
  const { status } = answer;
  const pauseMs = retryAfterMs(answer.header('retry-after'), nowMs);
  const when = pauseMs === undefined ? 'later' : `in ${Math.ceil(pauseMs / 1000)} s`;
  const sentence =
    status === 429
      ? `${host} takes no more requests for now (429): it can be asked again ${when}; credentials may raise its limit`
      : `${host} fails with ${status}: it can be asked again ${when}`;
  return new RegistryError(codeOfStatus(status), sentence, { retryAfterMs: pauseMs });
}

/** Any error on the way to a server, as a RegistryError. */
function errorOf(url: URL, cause: unknown, signal: AbortSignal): RegistryError {
  if (cause instanceof RegistryError) return cause;
  if (signal.aborted) return abortedError(url.host);
  const code = codeOfCause(cause);
  const sentence = sentences[code] ?? 'its answer is not HTTP';
  return new RegistryError(code, `${url.host}: ${sentence}${detailOf(cause)}`, { cause });
}

function abortedError(about: string): RegistryError {
  return new RegistryError('aborted', `${about}: aborted`);
}

const sentences: Partial<Record<RegistryErrorCode, string>> = {
  tls: 'its certificate is not trusted: give its CA as ca under hosts in the registry options',
  timeout: 'it did not answer in time',
  unreachable: 'it cannot be reached',
};

function detailOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : '';
  return text === '' ? '' : ` (${printableLine(text)})`;
}
