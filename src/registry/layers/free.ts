// Gives the memory of large buffers back at once.

const smallBytes = 16 * 1024;

/**
 * For a piece of a stream that nobody will look at again. Left to the collector, a fast stream gathers a hundred
 * megabytes before it is collected. A piece that shares its memory with others is left alone.
 */
export function free({ buffer, byteLength }: Uint8Array): void {
  const isAlone = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  if (isAlone && byteLength >= smallBytes) buffer.transfer(0);
}
