// Whether bytes match a digest.

import { createHash, type Hash } from 'node:crypto';

/** A hash for the bytes of this digest. */
export function hashFor(digest: string): Hash {
  return createHash(digest.slice(0, digest.indexOf(':')));
}

export function matches(hash: Hash, digest: string): boolean {
  return hash.digest('hex') === digest.slice(digest.indexOf(':') + 1);
}

export function isDigestOf(digest: string, bytes: Uint8Array): boolean {
  return matches(hashFor(digest).update(bytes), digest);
}

/** The usual digest of some bytes: `sha256:…`. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
