// Cuts a stream of bytes into lines.

import { ByteBuffer } from '../list/byte-buffer.ts';

const newline = 0x0a;

type LinesOptions = {
  readonly limitBytes: number;
  /** Called with each line that is whole, without its end; empty ones are left out. It holds only during the call. */
  readonly onLine: (line: Buffer) => void;
  /** Called once with the beginning of a line that is too long; the rest of that line is dropped. */
  readonly onLongLine: (start: Buffer) => void;
};

/** A line that arrives in one piece is handed on without being copied. */
export class Lines {
  readonly #options: LinesOptions;
  readonly #rest: ByteBuffer;
  #isDropping = false;

  constructor(options: LinesOptions) {
    this.#options = options;
    this.#rest = new ByteBuffer(options.limitBytes);
  }

  /** True when the bytes so far end in the middle of a line. */
  get isCut(): boolean {
    return this.#isDropping || this.#rest.size > 0;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#complete(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #complete(end: Buffer): void {
    if (!this.isCut) {
      if (end.length > 0) this.#options.onLine(end);
      return;
    }
    this.#keep(end);
    if (!this.#isDropping) this.#options.onLine(this.#rest.bytes);
    this.#isDropping = false;
    this.#rest.clear();
  }

  #keep(piece: Buffer): void {
    if (this.#isDropping || this.#rest.append(piece)) return;
    this.#isDropping = true;
    this.#options.onLongLine(this.#rest.bytes);
    this.#rest.release();
  }
}
