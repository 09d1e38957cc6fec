// The static BusyBox that the cluster's own test image has: what images of the tests run.

import { readLayers } from '../../src/registry/layers/read-layers.ts';
import { formatReference } from '../../src/engine/platform/image/image-reference.ts';
import type { ImageReference } from '../../src/engine/platform/image/image-reference.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { platform } from './ours.ts';
const programBytes = 8 << 20;

/** Read by what is being tested: who cannot read the program stops here. */
export async function programOf(
  registry: Registry,
  reference: ImageReference,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const source = await registry.open(reference, platform, signal);
  const limits = { contentBytes: programBytes };
  const found = await readLayers(
    source,
    {
      paths: ['bin/busybox'],
      decide: (layers, isWhole) => {
        const entries = layers.flatMap((layer) => layer.entries);
        const program = entries.find(({ is, path }) => is === 'file' && path === 'bin/busybox');
        return program || isWhole ? { is: 'answer', answer: program } : { is: 'nextLayer' };
      },
    },
    limits,
    signal,
  );
  if (found.answer?.is === 'file' && found.answer.content) return found.answer.content;
  throw new Error(`${formatReference(reference)} has no bin/busybox`);
}
