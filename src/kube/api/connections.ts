// The pool of connections to one API server; a new pool when what TLS needs has changed.

import { Agent, ProxyAgent } from 'undici';
import type { Dispatcher } from 'undici';
import type { TlsSettings } from '../auth/authorization.ts';

/** Watches hold a connection each; more than this many wait for each other. */
const connectionLimit = 1024;
const connectTimeoutMs = 10_000;
/** Load balancers forget connections that were silent for a minute. */
const keepAliveInitialDelay = 30_000;
const idleMs = 30_000;

export class Connections {
  readonly #proxyUrl: string | undefined;
  readonly #retiring = new Set<Dispatcher>();
  #current: { readonly tls: TlsSettings; readonly pool: Dispatcher } | undefined;

  constructor(proxyUrl: string | undefined) {
    this.#proxyUrl = proxyUrl;
  }

  /** The pool for these settings. One that was made for earlier ones ends with its last request. */
  poolFor(tls: TlsSettings): Dispatcher {
    if (this.#current && isSame(this.#current.tls, tls)) return this.#current.pool;
    if (this.#current) this.#retire(this.#current.pool);
    this.#current = { tls, pool: poolOf(tls, this.#proxyUrl) };
    return this.#current.pool;
  }

  /** Cuts everything, what is under way included. */
  async close(): Promise<void> {
    const pools = [...this.#retiring, ...(this.#current ? [this.#current.pool] : [])];
    this.#current = undefined;
    this.#retiring.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #retire(pool: Dispatcher): void {
    this.#retiring.add(pool);
    const forget = (): void => void this.#retiring.delete(pool);
    pool.close().then(forget, forget);
  }
}

function poolOf(tls: TlsSettings, proxyUrl: string | undefined): Dispatcher {
  const socket = { keepAlive: true, keepAliveInitialDelay, timeout: connectTimeoutMs };
  const options = { allowH2: false, connections: connectionLimit, keepAliveTimeout: idleMs };
  if (proxyUrl === undefined) return new Agent({ ...options, connect: { ...socket, ...tls } });
  return new ProxyAgent({
    ...options,
    uri: proxyUrl,
    proxyTunnel: true,
    connect: socket,
    requestTls: { ...socket, ...tls },
  });
}

function isSame(a: TlsSettings, b: TlsSettings): boolean {
  return (
    isSameText(a.ca, b.ca) &&
    isSameText(a.cert, b.cert) &&
    isSameText(a.key, b.key) &&
    a.rejectUnauthorized === b.rejectUnauthorized &&
    a.servername === b.servername
  );
}

function isSameText(a: string | Buffer | undefined, b: string | Buffer | undefined): boolean {
  return a === b || String(a ?? '') === String(b ?? '');
}
