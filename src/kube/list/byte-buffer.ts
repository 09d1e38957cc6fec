// A buffer that grows, up to a bound, and is used again: big answers leave no garbage behind.

const startBytes = 16 * 1024;
const keptBytes = 2 * 1024 * 1024;

/** What `bytes` gives is a view: it holds until the next `append` or `clear`. */
export class ByteBuffer {
  readonly limitBytes: number;
  #store: Buffer = Buffer.alloc(0);
  #size = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): Buffer {
    return this.#store.subarray(0, this.#size);
  }

  /** False, and nothing added, when it would grow past its limit. */
  append(chunk: Uint8Array): boolean {
    const needed = this.#size + chunk.length;
    if (needed > this.limitBytes) return false;
    if (needed > this.#store.length) this.#grow(needed);
    this.#store.set(chunk, this.#size);
    this.#size = needed;
    return true;
  }

  /** Takes so many bytes away from its beginning. */
  drop(size: number): void {
    this.#store.copyWithin(0, size, this.#size);
    this.#size -= size;
  }

  /** Empties it; what one unusually big answer needed is given back. */
  clear(): void {
    this.#size = 0;
    if (this.#store.length > keptBytes) this.#store = Buffer.alloc(0);
  }

  /** Empties it and gives back all of its memory. */
  release(): void {
    this.#size = 0;
    this.#store = Buffer.alloc(0);
  }

  #grow(needed: number): void {
    let capacity = Math.max(startBytes, this.#store.length);
    while (capacity < needed) capacity *= 2;
    // Not from Node's shared pool, where a small piece would keep a big one alive.
    const store = Buffer.allocUnsafeSlow(Math.min(capacity, this.limitBytes));
    this.#store.copy(store, 0, 0, this.#size);
    this.#store = store;
  }
}
