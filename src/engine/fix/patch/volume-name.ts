// What a volume that we add is called.

import { sha256Hex } from '../../platform/kubernetes/diagnosis-name.ts';

/** A DNS label that says what it is for: `app-var-cache`. */
export function volumeName(container: string, path: string): string {
  const words = `${container}-${path}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return words.length <= 63 ? words : `${words.slice(0, 54)}-${sha256Hex(words).slice(0, 8)}`;
}
