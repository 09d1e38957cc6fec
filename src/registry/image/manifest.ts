// Manifests and indexes, of OCI and of Docker.

import { listAt, objectAt, isObject, textOf, type Fields } from '../../engine/platform/data/field.ts';
import { printableLine } from '../../engine/platform/data/printable.ts';
import type { Platform } from '../../engine/model/image.ts';
import { isDigest } from '../../engine/platform/image/image-reference.ts';
import { RegistryError } from '../error.ts';
import { parseFields } from '../json.ts';

export type Descriptor = { readonly digest: string; readonly sizeBytes: number; readonly mediaType: string };

export type IndexEntry = Descriptor & {
  readonly platform?: Platform;
  readonly annotations: Readonly<Record<string, string>>;
  /** A signature, SBOM or the like: about an image, not an image. */
  readonly isAttestation: boolean;
};

type Manifest =
  | { readonly is: 'index'; readonly entries: readonly IndexEntry[] }
  | { readonly is: 'image'; readonly config: Descriptor; readonly layers: readonly Descriptor[] };

const configMediaTypes = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);

const entryLimit = 4096;

/** Its fields say what it is: media types are often missing. Throws `badAnswer`, or `unsupported` with the reason. */
export function parseManifest(bytes: Uint8Array, about: string): Manifest {
  const fields = parseFields(bytes, about);
  if (fields['schemaVersion'] === 1 || 'fsLayers' in fields)
    throw new RegistryError('unsupported', `${about} has the old schema 1, without a config: push it again`);
  const isIndex = Array.isArray(fields['manifests']);
  if (isIndex && ('layers' in fields || 'config' in fields))
    throw new RegistryError('badAnswer', `${about} is an index and a manifest at once`);
  if (isIndex)
    return { is: 'index', entries: listOf(fields, 'manifests', about).map((entry) => entryOf(entry, about)) };
  return imageOf(fields, about);
}

function imageOf(fields: Fields, about: string): Manifest {
  if (!isObject(fields['config'])) throw new RegistryError('badAnswer', `${about} is not a manifest`);
  const config = descriptorOf(fields['config'], about);
  if (!configMediaTypes.has(config.mediaType))
    throw new RegistryError(
      'unsupported',
      `${about} is not a container image: its config is ${printableLine(config.mediaType) || 'of no type'}`,
    );
  const layers = listOf(fields, 'layers', about).map((layer) => descriptorOf(layer, about));
  return { is: 'image', config, layers };
}

function listOf(fields: Fields, name: string, about: string): readonly unknown[] {
  const list = listAt(fields[name]);
  if (list.length > entryLimit)
    throw new RegistryError('tooMany', `${about} has more than ${entryLimit} ${name}`);
  return list;
}

function descriptorOf(value: unknown, about: string): Descriptor {
  const { digest, size, mediaType } = objectAt(value);
  const isWhole = typeof size === 'number' && Number.isSafeInteger(size) && size >= 0;
  if (!isWhole || !isDigest(textOf(digest)))
    throw new RegistryError('badAnswer', `${about} has a descriptor without a digest or a size`);
  return { digest: textOf(digest), sizeBytes: size, mediaType: textOf(mediaType) };
}

function entryOf(value: unknown, about: string): IndexEntry {
  const fields = objectAt(value);
  const annotations = Object.fromEntries(
    Object.entries(objectAt(fields['annotations'])).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    ),
  );
  const platform = platformOf(fields['platform']);
  const isAttestation =
    annotations['vnd.docker.reference.type'] === 'attestation-manifest' ||
    (platform?.os === 'unknown' && platform.architecture === 'unknown');
  return { ...descriptorOf(value, about), annotations, isAttestation, ...(platform && { platform }) };
}

function platformOf(value: unknown): Platform | undefined {
  if (!isObject(value)) return undefined;
  const [os, architecture, variant] = ['os', 'architecture', 'variant'].map((name) => textOf(value[name]));
  if (!os || !architecture) return undefined;
  return { os, architecture, ...(variant && { variant }) };
}
