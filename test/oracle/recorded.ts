// What a real runtime said of every image, so that agreement is held where there is no cluster, too.

import { join } from 'node:path';
import type { RuntimeSays } from './verdict.ts';

/** By the name of the image. */
export type Recorded = Readonly<Record<string, RuntimeSays>>;

export const recordedPath = join(import.meta.dirname, 'recorded.json');

/** Without what differs from run to run: folders of the machine, the registry, digests. */
export function withoutWhere(says: RuntimeSays): RuntimeSays {
  if (says.is === 'ran') return says;
  const message = says.message
    .replaceAll(/ ?(?:on )?\/\S*\/(?:containerd-mount\d+|snapshots\/\d+\/fs)(?=[:/ ])/g, ' ')
    .replaceAll(/ "\S+@sha256:[0-9a-f]{64}"/g, '')
    .replaceAll(/ sha256:[0-9a-f]{64}/g, '')
    .replaceAll(/ (?=:)/g, '');
  return { ...says, message };
}
