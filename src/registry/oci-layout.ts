// Images in an OCI layout: a folder, or a tar of one.

import type { Platform } from '../model/image.ts';
import type { ImageSource } from './image-source.ts';
import type { Limits } from './limits.ts';

/** `name` is the ref.name in the index, needed when the layout has several images. Throws a RegistryError. */
export async function openOciLayout(
  _path: string,
  _name: string | undefined,
  _platform: Platform | undefined,
  _limits: Partial<Limits>,
  _signal: AbortSignal,
): Promise<ImageSource> {
  throw new Error('not yet');
}
