// Builds images as registries hold them: blobs under their digests, and a manifest.

import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { tar, type TarPart } from './tar.ts';

export type Blob = { readonly digest: string; readonly bytes: Buffer };
export type BuiltLayer = Blob & { readonly diffId: string; readonly mediaType: string };
export type BuiltImage = {
  readonly manifest: Blob;
  readonly manifestType: string;
  readonly config: Blob;
  readonly layers: readonly BuiltLayer[];
};

export type Compression = 'none' | 'gzip' | 'zstd';

const types = {
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  },
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  },
} as const;

export const indexType = 'application/vnd.oci.image.index.v1+json';

export function blob(content: string | Uint8Array): Blob {
  const bytes = Buffer.from(content);
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
}

export function layer(parts: readonly TarPart[], compression: Compression = 'gzip'): BuiltLayer {
  return layerOf(tar(parts), compression);
}

/** Of bytes that need not be a tar. */
export function layerOf(unpacked: Buffer, compression: Compression = 'gzip'): BuiltLayer {
  return packedLayer(packed(unpacked, compression), blob(unpacked).digest);
}

/** Of bytes as they are stored. */
export function packedLayer(bytes: Buffer, diffId: string): BuiltLayer {
  return { ...blob(bytes), diffId, mediaType: types.oci.layer };
}

export function packed(bytes: Buffer, compression: Compression): Buffer {
  if (compression === 'none') return bytes;
  return compression === 'gzip' ? gzipSync(bytes) : zstdCompressSync(bytes);
}

export type ImageSettings = {
  readonly user?: string;
  readonly os?: string;
  readonly architecture?: string;
  readonly format?: keyof typeof types;
  /** Fields of the config, as they stand in JSON. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly diffIds?: readonly string[];
};

export function image(layers: readonly BuiltLayer[], settings: ImageSettings = {}): BuiltImage {
  const { user = '', os = 'linux', architecture = 'amd64', format = 'oci' } = settings;
  const diffIds = settings.diffIds ?? layers.map(({ diffId }) => diffId);
  const config = blob(
    JSON.stringify({
      os,
      architecture,
      config: { User: user, ...settings.config },
      rootfs: { type: 'layers', diff_ids: diffIds },
    }),
  );
  const manifest = blob(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: types[format].manifest,
      config: descriptor(config, types[format].config),
      layers: layers.map((each) =>
        descriptor(each, format === 'docker' ? types.docker.layer : each.mediaType),
      ),
    }),
  );
  return { manifest, manifestType: types[format].manifest, config, layers };
}

export type IndexPart = {
  readonly of: Blob;
  readonly mediaType?: string;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
};

export function index(parts: readonly IndexPart[]): Blob {
  const manifests = parts.map(({ of, mediaType, platform, annotations }) => ({
    ...descriptor(of, mediaType ?? types.oci.manifest),
    ...(platform && { platform }),
    ...(annotations && { annotations }),
  }));
  return blob(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }));
}

function descriptor(
  { digest, bytes }: Blob,
  mediaType: string,
): { readonly digest: string; readonly size: number; readonly mediaType: string } {
  return { mediaType, digest, size: bytes.length };
}
