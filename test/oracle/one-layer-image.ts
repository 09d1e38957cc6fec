// Makes an image of one layer, as the tests that run real containers need it.

import { compressions } from './compression.ts';
import { digestOf, manifestType, type Image } from './image.ts';
import { tarOf, type TarItem } from './tar.ts';

/** How a container of the image runs; absent fields are those of an image that says nothing. */
type Run = {
  readonly user?: string;
  readonly entrypoint: readonly string[];
  readonly volumes?: readonly string[];
  readonly workingDir?: string;
};

export function imageFrom(
  items: readonly TarItem[],
  { user = '', entrypoint, workingDir, volumes = [] }: Run,
): Image {
  const tar = tarOf(items);
  const layer = compressions.gzip(tar);
  const config = json({
    architecture: 'amd64',
    os: 'linux',
    config: {
      User: user,
      Entrypoint: entrypoint,
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ...(workingDir !== undefined && { WorkingDir: workingDir }),
      ...(volumes.length > 0 && { Volumes: Object.fromEntries(volumes.map((path) => [path, {}])) }),
    },
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: manifestType,
    config: described(config, 'application/vnd.oci.image.config.v1+json'),
    layers: [described(layer.bytes, layer.mediaType)],
  });
  const blobs = new Map([config, layer.bytes].map((bytes) => [digestOf(bytes), bytes] as const));
  return { digest: digestOf(manifest), manifest, blobs };
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const described = (bytes: Buffer, mediaType: string): object => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
});
