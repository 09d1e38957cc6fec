// What we make of an image: as the operator reads it, and as bytes in memory.

import type { ImageUser } from '../../src/engine/model/image.ts';
import { imageInquiry } from '../../src/engine/platform/image/image-inquiry.ts';
import { RegistryError } from '../../src/registry/error.ts';
import type { ImageSource } from '../../src/registry/image/image-source.ts';
import { defaultLimits } from '../../src/registry/limits.ts';
import { openImage } from '../../src/registry/image/open-image.ts';
import type { BlobStore } from '../../src/registry/image/open-image.ts';
import { readLayers } from '../../src/registry/layers/read-layers.ts';
import { imageOf } from './image.ts';
import type { Image } from './image.ts';
import { leftOpen } from './layer-forms.ts';
import type { Recipe } from './recipe.ts';
import type { Terms } from './verdict.ts';

export const platform = { os: 'linux', architecture: 'amd64' } as const;

/** An image that cannot be read is an answer too, with the reason. */
export async function oursOf(open: () => Promise<ImageSource>, signal: AbortSignal): Promise<ImageUser> {
  try {
    const source = await open();
    const { answer } = await readLayers(source, imageInquiry(source.config, { gid: true }), {}, signal);
    return answer.user;
  } catch (error) {
    if (error instanceof RegistryError) return { is: 'unreadable', detail: error.message };
    throw error;
  }
}

export async function openInMemory(image: Image, signal: AbortSignal): Promise<ImageSource> {
  const root = { digest: image.digest, bytes: image.manifest };
  return openImage(root, { store: storeOf(image), platform, limits: defaultLimits, signal });
}

export async function termsOf(recipe: Recipe, signal: AbortSignal): Promise<Terms> {
  const image = imageOf({ ...recipe, layers: 'one layer' }, new Uint8Array());
  const inOrder = await oursOf(() => openInMemory(image, signal), signal);
  return { mayBeOpen: leftOpen.has(recipe.layers), inOrder };
}

function storeOf(image: Image): BlobStore {
  const find = (digest: string): Buffer => {
    const bytes = digest === image.digest ? image.manifest : image.blobs.get(digest);
    if (bytes === undefined) throw new Error(`there is no ${digest}`);
    return bytes;
  };
  return {
    manifest: async (digest) => find(digest),
    blob: async function* ({ digest }) {
      yield find(digest);
    },
  };
}
