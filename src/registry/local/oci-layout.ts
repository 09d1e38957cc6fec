// Images in an OCI layout: a folder, or a tar of one.

import type { Platform } from '../../engine/model/image.ts';
import { RegistryError } from '../error.ts';
import { filesAt, readFileIn, type Files } from './files.ts';
import type { ImageSource } from '../image/image-source.ts';
import { defaultLimits } from '../limits.ts';
import { parseManifest, type IndexEntry } from '../image/manifest.ts';
import { openAmong, openImage, type BlobStore } from '../image/open-image.ts';

/** `name` is the ref.name in the index, needed when the layout has several images. Throws a RegistryError. */
export async function openOciLayout(
  path: string,
  name: string | undefined,
  platform: Platform | undefined,
  signal: AbortSignal,
): Promise<ImageSource> {
  return await openLayoutIn(await filesAt(path, signal), path, name, platform, signal);
}

/** The same, where the files are known already; `path` is for messages. */
export async function openLayoutIn(
  files: Files,
  path: string,
  name: string | undefined,
  platform: Platform | undefined,
  signal: AbortSignal,
): Promise<ImageSource> {
  if ((await files.sizeOf('index.json')) === undefined)
    throw new RegistryError('notFound', `${path} has no index.json: it is not an OCI layout`);
  const json = await readFileIn(files, 'index.json', defaultLimits.manifestBytes, signal);
  const index = parseManifest(json, `${path} index.json`);
  if (index.is !== 'index')
    throw new RegistryError('badAnswer', `${path} has an index.json that is not an index`);
  const entries = entriesNamed(index.entries, name, path);
  const store = storeIn(files);
  const opening = { store, platform, limits: defaultLimits, signal };
  const [first] = entries;
  if (!first || entries.length > 1) return await openAmong(path, entries, opening);
  const bytes = await store.manifest(first.digest, signal);
  return await openImage({ digest: first.digest, bytes }, opening);
}

function storeIn(files: Files): BlobStore {
  const { manifestBytes } = defaultLimits;
  const pathOf = (digest: string): string => `blobs/${digest.replace(':', '/')}`;
  return {
    manifest: async (digest, signal) => await readFileIn(files, pathOf(digest), manifestBytes, signal),
    blob: ({ digest }, signal) => files.stream(pathOf(digest), signal),
  };
}

/** All that have the name; without a name, all, unless they have several names. */
function entriesNamed(
  entries: readonly IndexEntry[],
  name: string | undefined,
  path: string,
): readonly IndexEntry[] {
  const images = entries.filter(({ isAttestation }) => !isAttestation);
  const names = new Set(images.flatMap((entry) => namesOf(entry).slice(0, 1)));
  const found = name === undefined ? images : images.filter((entry) => namesOf(entry).includes(name));
  if (found.length > 0 && (name !== undefined || names.size < 2)) return found;
  const has = [...names].slice(0, 20).join(', ') || 'none with a name';
  throw name === undefined
    ? new RegistryError('badReference', `${path} has several images, so one must be named: ${has}`)
    : new RegistryError('notFound', `${path} has no image ${name}: it has ${has}`);
}

function namesOf({ annotations }: IndexEntry): readonly string[] {
  const keys = ['io.containerd.image.name', 'org.opencontainers.image.ref.name'];
  return keys.map((key) => annotations[key] ?? '').filter((name) => name !== '');
}
