// Images in a tar: what `docker save` writes, and a tar of an OCI layout.

import type { Platform } from '../model/image.ts';
import type { ImageSource } from './image-source.ts';
import type { Limits } from './limits.ts';

/** `name` is one of the tags in the archive, needed when it has several images. Throws a RegistryError. */
export async function openArchive(
  _path: string,
  _name: string | undefined,
  _platform: Platform | undefined,
  _limits: Partial<Limits>,
  _signal: AbortSignal,
): Promise<ImageSource> {
  throw new Error('not yet');
}
