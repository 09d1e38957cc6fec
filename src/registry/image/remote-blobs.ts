// The blobs and manifests of a repository in a registry.

import { readBounded } from '../http/bounded.ts';
import { RegistryError } from '../error.ts';
import type { Limits } from '../limits.ts';
import type { Descriptor } from './manifest.ts';
import type { BlobStore } from './open-image.ts';
import type { Session } from '../http/session.ts';
import type { HttpAnswer, HttpClient } from '../http/http.ts';

const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

export class RemoteBlobs implements BlobStore {
  readonly #session: Session;
  readonly #http: HttpClient;
  readonly #limits: Limits;

  constructor(session: Session, http: HttpClient, limits: Limits) {
    this.#session = session;
    this.#http = http;
    this.#limits = limits;
  }

  /** The digest that the registry states for a tag, without the manifest; '' when it states none. */
  async statedDigest(name: string, signal: AbortSignal): Promise<string> {
    using answer = await this.#manifest('HEAD', name, signal);
    return answer.header('docker-content-digest');
  }

  /** By tag or by digest. */
  async named(
    name: string,
    signal: AbortSignal,
  ): Promise<{ readonly bytes: Uint8Array; readonly statedDigest: string }> {
    using answer = await this.#manifest('GET', name, signal);
    const bytes = await readBounded(answer.body, this.#limits.manifestBytes, `manifest ${name}`);
    return { bytes, statedDigest: answer.header('docker-content-digest') };
  }

  async manifest(digest: string, signal: AbortSignal): Promise<Uint8Array> {
    return (await this.named(digest, signal)).bytes;
  }

  /** Resumes after a broken connection, a few times at most. */
  async *blob({ digest, sizeBytes }: Descriptor, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let doneBytes = 0;
    for (let failures = 0; ;) {
      try {
        for await (const piece of this.#from(digest, doneBytes, signal)) {
          doneBytes += piece.length;
          yield piece;
        }
        return;
      } catch (error) {
        failures += 1;
        const isWorthIt = isBroken(error) && doneBytes < sizeBytes && failures <= this.#limits.retries;
        if (!isWorthIt) throw error;
        await this.#http.pause(error, failures, signal);
      }
    }
  }

  async #manifest(method: 'GET' | 'HEAD', name: string, signal: AbortSignal): Promise<HttpAnswer> {
    return await this.#session.send({ method, path: `manifests/${name}`, headers: { accept } }, signal);
  }

  /** A registry may ignore the range and send everything: then the start is skipped. */
  async *#from(digest: string, startBytes: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const headers = startBytes > 0 ? { range: `bytes=${startBytes}-` } : {};
    const ask = { method: 'GET', path: `blobs/${digest}`, headers } as const;
    using answer = await this.#session.send(ask, signal);
    const isRest = answer.status === 206 && answer.header('content-range').startsWith(`bytes ${startBytes}-`);
    let skipBytes = isRest ? 0 : startBytes;
    for await (const piece of answer.body) {
      const skipped = Math.min(skipBytes, piece.length);
      skipBytes -= skipped;
      if (skipped < piece.length) yield piece.subarray(skipped);
    }
  }
}

/** A connection that broke midway. Requests without an answer have been retried already. */
function isBroken(error: unknown): error is RegistryError {
  return error instanceof RegistryError && (error.code === 'unreachable' || error.code === 'timeout');
}
