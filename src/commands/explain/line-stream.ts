// Lines of a stream, chunk by chunk. At most one line is kept in memory.

import type { Readable } from 'node:stream';

/** A text of 1 MiB takes six times that where JSON escapes each of its bytes. */
const maxLineBytes = 8 * 1024 * 1024;

export class LineTooLong extends Error {}

/**
 * The lines that each chunk completes, without line breaks, so that their answers can be written at once.
 *
 * @throws LineTooLong after the lines before that one
 */
export async function* linesOf(stream: Readable): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(Buffer.from(chunk), { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    const long = parts.findIndex((line) => line.length > maxLineBytes);
    if (long >= 0 || rest.length > maxLineBytes) {
      yield parts.slice(0, long < 0 ? parts.length : long);
      throw new LineTooLong(`it is longer than ${maxLineBytes / 1024 / 1024} MiB`);
    }
    if (parts.length > 0) yield parts;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}
