// An empty directory for a container that has to write somewhere: the volume and its mount.

import { sha256Hex } from '../../platform/kubernetes/diagnosis-name.ts';

export function emptyDirAt(container: string, mountPath: string) {
  const name = volumeName(container, mountPath);
  return { volume: { name, emptyDir: {} }, mount: { name, mountPath } };
}

/** A DNS label that says what it is for: `app-var-cache`. */
function volumeName(container: string, path: string): string {
  const words = `${container}-${path}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return words.length <= 63 ? words : `${words.slice(0, 54)}-${sha256Hex(words).slice(0, 8)}`;
}
