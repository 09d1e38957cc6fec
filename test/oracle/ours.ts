// What we make of an image: as the operator reads it, and as bytes in memory.

import type { ImageUser } from '../../src/model/image.ts';
import { imageInquiry } from '../../src/platform/image-inquiry.ts';
import { RegistryError } from '../../src/registry/error.ts';
import type { ImageSource } from '../../src/registry/image-source.ts';
import { defaultLimits } from '../../src/registry/limits.ts';
import { openImage } from '../../src/registry/open-image.ts';
import type { BlobStore } from '../../src/registry/open-image.ts';
import { readLayers } from '../../src/registry/read-layers.ts';
import type { Image } from './image.ts';

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
  return openImage(storeOf(image), root, platform, defaultLimits, signal);
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
