// Gives the memory of large buffers back at once.

const smallBytes = 16 * 1024;

/**
 * For a piece of a stream that is no longer used. Left to the garbage collector, a fast stream takes a hundred megabytes
 * before they are collected. A piece that shares its memory with others is left alone.
 */
export function free({ buffer, byteLength }: Uint8Array): void {
  const isAlone = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  if (isAlone && byteLength >= smallBytes) buffer.transfer(0);
}
