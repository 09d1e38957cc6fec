// An image that can be read: its config at once, its layers as streams, wherever it is stored.

import type { ImageConfig } from '../../engine/model/image.ts';
import type { Descriptor } from './manifest.ts';

/** Of the compressed bytes. */
export type LayerDescriptor = Descriptor & {
  /** Digest of the unpacked bytes, as the config says. */
  readonly diffId?: string;
};

/** Digests of manifest and config are verified when it is given out. */
export type ImageSource = {
  /** Of the manifest for the platform. */
  readonly digest: string;
  /** Of the index that the manifest was chosen from. */
  readonly indexDigest?: string;
  readonly config: ImageConfig;
  /** It was opened with credentials that were given for it alone. */
  readonly isPrivate?: true;
  /** As in the manifest: the bottom first. */
  readonly layers: readonly LayerDescriptor[];
  /** The bytes as stored, at most `sizeBytes` of them. Throws a RegistryError; `badDigest` at the end. */
  readonly layer: (descriptor: LayerDescriptor, signal: AbortSignal) => AsyncIterable<Uint8Array>;
};
