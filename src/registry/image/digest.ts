// Digests: their form, and whether bytes match one.

import { createHash, type Hash } from 'node:crypto';

const forms: Readonly<Record<string, RegExp>> = {
  sha256: /^[0-9a-f]{64}$/,
  sha512: /^[0-9a-f]{128}$/,
};

/** True for the two kinds that registries use, in their one form. */
export function isDigest(text: string): boolean {
  const colon = text.indexOf(':');
  return forms[text.slice(0, colon)]?.test(text.slice(colon + 1)) ?? false;
}

/** A hash for the bytes of this digest. */
export function hashFor(digest: string): Hash {
  return createHash(digest.slice(0, digest.indexOf(':')));
}

export function isSame(hash: Hash, digest: string): boolean {
  return hash.digest('hex') === digest.slice(digest.indexOf(':') + 1);
}

export function isDigestOf(digest: string, bytes: Uint8Array): boolean {
  return isSame(hashFor(digest).update(bytes), digest);
}

/** The usual digest of some bytes: `sha256:…`. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
