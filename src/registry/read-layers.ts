// Reads an image's layers from the top down, as far as a question needs them.

import type { Inquiry } from '../model/image.ts';
import type { ImageSource, LayerDescriptor } from './image-source.ts';
import type { Limits } from './limits.ts';

/** `bytesRead` are compressed bytes, those read again included; `layersRead` counts layers, each once. */
export type Reading<T> = { readonly answer: T; readonly bytesRead: number; readonly layersRead: number };

export type Progress = {
  readonly layer: LayerDescriptor;
  /** 1 is the top one. */
  readonly number: number;
  readonly bytesRead: number;
};

/**
 * Asks first with no layer at all, then after each layer. Entries come for the asked paths, for what is above them and
 * for whiteouts of those; where an asked path has no entry but something lies below it, the last such entry stands for it.
 * Throws a RegistryError.
 */
export async function readLayers<T>(
  _source: ImageSource,
  _inquiry: Inquiry<T>,
  _limits: Partial<Limits>,
  _signal: AbortSignal,
  _onProgress?: (progress: Progress) => void,
): Promise<Reading<T>> {
  throw new Error('not yet');
}
