// What it costs to find the user of a large image: `npm run test:e2e -- --image-cost`. Bytes and time as ratios to reading
// every layer, memory as what the reading process needed at most above what it had before.

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { attempt } from '../e2e/outcome.ts';
import type { Outcome } from '../e2e/outcome.ts';
import type { Cost, Order } from './image-reader.ts';
import { largeLayer } from './large-layer.ts';
import type { LargeLayer, Packing } from './large-layer.ts';
import { LargeServer } from './large-server.ts';
import type { LargeImage } from './large-server.ts';
import { file } from './tar.ts';

const MB = 1e6;
const layerCount = 30;
const layerBytes = Math.floor((1000 * MB) / layerCount);
const singleBytes = 2000 * MB;
const peakLimitBytes = 40 * MB;
const ratioLimit = 0.1;
const user = file('etc/passwd', 'root:x:0:0\napp:x:10001:20001\n');

type Large = { readonly name: string; readonly packing: Packing; readonly seed: number };

const larges: readonly Large[] = [
  { name: 'gzip', packing: 'gzip', seed: 101 },
  { name: 'zstd', packing: 'zstd', seed: 101 },
  { name: 'plain', packing: 'plain', seed: 101 },
  { name: 'gzip-of-zeros', packing: 'gzip', seed: 0 },
  { name: 'zstd-of-zeros', packing: 'zstd', seed: 0 },
];

export async function imageCost(signal: AbortSignal): Promise<readonly Outcome[]> {
  process.stdout.write('making the images takes a minute\n');
  const server = new LargeServer(await images());
  const host = await server.listen();
  const withReader: WithReader = (work) => withReaderOf(host, signal, work);
  try {
    return await measure(server, withReader);
  } finally {
    await server.close();
  }
}

type WithReader = <T>(work: (reader: ChildProcess) => Promise<T>) => Promise<T>;

/** A fresh process that has read one small image, so that all code has run once: that is what idle means. */
async function withReaderOf<T>(
  host: string,
  signal: AbortSignal,
  work: (reader: ChildProcess) => Promise<T>,
): Promise<T> {
  const program = fileURLToPath(new URL('image-reader.ts', import.meta.url));
  const reader = fork(program, [host], { signal });
  reader.once('error', () => {}); // an interrupted one; whoever waits for it hears of it
  try {
    await ask(reader, { tag: 'small', how: 'gid' });
    return await work(reader);
  } finally {
    reader.kill();
  }
}

async function measure(server: LargeServer, withReader: WithReader): Promise<readonly Outcome[]> {
  const outcomes = [
    await attempt('a named user in the top layer of 30', () => withReader(topLayer)),
    await attempt('the uid of a number', () => withReader((reader) => number(server, reader))),
  ];
  for (const { name } of larges)
    outcomes.push(
      await attempt(`memory for a layer of 2 GB, ${name}`, () =>
        withReader((reader) => memory(reader, name)),
      ),
    );
  return outcomes;
}

async function images(): Promise<readonly LargeImage[]> {
  const lower: LargeLayer[] = [];
  for (let seed = 1; seed < layerCount; seed += 1) lower.push(await largeLayer(seed, layerBytes, [], 'gzip'));
  const top = await largeLayer(layerCount, layerBytes, [user], 'gzip');
  const large: LargeImage[] = [];
  for (const { name, packing, seed } of larges)
    large.push({ name, user: 'app', layers: [await largeLayer(seed, singleBytes, [user], packing)] });
  const layers = [...lower, top];
  return [
    { name: 'small', user: 'app', layers: [await largeLayer(100, 10 * MB, [user], 'gzip')] },
    { name: 'named', user: 'app', layers },
    { name: 'number', user: '10001', layers },
    ...large,
  ];
}

async function topLayer(reader: ChildProcess): Promise<Outcome> {
  const name = 'a named user in the top layer of 30';
  const some = await ask(reader, { tag: 'named', how: 'gid' });
  const all = await ask(reader, { tag: 'named', how: 'allLayers' });
  const [bytes, time] = [some.bytesRead / all.bytesRead, some.timeMs / all.timeMs];
  const told = `${shown(some)}, against ${shown(all)} for all: ${bytes.toFixed(3)} of the bytes, ${time.toFixed(3)} of the time`;
  const isRight = JSON.stringify(some.answer) === JSON.stringify(all.answer) && isUser(some);
  return judged(name, told, isRight && bytes < ratioLimit && time < ratioLimit);
}

async function number(server: LargeServer, reader: ChildProcess): Promise<Outcome> {
  const before = server.layersAsked;
  const cost = await ask(reader, { tag: 'number', how: 'uid' });
  const asked = server.layersAsked - before;
  const told = `${shown(cost)}, ${asked} layers asked for`;
  return judged('the uid of a number', told, asked === 0 && cost.bytesRead === 0 && hasUid(cost));
}

async function memory(reader: ChildProcess, tag: string): Promise<Outcome> {
  const cost = await ask(reader, { tag, how: 'gid' });
  const told = `${Math.round(cost.peakBytes / MB)} MB at most, ${shown(cost)}`;
  return judged(`memory for a layer of 2 GB, ${tag}`, told, cost.peakBytes < peakLimitBytes && isUser(cost));
}

const judged = (name: string, told: string, isGood: boolean): Outcome => ({
  name,
  result: isGood ? 'ok' : 'FAIL',
  details: [told],
});

const isUser = ({ answer }: Cost): boolean => /"uid":10001,"gid":20001/.test(JSON.stringify(answer));
const hasUid = ({ answer }: Cost): boolean => /"uid":10001/.test(JSON.stringify(answer));

const shown = ({ bytesRead, timeMs }: Cost): string =>
  `${(bytesRead / MB).toFixed(1)} MB in ${Math.round(timeMs)} ms`;

/** A reader that died answers nothing, so its end is waited for as well. */
async function ask(reader: ChildProcess, order: Order): Promise<Cost> {
  reader.send(order);
  const died = once(reader, 'exit').then(([code]) => {
    throw new Error(`the reader ended with ${code} at ${order.tag}`);
  });
  const [cost] = (await Promise.race([once(reader, 'message'), died])) as [Cost];
  return cost;
}
