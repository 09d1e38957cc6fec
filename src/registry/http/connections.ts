// The pools of connections to registries and to their redirects; no pool connects further inside than it may.

import { lookup as lookupName } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { getCACertificates } from 'node:tls';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { BoundedCache } from '../../net/bounded-cache.ts';
import { addressKindOf, mayRedirect, type AddressKind } from './address.ts';
import { RegistryError } from '../error.ts';

type Route = {
  readonly origin: string;
  /** Connections end here: an address of a kind further inside is refused when it is connected to. */
  readonly innermost: AddressKind;
  /** PEM, trusted besides the system's. */
  readonly ca?: string;
};

const connectTimeoutMs = 10_000;
const idleMs = 30_000;
const connectionsPerOrigin = 8;
const poolLimit = 32;
const originLimit = 1024;

export class Connections {
  readonly #kindOf: (address: string) => AddressKind;
  readonly #pools = new Map<string, Agent>();
  readonly #kinds = new BoundedCache<AddressKind>(originLimit, () => performance.now());

  /** `kindOf` is for tests, which run on one machine. */
  constructor(kindOf: (address: string) => AddressKind = addressKindOf) {
    this.#kindOf = kindOf;
  }

  async request(route: Route, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    return await this.#poolFor(route).request({ ...options, origin: route.origin });
  }

  /** The kind of address that an origin was last reached at; `public`, which allows the least, for a new one. */
  kindOf(origin: string): AddressKind {
    return this.#kinds.get(origin) ?? 'public';
  }

  /** Cuts everything, what is under way included. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #poolFor({ innermost, ca = '' }: Route): Agent {
    const key = `${innermost} ${ca}`;
    const pool = this.#pools.get(key) ?? this.#newPool(innermost, ca);
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    this.#retireOldest();
    return pool;
  }

  #newPool(innermost: AddressKind, ca: string): Agent {
    const connect = buildConnector({
      allowH2: false,
      timeout: connectTimeoutMs,
      keepAlive: true,
      lookup: this.#guardedLookup(innermost),
      ...(ca !== '' && { ca: [...getCACertificates('default'), ca] }),
    });
    return new Agent({
      allowH2: false,
      connections: connectionsPerOrigin,
      keepAliveTimeout: idleMs,
      connect: (options, callback) => {
        const { hostname, protocol, host } = options;
        if (isIP(bare(hostname)) > 0 && !this.#isWithin(innermost, bare(hostname)))
          return callback(refused(hostname), null);
        connect(options, (...[error, socket]) => {
          if (error) return callback(error, null);
          this.#remember(`${protocol}//${host ?? hostname}`, socket);
          callback(null, socket);
        });
      },
    });
  }

  /** Resolves a name and leaves out the addresses that are too far inside. */
  #guardedLookup(innermost: AddressKind): LookupFunction {
    return (name, options, callback) => {
      lookupName(name, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, []);
        const allowed = addresses.filter(({ address }) => this.#isWithin(innermost, address));
        const [first] = allowed;
        if (!first) return callback(refused(name), []);
        if (options.all === true) callback(null, allowed);
        else callback(null, first.address, first.family);
      });
    };
  }

  #isWithin(innermost: AddressKind, address: string): boolean {
    return mayRedirect(innermost, this.#kindOf(address));
  }

  #remember(origin: string, { remoteAddress }: Socket): void {
    if (remoteAddress === undefined) return;
    this.#kinds.set(origin, this.#kindOf(remoteAddress), Infinity);
  }

  #retireOldest(): void {
    const [oldest] = this.#pools;
    if (this.#pools.size <= poolLimit || !oldest) return;
    this.#pools.delete(oldest[0]);
    oldest[1].close().catch(() => undefined);
  }
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function refused(host: string): RegistryError {
  return new RegistryError(
    'refusedAddress',
    `${host} is an internal address: a registry may not redirect there`,
  );
}
