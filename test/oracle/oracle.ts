// The runtime as the oracle: images of every form are made, run by the cluster's own container runtime, and read by us;
// both must find the same user. `npm run test:e2e -- --oracle all`, or `sample` for a few of them.

import { programOf } from './donor-program.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { formatReference, parseReference } from '../../src/engine/platform/image/image-reference.ts';

import { Registry } from '../../src/registry/registry.ts';
import { connect } from '../e2e/cluster.ts';
import type { Cluster } from '../e2e/cluster.ts';
import { dropNamespaces, makeNamespace } from '../e2e/namespaces.ts';
import { attempt } from '../e2e/outcome.ts';
import type { Outcome } from '../e2e/outcome.ts';
import { imageOf } from './image.ts';
import type { Image } from './image.ts';
import { oursOf, platform, termsOf } from './ours.ts';
import { push } from './push.ts';
import { allRecipes, nameOf, sampleOf } from './recipe.ts';
import type { Recipe } from './recipe.ts';
import { recordedPath, withoutWhere } from './recorded.ts';
import type { Recorded } from './recorded.ts';
import { runAll } from './runtime.ts';
import { disagreement } from './verdict.ts';
import type { RuntimeSays } from './verdict.ts';

export type OracleOptions = {
  readonly kubeconfig: string;
  readonly which: 'all' | 'sample';
  /** An image with a static `bin/busybox`; the images are pushed to its registry, which must take plain HTTP. */
  readonly donor: string;
};

const namespace = 'rootcause-oracle';
const repository = 'oracle/images';

/** One outcome for each image. RECORD_ORACLE=1 keeps what the runtime said, for the test that needs no cluster. */
export async function oracle(
  { kubeconfig, which, donor }: OracleOptions,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcause-oracle-'));
  const reference = parseReference(donor);
  if (reference === undefined) throw new Error(`${donor} is no image`);
  const registry = new Registry({
    hosts: { hosts: { [reference.host]: { plainHttp: true, mirrors: [] } }, allow: [] },
  });
  const cluster = await connect(kubeconfig, folder);
  try {
    await makeNamespace(cluster, namespace, signal);
    const recipes = which === 'all' ? allRecipes() : sampleOf(allRecipes());
    const program = await programOf(registry, reference, signal);
    const images = recipes.map((recipe) => ({ recipe, image: imageOf(recipe, program) }));
    const says = await ask(cluster, reference.host, images, signal);
    if (process.env['RECORD_ORACLE'] && which === 'all') await record(images, says);
    return await compareAll(registry, reference.host, images, says, signal);
  } finally {
    await dropNamespaces(cluster, [namespace], new AbortController().signal);
    await Promise.all([cluster.close(), registry.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

type Made = { readonly recipe: Recipe; readonly image: Image };

async function ask(
  cluster: Cluster,
  host: string,
  images: readonly Made[],
  signal: AbortSignal,
): Promise<readonly RuntimeSays[]> {
  for (const { image } of images) await push(`${host}/${repository}`, image, signal);
  process.stdout.write(`${images.length} images are in the registry\n`);
  const references = images.map(({ image }) => `${host}/${repository}@${image.digest}`);
  return runAll(cluster, namespace, references, signal, (done) => {
    process.stdout.write(`${done} of ${images.length} have run\n`);
  });
}

async function record(images: readonly Made[], says: readonly RuntimeSays[]): Promise<void> {
  const all: Recorded = Object.fromEntries(
    images.flatMap(({ recipe }, at) => (says[at] ? [[nameOf(recipe), withoutWhere(says[at])]] : [])),
  );
  await writeFile(recordedPath, `${JSON.stringify(all, undefined, 2)}\n`);
}

async function compareAll(
  registry: Registry,
  host: string,
  images: readonly Made[],
  says: readonly RuntimeSays[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [at, { recipe, image }] of images.entries())
    outcomes.push(
      await attempt(nameOf(recipe), async () => {
        const reference = { host, repository, digest: image.digest };
        const ours = await oursOf(() => registry.open(reference, platform, signal), signal);
        const runtime = says[at];
        if (runtime === undefined) return ['the runtime said nothing of it'];
        const wrong = disagreement(runtime, ours, await termsOf(recipe, signal));
        return wrong === undefined ? [] : [`${wrong}; image ${formatReference(reference)}`];
      }),
    );
  return [...outcomes, await attempt('enough could be unpacked', async () => unpacked(says))];
}

/** A runtime that refuses most of them proves nothing. */
function unpacked(says: readonly RuntimeSays[]): readonly string[] {
  const count = says.filter(({ is }) => is !== 'notUnpacked').length;
  process.stdout.write(`${says.length - count} of ${says.length} images could not be unpacked\n`);
  return count > 0.9 * says.length ? [] : [`only ${count} of ${says.length} images`];
}
