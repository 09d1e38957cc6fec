// The connections to one API server: one pool for requests, one for watches, which hold a connection each. New pools when
// what TLS needs has changed.

import { isDeepStrictEqual } from 'node:util';
import { Agent, ProxyAgent } from 'undici';
import type { Dispatcher } from 'undici';
import type { Authorization } from '../auth/credentials.ts';

/** More requests than this wait for each other. */
const requestLimit = 256;
/** One watch may be closing while the next one of the same collection is opened. */
const connectionsPerWatch = 2;
const connectTimeoutMs = 10_000;
/** Load balancers forget connections that were silent for a minute. */
const keepAliveInitialDelay = 30_000;
const idleMs = 30_000;

type TlsSettings = Authorization['tls'];
type Pools = { readonly requests: Dispatcher; readonly watches: Dispatcher };

type ConnectionsOptions = {
  readonly proxyUrl: string | undefined;
  /** Watches that may be open at once. */
  readonly watchLimit: number;
};

export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #retiring = new Set<Dispatcher>();
  #current: { readonly tls: TlsSettings; readonly pools: Pools } | undefined;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** The pools for these settings. Those that were made for earlier ones end with their last request. */
  poolsFor(tls: TlsSettings): Pools {
    if (this.#current && isDeepStrictEqual(this.#current.tls, tls)) return this.#current.pools;
    for (const pool of Object.values(this.#current?.pools ?? {})) this.#retire(pool);
    const { proxyUrl, watchLimit } = this.#options;
    const pools = {
      requests: poolOf(requestLimit, tls, proxyUrl),
      watches: poolOf(watchLimit * connectionsPerWatch, tls, proxyUrl),
    };
    this.#current = { tls, pools };
    return pools;
  }

  /** Cuts everything, what is under way included. */
  async close(): Promise<void> {
    const pools = [...this.#retiring, ...Object.values(this.#current?.pools ?? {})];
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

function poolOf(connections: number, tls: TlsSettings, proxyUrl: string | undefined): Dispatcher {
  const socket = { keepAlive: true, keepAliveInitialDelay, timeout: connectTimeoutMs };
  const options = { allowH2: false, connections, keepAliveTimeout: idleMs };
  if (proxyUrl === undefined) return new Agent({ ...options, connect: { ...socket, ...tls } });
  return new ProxyAgent({
    ...options,
    uri: proxyUrl,
    proxyTunnel: true,
    connect: socket,
    requestTls: { ...socket, ...tls },
  });
}
