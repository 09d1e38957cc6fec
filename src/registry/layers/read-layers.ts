// Reads an image's layers from the top down, as far as a question needs them.

import { Deadline } from '../../net/deadline.ts';
import type { Inquiry, Layer } from '../../engine/model/image.ts';
import { hashFor, matches } from '../image/digest.ts';
import { RegistryError } from '../error.ts';
import { free } from './free.ts';
import type { ImageSource, LayerDescriptor } from '../image/image-source.ts';
import { cleanPath, LayerEntries } from './layer-entries.ts';
import { LayerCache, type KnownLayers } from './layer-cache.ts';
import { LayerHeaders } from './layer-headers.ts';
import { defaultLimits, type Limits } from '../limits.ts';
import { TarReader } from './tar.ts';
import { unpack } from './unpack.ts';

/** `bytesRead` are compressed bytes that were fetched, twice where they were fetched twice. */
type LayerReading<T> = { readonly answer: T; readonly bytesRead: number; readonly layersRead: number };

export type Progress = {
  readonly layer: LayerDescriptor;
  /** 1 is the top one. */
  readonly number: number;
  /** Of this layer, so far. */
  readonly bytesRead: number;
};

type OnProgress = (progress: Progress) => void;

/** Asks one question of an image. Throws a RegistryError. */
export async function readLayers<T>(
  source: ImageSource,
  inquiry: Inquiry<T>,
  limits: Partial<Limits>,
  signal: AbortSignal,
  onProgress?: OnProgress,
): Promise<LayerReading<T>> {
  return new LayerReader(source, limits, onProgress && { onProgress }).answer(inquiry, signal);
}

/** Keeps what it has read, so that a further question costs only what it needs beyond that. */
export class LayerReader {
  readonly #source: ImageSource;
  readonly #limits: Limits;
  readonly #onProgress: OnProgress | undefined;
  readonly #topDown: readonly LayerDescriptor[];
  readonly #kept = new Map<LayerDescriptor, readonly Uint8Array[]>();
  readonly #known: KnownLayers;
  #keptBytes = 0;
  #bytesRead = 0;
  #unpackedBytes = 0;

  constructor(
    source: ImageSource,
    limits: Partial<Limits>,
    { onProgress, known }: { onProgress?: OnProgress; known?: KnownLayers } = {},
  ) {
    this.#source = source;
    this.#limits = { ...defaultLimits, ...limits };
    this.#known = known ?? new LayerCache(this.#limits.headerBytes).from('');
    this.#onProgress = onProgress;
    this.#topDown = source.layers.toReversed();
  }

  /**
   * Asks first with no layer at all, then after each layer. Entries come for the asked paths, for what is above them and
   * for whiteouts of those; where an asked path has no entry but something lies below it, the last such entry stands for
   * it. Throws a RegistryError.
   */
  async answer<T>(inquiry: Inquiry<T>, signal: AbortSignal): Promise<LayerReading<T>> {
    using deadline = new Deadline(signal, this.#limits.totalMs);
    const { digest } = this.#source;
    try {
      return await this.#answer(inquiry, deadline.signal);
    } catch (error) {
      if (signal.aborted) throw new RegistryError('aborted', `reading ${digest} was aborted`);
      if (deadline.hasPassed) throw new RegistryError('timeout', `reading ${digest} took too long`);
      throw error;
    }
  }

  async #answer<T>({ paths, decide }: Inquiry<T>, signal: AbortSignal): Promise<LayerReading<T>> {
    const asked = new Set(paths.map(cleanPath));
    let layers: readonly Layer[] = [];
    for (let rounds = 0; ;) {
      const step = decide(layers, layers.length === this.#topDown.length, [...asked]);
      if (step.is === 'answer') return this.#reading(step.answer, layers);
      if (step.is === 'nextLayer') {
        layers = layers.concat([await this.#next(layers, asked, signal)]);
        continue;
      }
      rounds += 1;
      this.#ask(asked, step.paths, rounds);
      layers = await this.#again(layers, asked, signal);
    }
  }

  #reading<T>(answer: T, layers: readonly Layer[]): LayerReading<T> {
    return { answer, bytesRead: this.#bytesRead, layersRead: layers.length };
  }

  #ask(asked: Set<string>, paths: readonly string[], rounds: number): void {
    if (rounds > this.#limits.rounds)
      throw new RegistryError('tooDeep', `its links are more than ${this.#limits.rounds} deep`);
    const before = asked.size;
    for (const path of paths) asked.add(cleanPath(path));
    if (asked.size === before) throw new Error('an inquiry asked for nothing more');
    if (asked.size > pathLimit)
      throw new RegistryError('tooMany', `more than ${pathLimit} paths are asked for`);
  }

  async #next(layers: readonly Layer[], asked: ReadonlySet<string>, signal: AbortSignal): Promise<Layer> {
    const descriptor = this.#topDown[layers.length];
    if (!descriptor) throw new Error('an inquiry had all layers and no answer');
    return await this.#read(descriptor, layers.length + 1, asked, signal);
  }

  async #again(
    layers: readonly Layer[],
    asked: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<readonly Layer[]> {
    const again: Layer[] = [];
    while (again.length < layers.length) again.push(await this.#next(again, asked, signal));
    return again;
  }

  async #read(
    descriptor: LayerDescriptor,
    number: number,
    asked: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Layer> {
    const { digest } = descriptor;
    const known = new LayerEntries(asked, this.#limits);
    if (this.#known.get(digest)?.replay(known)) return known.layer(digest);
    const headers = new LayerHeaders(this.#limits.headerBytes);
    const entries = new LayerEntries(asked, this.#limits);
    try {
      await this.#unpackInto(new TarReader(headers.recording(entries)), descriptor, number, signal);
    } catch (error) {
      throw error instanceof RegistryError ? about(descriptor, error) : error;
    }
    this.#known.set(digest, headers);
    return entries.layer(digest);
  }

  async #unpackInto(
    tar: TarReader,
    descriptor: LayerDescriptor,
    number: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { diffId } = descriptor;
    const hash = diffId === undefined ? undefined : hashFor(diffId);
    const raw = this.#kept.get(descriptor) ?? this.#fetched(descriptor, number, signal);
    for await (const piece of unpack(raw)) {
      signal.throwIfAborted();
      this.#unpackedBytes += piece.length;
      if (this.#unpackedBytes > this.#limits.unpackedBytes)
        throw new RegistryError('tooLarge', `unpacked it is larger than ${this.#limits.unpackedBytes} bytes`);
      hash?.update(piece);
      tar.push(piece);
    }
    if (hash && diffId !== undefined && !matches(hash, diffId))
      throw new RegistryError('badDigest', `unpacked it is not ${diffId}, as the config says`);
    tar.end();
  }

  async *#fetched(
    descriptor: LayerDescriptor,
    number: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const isSmall = this.#keptBytes + descriptor.sizeBytes <= this.#limits.keptBytes;
    const pieces: Uint8Array[] = [];
    let bytesRead = 0;
    for await (const piece of this.#source.layer(descriptor, signal)) {
      if (isSmall) pieces.push(piece);
      bytesRead += piece.length;
      this.#bytesRead += piece.length;
      this.#onProgress?.({ layer: descriptor, number, bytesRead });
      yield piece;
      if (!isSmall) free(piece);
    }
    if (isSmall) this.#kept.set(descriptor, pieces);
    if (isSmall) this.#keptBytes += bytesRead;
  }
}

const pathLimit = 4096;

function about({ digest }: LayerDescriptor, error: RegistryError): RegistryError {
  if (error.message.includes(digest)) return error;
  return error.withMessage(`layer ${digest}: ${error.message}`);
}
