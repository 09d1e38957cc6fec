// Streams whose size is bounded, and streams whose size and digest are verified.

import { hashFor, matches } from '../image/digest.ts';
import { RegistryError } from '../error.ts';

/** All bytes of a stream; throws `tooLarge` past the limit. */
export async function readBounded(
  stream: AsyncIterable<Uint8Array>,
  limitBytes: number,
  about: string,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of stream) {
    sizeBytes += piece.length;
    if (sizeBytes > limitBytes)
      throw new RegistryError('tooLarge', `${about} is larger than ${limitBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

type Stated = { readonly digest: string; readonly sizeBytes: number };

/** The stream as it is. Throws `badDigest` at its end when it is not what the descriptor says. */
export async function* verified(
  stream: AsyncIterable<Uint8Array>,
  { digest, sizeBytes }: Stated,
  limitBytes: number,
): AsyncGenerator<Uint8Array> {
  if (sizeBytes > limitBytes)
    throw new RegistryError(
      'tooLarge',
      `${digest} has ${sizeBytes} bytes, more than the ${limitBytes} allowed`,
    );
  const hash = hashFor(digest);
  let leftBytes = sizeBytes;
  for await (const piece of stream) {
    leftBytes -= piece.length;
    if (leftBytes < 0)
      throw new RegistryError(
        'badDigest',
        `${digest} is longer than the ${sizeBytes} bytes that its descriptor says`,
      );
    hash.update(piece);
    yield piece;
  }
  if (leftBytes > 0 || !matches(hash, digest))
    throw new RegistryError('badDigest', `${digest} has other bytes than its digest says`);
}
