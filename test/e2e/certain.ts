// Whether certain means certain: workloads of images shaped like real ones, each fix that is called certain is applied, and
// its pod must be Ready and stay so. `npm run test:e2e -- --certain all`, or `sample` for a few small ones.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseReference } from '../../src/engine/platform/image/image-reference.ts';
import { Registry } from '../../src/registry/registry.ts';
import { programOf } from '../oracle/donor-program.ts';
import { push } from '../oracle/push.ts';
import type { BuiltImage } from '../registry/image.ts';
import type { CertainImage } from './certain-images.ts';
import { certainImages } from './certain-images.ts';
import { claim } from './claim.ts';
import { connect } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { dropNamespaces, makeNamespace } from './namespaces.ts';
import type { WireDiagnosis, WirePod } from './objects.ts';
import { startOperator } from './operator.ts';
import type { OracleOptions } from '../oracle/oracle.ts';
import { attempt } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { demand, holds } from './until.ts';
import { deployment } from './workloads.ts';

const namespace = 'rootcause-certain';
const repository = 'oracle/certain';
const batchSize = 12;
const staysMs = 60_000;

/** One outcome for each image. */
export async function certain(
  { kubeconfig, which, donor }: OracleOptions,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcause-certain-'));
  const cluster = await connect(kubeconfig, folder);
  try {
    const held = await claim(cluster); // another operator would write to the same diagnoses
    return await measure(cluster, { kubeconfig, which, donor }, signal).finally(() => held.release());
  } finally {
    await cluster.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  cluster: Cluster,
  { kubeconfig, which, donor }: OracleOptions,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const root = join(import.meta.dirname, '../..');
  const { place, images } = await pushed(donor, which, signal);
  const definition = join(root, 'crds/rootcause.dev_diagnoses.yaml');
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', definition]);
  try {
    await makeNamespace(cluster, namespace, signal);
    const command = [process.execPath, join(root, 'src/main.ts'), 'operator'] as const;
    const flags = [
      '--namespaces',
      namespace,
      '--dry-run',
      'no',
      '--resync',
      '10s',
      '--registry-mebibytes-per-minute',
      '0',
    ];
    const operator = await startOperator({ command, kubeconfig, flags, signal });
    return await inBatches(images, { cluster, place, signal }).finally(() => operator.stop());
  } finally {
    await dropNamespaces(cluster, [namespace], new AbortController().signal);
  }
}

async function pushed(
  donor: string,
  which: OracleOptions['which'],
  signal: AbortSignal,
): Promise<{ readonly place: string; readonly images: readonly CertainImage[] }> {
  const reference = parseReference(donor);
  if (reference === undefined) throw new Error(`${donor} is no image`);
  const { host } = reference;
  const registry = new Registry({
    hosts: { hosts: { [host]: { plainHttp: true, mirrors: [] } }, allow: [] },
  });
  const busybox = await programOf(registry, reference, signal).finally(() => registry.close());
  const images = certainImages(busybox, which);
  for (const { image } of images) await push(`${host}/${repository}`, wire(image), signal);
  process.stdout.write(`${images.length} images are in the registry\n`);
  return { place: `${host}/${repository}`, images };
}

const wire = ({ manifest, config, layers }: BuiltImage) => ({
  digest: manifest.digest,
  manifest: manifest.bytes,
  blobs: new Map([config, ...layers].map(({ digest, bytes }) => [digest, bytes])),
});

type Ground = { readonly cluster: Cluster; readonly place: string; readonly signal: AbortSignal };

async function inBatches(images: readonly CertainImage[], ground: Ground): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let at = 0; at < images.length; at += batchSize) {
    const batch = images.slice(at, at + batchSize);
    outcomes.push(...(await Promise.all(batch.map((one) => attempt(one.name, () => tried(one, ground))))));
  }
  return outcomes;
}

const pathOf = (name: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;

async function tried(certainImage: CertainImage, ground: Ground): Promise<Outcome | readonly string[]> {
  const { name, image, isSound } = certainImage;
  const { cluster, place, signal } = ground;
  const reference = `${place}@${image.manifest.digest}`;
  await cluster.send(
    'POST',
    `/apis/apps/v1/namespaces/${namespace}/deployments`,
    deployment({ namespace, name, image: reference }),
  );
  try {
    const fix = await fixOf(name, ground);
    const remark = `${fix.certainty}, ${sizeOf(image)} MB`;
    if (fix.certainty !== 'Certain')
      return isSound
        ? [`${remark} though its program is sound: ${fix.risks}`]
        : ok(name, `${remark}: ${fix.risks}`);
    await cluster.kubectl(['-n', namespace, 'patch', 'deployment', name, '--patch', fix.patch]);
    await demand(`${name} after its fix`, () => notReady(name, cluster), { limitMs: 120_000, signal });
    const lost = await holds(() => notReady(name, cluster), { limitMs: staysMs, signal, everyMs: 1000 });
    return lost.length > 0 ? lost : ok(name, remark);
  } finally {
    await cluster.send('DELETE', `${pathOf(name)}?propagationPolicy=Background`);
  }
}

const ok = (name: string, remark: string): Outcome => ({ name, result: 'ok', details: [remark] });

const sizeOf = ({ layers }: BuiltImage): number =>
  Math.round(layers.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1e6);

type Found = { readonly certainty: string; readonly patch: string; readonly risks: string };

/** What the Diagnosis says once the image has been read. */
async function fixOf(name: string, { cluster, signal }: Ground): Promise<Found> {
  const path = `/apis/rootcause.dev/v1alpha1/namespaces/${namespace}/diagnoses/deployment-${name}`;
  const read = async () => (await cluster.read<WireDiagnosis>(path))?.status;
  const open = async (): Promise<readonly string[]> => {
    const image = (await read())?.findings[0]?.image;
    return image?.resolution === 'Resolved' ? [] : [image?.detail ?? 'no Diagnosis'];
  };
  await demand(`the image of ${name}`, open, { limitMs: 180_000, signal });
  const status = await read();
  const risks = status?.findings[0]?.risks?.map(({ code, detail }) => `${code} ${detail}`) ?? [];
  const { certainty = 'none', patch = '' } = status?.fix ?? {};
  return { certainty, patch, risks: risks.join('; ') };
}

/** Its newest pods, as their controller counts them; one that was restarted is not steady. */
async function notReady(name: string, cluster: Cluster): Promise<readonly string[]> {
  const { items } = await cluster.list<WirePod & { readonly spec: { readonly securityContext?: object } }>(
    `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${name}`,
  );
  const ready = items.filter(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  );
  const restarted = items.flatMap(({ status }) => status?.containerStatuses ?? []).filter(hasRestarted);
  if (restarted.length > 0) return [`restarted: ${JSON.stringify(restarted[0]?.state)}`];
  return ready.length === 1 && items.length === 1
    ? []
    : [`${ready.length} of ${items.length} pods are ready`];
}

const hasRestarted = (status: object): boolean => 'restartCount' in status && Number(status.restartCount) > 0;
