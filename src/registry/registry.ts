// Images in registries: what a tag means now, and an image's config and layers.

import { Deadline } from '../net/deadline.ts';
import { readFile } from 'node:fs/promises';
import type { Platform } from '../engine/model/image.ts';
import type { AddressKind } from './http/address.ts';
import type { Credential, CredentialSource } from './credentials/credential.ts';
import { digestOf } from './image/digest.ts';
import { RegistryError } from './error.ts';
import type { ImageSource } from './image/image-source.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { openImage } from './image/open-image.ts';
import { noOptions, optionsOf, type RegistryOptions } from './options.ts';
import { formatReference, isDigest, type ImageReference } from '../engine/platform/image/image-reference.ts';
import { RemoteBlobs } from './image/remote-blobs.ts';
import { serversOf } from './http/servers.ts';
import { Session } from './http/session.ts';
import { HttpClient } from './http/http.ts';

export type RegistrySettings = {
  readonly hosts?: RegistryOptions;
  readonly credentials?: readonly CredentialSource[];
  readonly limits?: Partial<Limits>;
  readonly random?: () => number;
  /** The kind of an address; for tests, which run on one machine. */
  readonly kindOf?: (address: string) => AddressKind;
};

const caLimitBytes = 1024 * 1024;

/** All registries, over one pool of connections. Failures are RegistryErrors. */
export class Registry {
  readonly #settings: RegistrySettings;
  readonly #options: RegistryOptions;
  readonly #limits: Limits;
  readonly #http: HttpClient;

  constructor(settings: RegistrySettings = {}) {
    this.#settings = settings;
    this.#options = settings.hosts ?? noOptions;
    this.#limits = { ...defaultLimits, ...settings.limits };
    this.#http = new HttpClient({
      limits: this.#limits,
      caOf: async (host) => await this.#caOf(host),
      random: settings.random ?? Math.random,
      kindOf: settings.kindOf,
    });
  }

  /**
   * The image for a platform, with its config; layers are fetched when they are read. Without a platform, the only one
   * that the index has. Mirrors come first, and one that fails is skipped.
   *
   * @param credentials tried before those of all images; `isPrivate` says that one of them was used
   */
  async open(
    reference: ImageReference,
    platform: Platform | undefined,
    signal: AbortSignal,
    credentials: readonly CredentialSource[] = [],
  ): Promise<ImageSource> {
    const own = new Set<Credential>();
    const sources = credentials.map((source) => noting(source, own));
    return await this.#atFirst(reference, sources, signal, async (store, deadline, session) => {
      const root = await rootOf(store, reference, deadline);
      const image = await openImage(root, { store, platform, limits: this.#limits, signal: deadline });
      return session.credential && own.has(session.credential) ? { ...image, isPrivate: true } : image;
    });
  }

  /** The digest of what the reference names now: an index's where there is one. */
  async digestNow(
    reference: ImageReference,
    signal: AbortSignal,
    credentials: readonly CredentialSource[] = [],
  ): Promise<string> {
    return await this.#atFirst(reference, credentials, signal, async (store, deadline) => {
      const stated = await store.statedDigest(nameIn(reference), deadline);
      return isDigest(stated) ? stated : (await rootOf(store, reference, deadline)).digest;
    });
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    await this.#http.close();
  }

  async #atFirst<T>(
    reference: ImageReference,
    credentials: readonly CredentialSource[],
    signal: AbortSignal,
    use: (store: RemoteBlobs, deadline: AbortSignal, session: Session) => Promise<T>,
  ): Promise<T> {
    using deadline = new Deadline(signal, this.#limits.totalMs);
    const sources = [...credentials, ...(this.#settings.credentials ?? [])];
    const servers = serversOf(reference, this.#options, sources);
    for (const [at, server] of servers.entries()) {
      try {
        const session = new Session(this.#http, server);
        return await use(new RemoteBlobs(session, this.#http, this.#limits), deadline.signal, session);
      } catch (cause) {
        if (signal.aborted) throw new RegistryError('aborted', `${reference.host}: aborted`, { cause });
        if (deadline.hasPassed)
          throw new RegistryError('timeout', `${reference.host} took too long`, { cause });
        if (at === servers.length - 1) throw cause;
      }
    }
    throw new RegistryError('badReference', `${formatReference(reference)} names no registry`);
  }

  async #caOf(host: string): Promise<string | undefined> {
    const { ca } = optionsOf(this.#options, host);
    if (!ca || 'pem' in ca) return ca?.pem;
    const pem = await readFile(ca.file, 'utf8').catch((cause: unknown) => {
      throw new RegistryError('badOptions', `the CA of ${host} cannot be read from ${ca.file}`, { cause });
    });
    if (pem.length <= caLimitBytes && pem.includes('-----BEGIN')) return pem;
    throw new RegistryError('badOptions', `the CA of ${host}, ${ca.file}, is not a PEM file`);
  }
}

/** The source, with what it gives put into a set. */
function noting(source: CredentialSource, given: Set<Credential>): CredentialSource {
  return async (image, signal) => {
    const found = await source(image, signal);
    for (const credential of found) given.add(credential);
    return found;
  };
}

/** Without a digest in the reference, the one that the registry states; it is verified later. */
async function rootOf(store: RemoteBlobs, reference: ImageReference, signal: AbortSignal) {
  const { bytes, statedDigest } = await store.named(nameIn(reference), signal);
  if (reference.digest !== undefined) return { digest: reference.digest, bytes };
  return { digest: isDigest(statedDigest) ? statedDigest : digestOf(bytes), bytes };
}

/** The name of the manifest: digest or tag. */
function nameIn({ digest, tag }: ImageReference): string {
  return digest ?? tag ?? 'latest';
}
