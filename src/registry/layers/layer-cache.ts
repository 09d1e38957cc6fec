// Layers whose headers are kept, by digest: the images of a repository share most of theirs.

import type { LayerHeaders } from './layer-headers.ts';

/** Headers by the digest of their layer. */
export type KnownLayers = {
  readonly get: (digest: string) => LayerHeaders | undefined;
  readonly set: (digest: string, headers: LayerHeaders) => void;
};

/** Bounded by the bytes that all of them keep; the one used longest ago goes first. */
export class LayerCache {
  readonly #limitBytes: number;
  readonly #kept = new Map<string, LayerHeaders>();
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /**
   * Those that were read from one place. A digest alone is not enough: who knows it need not be allowed to read it, and
   * anyone may name it in a manifest.
   */
  from(place: string): KnownLayers {
    return {
      get: (digest) => this.#get(`${place} ${digest}`),
      set: (digest, headers) => this.#set(`${place} ${digest}`, headers),
    };
  }

  #get(key: string): LayerHeaders | undefined {
    const headers = this.#kept.get(key);
    if (!headers) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, headers);
    return headers;
  }

  #set(key: string, headers: LayerHeaders): void {
    this.#forget(key);
    this.#kept.set(key, headers);
    this.#sizeBytes += headers.sizeBytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#sizeBytes <= this.#limitBytes) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#sizeBytes -= this.#kept.get(key)?.sizeBytes ?? 0;
    this.#kept.delete(key);
  }
}
