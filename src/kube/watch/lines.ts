// Cuts a stream of bytes into lines.

import { ByteBuffer } from '../api/byte-buffer.ts';
import { WireError } from './wire-error.ts';

const newline = 0x0a;

/** A line that arrives in one piece is handed on without being copied, so it holds only during the call. */
export class Lines {
  readonly #rest: ByteBuffer;

  constructor(limitBytes: number) {
    this.#rest = new ByteBuffer(limitBytes);
  }

  /** True when the bytes so far end in the middle of a line. */
  get isCut(): boolean {
    return this.#rest.size > 0;
  }

  /** Calls back with each line that these bytes complete, without its end; empty ones are left out. */
  push(chunk: Buffer, onLine: (line: Buffer) => void): void {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#complete(chunk.subarray(start, end), onLine);
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #complete(end: Buffer, onLine: (line: Buffer) => void): void {
    if (this.#rest.size === 0) {
      if (end.length > 0) onLine(end);
      return;
    }
    this.#keep(end);
    onLine(this.#rest.bytes);
    this.#rest.clear();
  }

  #keep(piece: Buffer): void {
    if (!this.#rest.append(piece)) throw new WireError('tooLong', 'A line of the watch is too long');
  }
}
