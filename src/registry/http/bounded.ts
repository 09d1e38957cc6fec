// Streams that end where they were said to end, and hold what they were said to hold.

import { hashFor, isSame } from '../image/digest.ts';
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

/** The stream as it is, and at its end the word on whether it was what the descriptor says: `badDigest` if not. */
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
      throw new RegistryError('badDigest', `${digest} is longer than the ${sizeBytes} bytes that were named`);
    hash.update(piece);
    yield piece;
  }
  if (leftBytes > 0 || !isSame(hash, digest))
    throw new RegistryError('badDigest', `${digest} has other bytes than its digest says`);
}
