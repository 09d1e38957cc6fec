// From a manifest to an image: the platform's manifest in an index, its config, its layers.

import type { Platform } from '../../engine/model/image.ts';
import { readBounded, verified } from '../http/bounded.ts';
import { choosePlatform, isFitting, nameOf } from './choose-platform.ts';
import { isDigestOf } from './digest.ts';
import { RegistryError } from '../error.ts';
import { parseConfig, type ParsedConfig } from './image-config.ts';
import type { ImageSource, LayerDescriptor } from './image-source.ts';
import type { Limits } from '../limits.ts';
import { parseManifest, type Descriptor, type IndexEntry, type Manifest } from './manifest.ts';

/** Blobs by digest. Their bytes are not trusted. */
export type BlobStore = {
  readonly manifest: (digest: string, signal: AbortSignal) => Promise<Uint8Array>;
  readonly blob: (descriptor: Descriptor, signal: AbortSignal) => AsyncIterable<Uint8Array>;
};

export type ManifestBytes = { readonly digest: string; readonly bytes: Uint8Array };

/** How many entries without a platform are opened. */
const lookLimit = 8;

/** Without a platform, the only image that an index has. Throws a RegistryError. */
export async function openImage(
  store: BlobStore,
  root: ManifestBytes,
  platform: Platform | undefined,
  limits: Limits,
  signal: AbortSignal,
): Promise<ImageSource> {
  const opening = new Opening(store, platform, limits, signal);
  const found = await opening.find(root, 0);
  if (!found) throw new RegistryError('unsupported', `${root.digest} has no image for ${shown(platform)}`);
  return found.digest === root.digest ? found : { ...found, indexDigest: root.digest };
}

/** The image for a platform among entries without an index; `about` is for messages. */
export async function openAmong(
  store: BlobStore,
  about: string,
  entries: readonly IndexEntry[],
  platform: Platform | undefined,
  limits: Limits,
  signal: AbortSignal,
): Promise<ImageSource> {
  const found = await new Opening(store, platform, limits, signal).findAmong(about, entries, 0);
  if (!found) throw new RegistryError('unsupported', `${about} has no image for ${shown(platform)}`);
  return found;
}

class Opening {
  readonly #store: BlobStore;
  readonly #platform: Platform | undefined;
  readonly #limits: Limits;
  readonly #signal: AbortSignal;

  constructor(store: BlobStore, platform: Platform | undefined, limits: Limits, signal: AbortSignal) {
    this.#store = store;
    this.#platform = platform;
    this.#limits = limits;
    this.#signal = signal;
  }

  async find(root: ManifestBytes, depth: number): Promise<ImageSource | undefined> {
    // Registries state a schema 1 manifest's digest without its signature, so its refusal comes first.
    const manifest = parseManifest(root.bytes, root.digest);
    if (!isDigestOf(root.digest, root.bytes))
      throw new RegistryError('badDigest', `${root.digest} has other bytes than its digest says`);
    if (manifest.is === 'image') return await this.#image(root.digest, manifest);
    if (depth >= this.#limits.indexDepth)
      throw new RegistryError('tooDeep', `its indexes lie within each other more than ${depth} deep`);
    return await this.findAmong(root.digest, manifest.entries, depth);
  }

  #candidates(about: string, entries: readonly IndexEntry[]): readonly IndexEntry[] {
    const images = entries.filter(({ isAttestation }) => !isAttestation);
    if (this.#platform) {
      const chosen = choosePlatform(images, this.#platform);
      if (chosen.length > 0) return chosen;
    } else if (images.length === 1) return images;
    const names = images.map((entry) => (entry.platform ? nameOf(entry.platform) : 'an unnamed platform'));
    const has = names.slice(0, 20).join(', ') || 'no images';
    throw new RegistryError(
      'unsupported',
      this.#platform
        ? `${about} has no image for ${nameOf(this.#platform)}; it has ${has}`
        : `${about} has several images, so a platform must be named: ${has}`,
    );
  }

  async findAmong(
    about: string,
    entries: readonly IndexEntry[],
    depth: number,
  ): Promise<ImageSource | undefined> {
    for (const { digest, platform } of this.#candidates(about, entries).slice(0, lookLimit)) {
      const bytes = await this.#store.manifest(digest, this.#signal);
      const found = await this.find({ digest, bytes }, depth + 1);
      if (found && (platform || !this.#platform || isFitting(found.config, this.#platform))) return found;
    }
    return undefined;
  }

  async #image(digest: string, manifest: Extract<Manifest, { readonly is: 'image' }>): Promise<ImageSource> {
    const { config, diffIds } = await this.#config(manifest.config);
    if (diffIds.length !== manifest.layers.length)
      throw new RegistryError(
        'badAnswer',
        `${digest} has ${manifest.layers.length} layers, its config ${diffIds.length}`,
      );
    const layers = manifest.layers.map((layer, at) => withDiffId(layer, diffIds[at]));
    return { digest, config, layers, layer: (descriptor, signal) => this.#layer(descriptor, signal) };
  }

  async #config(descriptor: Descriptor): Promise<ParsedConfig> {
    const { configBytes } = this.#limits;
    const stream = verified(this.#store.blob(descriptor, this.#signal), descriptor, configBytes);
    const about = `config ${descriptor.digest}`;
    return parseConfig(await readBounded(stream, configBytes, about), about);
  }

  #layer(descriptor: LayerDescriptor, signal: AbortSignal): AsyncIterable<Uint8Array> {
    if (/nondistributable|foreign/.test(descriptor.mediaType))
      throw new RegistryError('unsupported', `layer ${descriptor.digest} is kept elsewhere by its publisher`);
    return verified(this.#store.blob(descriptor, signal), descriptor, this.#limits.layerBytes);
  }
}

function withDiffId(layer: Descriptor, diffId: string | undefined): LayerDescriptor {
  return diffId === undefined ? layer : { ...layer, diffId };
}

function shown(platform: Platform | undefined): string {
  return platform ? nameOf(platform) : 'any platform';
}
