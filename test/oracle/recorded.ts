// What a real runtime said of every image, so that agreement is held where there is no cluster, too.

import { join } from 'node:path';
import type { RuntimeSays } from './verdict.ts';

/** By the name of the image. */
export type Recorded = Readonly<Record<string, RuntimeSays>>;

export const recordedPath = join(import.meta.dirname, 'recorded.json');

/** Folders, pods and digests are others in each run. */
export function withoutWhere(says: RuntimeSays): RuntimeSays {
  if (says.is === 'ran') return says;
  const message = says.message
    .replaceAll(/\/\S*(?=\/(?:etc|rootfs)\b)/g, '…')
    .replaceAll(/"?[\w.:-]+\/oracle\/images@sha256:[0-9a-f]{64}"?/g, 'IMAGE')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'ID')
    .replaceAll(/containerd-mount\d+/g, 'containerd-mount');
  return { ...says, message };
}
