// Images in a tar: what `docker save` writes, and a tar of an OCI layout.

import { listAt, objectAt, jsonIn, textOf } from '../../engine/platform/data/field.ts';
import type { Platform } from '../../engine/model/image.ts';
import { digestOf } from '../image/digest.ts';
import { RegistryError } from '../error.ts';
import { filesAt, readFileIn, type Files } from './files.ts';
import { parseConfig } from '../image/image-config.ts';
import type { ImageSource, LayerDescriptor } from '../image/image-source.ts';
import { cleanPath } from '../layers/layer-entries.ts';
import { defaultLimits } from '../limits.ts';
import { openLayoutIn } from './oci-layout.ts';
import { formatReference, parseReference } from '../../engine/platform/image/image-reference.ts';

/**
 * `name` is one of the tags in the archive, needed when it has several images. An archive has no manifest, so `digest`
 * is the config's, and a layer's `digest` is its diff id, which `readLayers` checks. Throws a RegistryError.
 */
export async function openArchive(
  path: string,
  name: string | undefined,
  platform: Platform | undefined,
  signal: AbortSignal,
): Promise<ImageSource> {
  const files = await filesAt(path, signal);
  if ((await files.sizeOf('manifest.json')) !== undefined) return await openSaved(files, path, name, signal);
  return await openLayoutIn(files, path, name, platform, signal);
}

type Saved = {
  readonly config: string;
  readonly tags: readonly string[];
  readonly layers: readonly string[];
};

async function openSaved(
  files: Files,
  path: string,
  name: string | undefined,
  signal: AbortSignal,
): Promise<ImageSource> {
  const list = jsonIn(await readFileIn(files, 'manifest.json', defaultLimits.manifestBytes, signal));
  const saved = chosen(listAt(list).map(savedOf), name, path);
  const bytes = await readFileIn(files, cleanPath(saved.config), defaultLimits.configBytes, signal);
  const { config, diffIds } = parseConfig(bytes, `${path} ${saved.config}`);
  if (diffIds.length !== saved.layers.length)
    throw new RegistryError(
      'badAnswer',
      `${path} has ${saved.layers.length} layers, its config ${diffIds.length}`,
    );
  const paths = new Map(diffIds.map((diffId, at) => [diffId, cleanPath(saved.layers[at] ?? '')]));
  const layers = await Promise.all(diffIds.map(async (diffId) => await layerOf(files, diffId, paths)));
  const layer: ImageSource['layer'] = ({ digest }, layerSignal) =>
    files.stream(paths.get(digest) ?? '', layerSignal);
  return { digest: digestOf(bytes), config, layers, layer };
}

async function layerOf(
  files: Files,
  diffId: string,
  paths: ReadonlyMap<string, string>,
): Promise<LayerDescriptor> {
  const { layerBytes } = defaultLimits;
  const path = paths.get(diffId) ?? '';
  const sizeBytes = await files.sizeOf(path);
  if (sizeBytes === undefined) throw new RegistryError('notFound', `the archive lacks its layer ${path}`);
  if (sizeBytes > layerBytes)
    throw new RegistryError(
      'tooLarge',
      `layer ${path} has ${sizeBytes} bytes, more than the ${layerBytes} allowed`,
    );
  return { digest: diffId, diffId, sizeBytes, mediaType: 'application/vnd.docker.image.rootfs.diff.tar' };
}

function savedOf(value: unknown): Saved {
  const { Config, RepoTags, Layers } = objectAt(value);
  return { config: textOf(Config), tags: textsIn(RepoTags), layers: textsIn(Layers) };
}

function textsIn(value: unknown): readonly string[] {
  return listAt(value).filter((element) => typeof element === 'string');
}

function chosen(images: readonly Saved[], name: string | undefined, path: string): Saved {
  const found =
    name === undefined ? images : images.filter(({ tags }) => tags.map(fullName).includes(fullName(name)));
  const [first] = found;
  if (first && found.length === 1) return first;
  const has =
    images
      .flatMap(({ tags }) => tags)
      .slice(0, 20)
      .join(', ') || 'none with a name';
  throw found.length === 0
    ? new RegistryError('notFound', `${path} has no image ${name ?? 'at all'}: it has ${has}`)
    : new RegistryError('badReference', `${path} has several images, so one must be named: ${has}`);
}

function fullName(name: string): string {
  const reference = parseReference(name);
  return reference ? formatReference(reference) : name;
}
