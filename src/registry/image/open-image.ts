// From a manifest to an image: the platform's manifest in an index, its config, its layers.

import type { Platform } from '../../engine/model/image.ts';
import { readBounded, verified } from '../http/bounded.ts';
import { choosePlatform, isFitting, nameOf } from './choose-platform.ts';
import { isDigestOf } from './digest.ts';
import { RegistryError } from '../error.ts';
import { parseConfig } from './image-config.ts';
import type { ImageSource, LayerDescriptor } from './image-source.ts';
import type { Limits } from '../limits.ts';
import { parseManifest, type Descriptor, type IndexEntry } from './manifest.ts';

/** Blobs by digest. Their bytes are not trusted. */
export type BlobStore = {
  readonly manifest: (digest: string, signal: AbortSignal) => Promise<Uint8Array>;
  readonly blob: (descriptor: Descriptor, signal: AbortSignal) => AsyncIterable<Uint8Array>;
};

type ManifestBytes = { readonly digest: string; readonly bytes: Uint8Array };

type Opening = {
  readonly store: BlobStore;
  /** Without one, the only image that an index has. */
  readonly platform: Platform | undefined;
  readonly limits: Limits;
  readonly signal: AbortSignal;
};

/** How many entries without a platform are opened. */
const entryLimit = 8;

/** Throws a RegistryError. */
export async function openImage(root: ManifestBytes, opening: Opening): Promise<ImageSource> {
  const found = await find(root, opening, 0);
  if (!found) throw noImage(root.digest, opening);
  return found.digest === root.digest ? found : { ...found, indexDigest: root.digest };
}

/** The image for a platform among entries without an index; `about` is for messages. */
export async function openAmong(
  about: string,
  entries: readonly IndexEntry[],
  opening: Opening,
): Promise<ImageSource> {
  const found = await findAmong(about, entries, opening, 0);
  if (!found) throw noImage(about, opening);
  return found;
}

function noImage(about: string, { platform }: Opening): RegistryError {
  const wanted = platform ? nameOf(platform) : 'any platform';
  return new RegistryError('unsupported', `${about} has no image for ${wanted}`);
}

async function find(root: ManifestBytes, opening: Opening, depth: number): Promise<ImageSource | undefined> {
  // Registries state a schema 1 manifest's digest without its signature, so its refusal comes first.
  const manifest = parseManifest(root.bytes, root.digest);
  if (!isDigestOf(root.digest, root.bytes))
    throw new RegistryError('badDigest', `${root.digest} has other bytes than its digest says`);
  if (manifest.is === 'image') return await imageOf(root.digest, manifest, opening);
  if (depth >= opening.limits.indexDepth)
    throw new RegistryError('tooDeep', `its indexes lie within each other more than ${depth} deep`);
  return await findAmong(root.digest, manifest.entries, opening, depth);
}

async function findAmong(
  about: string,
  entries: readonly IndexEntry[],
  opening: Opening,
  depth: number,
): Promise<ImageSource | undefined> {
  const { store, platform: wanted, signal } = opening;
  for (const { digest, platform } of candidates(about, entries, wanted).slice(0, entryLimit)) {
    const bytes = await store.manifest(digest, signal);
    const found = await find({ digest, bytes }, opening, depth + 1);
    if (found && (platform || !wanted || isFitting(found.config, wanted))) return found;
  }
  return undefined;
}

function candidates(
  about: string,
  entries: readonly IndexEntry[],
  platform: Platform | undefined,
): readonly IndexEntry[] {
  const images = entries.filter(({ isAttestation }) => !isAttestation);
  const chosen = platform ? choosePlatform(images, platform) : images;
  if (platform ? chosen.length > 0 : chosen.length === 1) return chosen;
  const names = images.map((entry) => (entry.platform ? nameOf(entry.platform) : 'an unnamed platform'));
  const has = names.slice(0, 20).join(', ') || 'no images';
  throw new RegistryError(
    'unsupported',
    platform
      ? `${about} has no image for ${nameOf(platform)}; it has ${has}`
      : `${about} has several images, so a platform must be named: ${has}`,
  );
}

async function imageOf(
  digest: string,
  manifest: { readonly config: Descriptor; readonly layers: readonly Descriptor[] },
  { store, limits, signal }: Opening,
): Promise<ImageSource> {
  const about = `config ${manifest.config.digest}`;
  const stream = verified(store.blob(manifest.config, signal), manifest.config, limits.configBytes);
  const { config, diffIds } = parseConfig(await readBounded(stream, limits.configBytes, about), about);
  if (diffIds.length !== manifest.layers.length)
    throw new RegistryError(
      'badAnswer',
      `${digest} has ${manifest.layers.length} layers, its config ${diffIds.length}`,
    );
  const layers = manifest.layers.map((layer, at) => withDiffId(layer, diffIds[at]));
  return { digest, config, layers, layer: (layer, until) => layerOf(layer, store, limits, until) };
}

function layerOf(
  layer: LayerDescriptor,
  store: BlobStore,
  { layerBytes }: Limits,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  if (/nondistributable|foreign/.test(layer.mediaType))
    throw new RegistryError('unsupported', `layer ${layer.digest} is kept elsewhere by its publisher`);
  return verified(store.blob(layer, signal), layer, layerBytes);
}

function withDiffId(layer: Descriptor, diffId: string | undefined): LayerDescriptor {
  return diffId === undefined ? layer : { ...layer, diffId };
}
