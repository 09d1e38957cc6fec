// A process of its own that reads one image after another as it is told, and says what that took: `node image-reader.ts HOST`.

import { readFileSync, writeFileSync } from 'node:fs';
import type { Inquiry } from '../../src/engine/model/image.ts';
import { imageInquiry } from '../../src/engine/platform/image/image-inquiry.ts';
import type { ImageSource } from '../../src/registry/image/image-source.ts';
import { readLayers } from '../../src/registry/layers/read-layers.ts';
import { Registry } from '../../src/registry/registry.ts';
import { platform } from './ours.ts';

export type Order = { readonly tag: string; readonly how: 'uid' | 'gid' | 'allLayers' };
export type Cost = {
  readonly bytesRead: number;
  readonly timeMs: number;
  /** Most memory at any time, above what it was before. */
  readonly peakBytes: number;
  readonly answer: unknown;
};

const [host = ''] = process.argv.slice(2);
const registry = new Registry({
  hosts: { hosts: { [host]: { plainHttp: true, mirrors: [] } }, allow: [] },
});
const { signal } = new AbortController();

process.on('message', (order: Order) => {
  carryOut(order).then(
    (cost) => process.send?.(cost),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());

async function carryOut({ tag, how }: Order): Promise<Cost> {
  writeFileSync('/proc/self/clear_refs', '5'); // forgets the peak so far
  const before = memoryBytes('VmRSS');
  const startMs = performance.now();
  const source = await registry.open({ host, repository: 'large', tag }, platform, signal);
  const { answer, bytesRead } = await readLayers(source, inquiryOf(source, how), {}, signal);
  const timeMs = performance.now() - startMs;
  return { bytesRead, timeMs, peakBytes: memoryBytes('VmHWM') - before, answer };
}

function inquiryOf({ config }: ImageSource, how: Order['how']): Inquiry<unknown> {
  const inquiry = imageInquiry(config, { gid: how === 'gid' });
  if (how !== 'allLayers') return inquiry;
  return {
    paths: inquiry.paths,
    decide: (layers, isWhole, paths) =>
      isWhole ? inquiry.decide(layers, isWhole, paths) : { is: 'nextLayer' },
  };
}

function memoryBytes(field: 'VmRSS' | 'VmHWM'): number {
  const [, kib] =
    new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kib) * 1024;
}
