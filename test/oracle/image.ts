// Makes an image from a recipe: its manifest and all its blobs, as bytes under their digests.

import { createHash } from 'node:crypto';
import { compressions } from './compression.ts';
import { groupForms } from './group-forms.ts';
import { layerForms } from './layer-forms.ts';
import { passwdForms } from './passwd-forms.ts';
import type { Recipe } from './recipe.ts';
import { directory, file, tarOf } from './tar.ts';
import type { TarItem } from './tar.ts';
import { userForms } from './user-forms.ts';

export type Image = {
  readonly digest: string;
  readonly manifest: Buffer;
  /** Config and layers by digest. */
  readonly blobs: ReadonlyMap<string, Buffer>;
};

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Where the program that says who it is lies; no form touches this folder. */
export const programPath = 'oracle/busybox';

/** @param program a static busybox */
export function imageOf(recipe: Recipe, program: Uint8Array): Image {
  const shared = pack([directory('oracle'), file(programPath, program, 0o755)], 'gzip');
  const layers = [shared, ...itemsOf(recipe).map((items) => pack(items, recipe.compression))];
  const config = json({
    architecture: 'amd64',
    os: 'linux',
    config: { User: userForms[recipe.user] },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: manifestType,
    config: described(config, 'application/vnd.oci.image.config.v1+json'),
    layers: layers.map(({ bytes, mediaType }) => described(bytes, mediaType)),
  });
  const blobs = [config, ...layers.map(({ bytes }) => bytes)].map(
    (bytes) => [digestOf(bytes), bytes] as const,
  );
  return { digest: digestOf(manifest), manifest, blobs: new Map(blobs) };
}

/** The group file lies beside the passwd file where that is in one layer; else at the bottom, out of the way. */
function itemsOf({ layers, passwd, group }: Recipe): readonly (readonly TarItem[])[] {
  const [first = [], ...rest] = layerForms[layers](passwdForms[passwd]);
  const bottom = [directory('etc'), ...groupForms[group]('etc/group')];
  return layers === 'one layer' ? [[...bottom, ...first]] : [bottom, first, ...rest];
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

type PackedLayer = { readonly diffId: string; readonly bytes: Buffer; readonly mediaType: string };

const packed = new Map<string, PackedLayer>();

/** The same items are packed once: the layer with the program is in every image. */
function pack(items: readonly TarItem[], compression: Recipe['compression']): PackedLayer {
  const tar = tarOf(items);
  const diffId = digestOf(tar);
  const key = `${compression} ${diffId}`;
  const layer = packed.get(key) ?? { diffId, ...compressions[compression](tar) };
  packed.set(key, layer);
  return layer;
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const described = (bytes: Buffer, mediaType: string): object => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
});
