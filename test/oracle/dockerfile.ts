// The kubelet as the oracle of our Dockerfile lines: they are put under the image that they are for, built, and run with
// runAsNonRoot. `npm run test:e2e -- --dockerfile all`, or `sample` for a few of them.
//
// E2E_BUSYBOX names a static BusyBox, best one with adduser; E2E_BASE_IMAGES a command that, given the registry's host, puts
// base/node:24 into it.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inspectImage } from '../../src/images/inspect-image.ts';
import { LayerCache } from '../../src/registry/layers/layer-cache.ts';
import { SharedAnswers } from '../../src/images/shared-answers.ts';
import { factsOf } from '../../src/engine/diagnose/images/image-facts.ts';
import type { ImageFacts } from '../../src/engine/model/finding.ts';
import { dockerfileFor } from '../../src/engine/fix/cure/dockerfile.ts';
import { dockerfileText } from '../../src/engine/report/dockerfile-text.ts';
import { parseReference } from '../../src/engine/platform/image/image-reference.ts';
import { Registry } from '../../src/registry/registry.ts';
import { connect } from '../e2e/cluster.ts';
import type { Cluster } from '../e2e/cluster.ts';
import { dropNamespaces, makeNamespace } from '../e2e/namespaces.ts';
import type { WirePod } from '../e2e/objects.ts';
import { attempt } from '../e2e/outcome.ts';
import type { Outcome } from '../e2e/outcome.ts';
import { demand } from '../e2e/until.ts';
import { busyboxHere, type BusyBox } from './busybox.ts';
import { openBuilder } from './dockerfile-build.ts';
import type { Builder } from './dockerfile-build.ts';
import { subjects } from './dockerfile-images.ts';
import type { Subject } from './dockerfile-images.ts';
import type { OracleOptions } from './oracle.ts';
import { push } from './push.ts';

const namespace = 'rootcause-dockerfile';
const madeIn = 'oracle/dockerfile-bases';
const builtIn = 'oracle/dockerfile';
const baseLimitMs = 900_000;
const runLimitMs = 120_000;
const run = promisify(execFile);

type Ground = {
  readonly host: string;
  readonly registry: Registry;
  readonly builder: Builder;
  readonly cluster: Cluster;
  readonly busybox: BusyBox | undefined;
  readonly signal: AbortSignal;
};

/** One outcome for each image. */
export async function dockerfileOracle(
  { kubeconfig, which, donor }: OracleOptions,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const host = parseReference(donor)?.host;
  if (host === undefined) throw new Error(`${donor} is no image`);
  const chosen = subjects.filter(({ isSample }) => which === 'all' || isSample === true);
  const folder = await mkdtemp(join(tmpdir(), 'rootcause-dockerfile-'));
  try {
    const builder = await openBuilder(folder);
    if (builder) return await tryAll(chosen, builder, { kubeconfig, host, folder }, signal);
    return await Promise.all(chosen.map(({ name }) => skipped(name, 'there is no buildah')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function tryAll(
  chosen: readonly Subject[],
  builder: Builder,
  {
    kubeconfig,
    host,
    folder,
  }: { readonly kubeconfig: string; readonly host: string; readonly folder: string },
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const registry = new Registry({
    hosts: { hosts: { [host]: { plainHttp: true, mirrors: [] } }, allow: [] },
  });
  const cluster = await connect(kubeconfig, folder);
  try {
    await makeNamespace(cluster, namespace, signal);
    const ground = { host, registry, builder, cluster, busybox: await busyboxHere(), signal };
    const outcomes: Outcome[] = [];
    for (const [at, subject] of chosen.entries()) outcomes.push(await tried(subject, `x${at}`, ground));
    return outcomes;
  } finally {
    await dropNamespaces(cluster, [namespace], new AbortController().signal);
    await Promise.all([cluster.close(), registry.close(), builder.close()]);
  }
}

async function tried(subject: Subject, pod: string, ground: Ground): Promise<Outcome> {
  const why = await hindrance(subject, ground);
  return why === undefined
    ? attempt(subject.name, () => complaints(subject, pod, ground))
    : skipped(subject.name, why);
}

const skipped = (name: string, why: string): Promise<Outcome> =>
  attempt(name, async () => ({ name, result: 'skip', details: [why] }));

/** Why an image cannot be had here. */
async function hindrance(
  { repository, make, needs = [], needsVolumes = false }: Subject,
  ground: Ground,
): Promise<string | undefined> {
  const { busybox, builder, host } = ground;
  if (make && !busybox) return 'there is no busybox on PATH, and E2E_BUSYBOX names none';
  const lacks = needs.filter((applet) => !busybox?.applets.has(applet));
  if (lacks.length > 0)
    return `${busybox?.path} has no ${lacks.join(', ')}: E2E_BUSYBOX may name one that has`;
  if (needsVolumes && !builder.keepsVolumes)
    return 'this buildah takes back what RUN does in a VOLUME: 1.33 keeps it';
  if (repository === undefined || (await isIn(repository, ground))) return undefined;
  const command = process.env['E2E_BASE_IMAGES'];
  if (command === undefined)
    return `${host}/${repository} is not there, and E2E_BASE_IMAGES names nothing that makes it`;
  await run('sh', ['-c', `${command} "$0"`, host], { timeout: baseLimitMs, signal: ground.signal });
  return (await isIn(repository, ground)) ? undefined : `${command} has not made ${host}/${repository}`;
}

async function isIn(repository: string, { host, registry, signal }: Ground): Promise<boolean> {
  const reference = parseReference(`${host}/${repository}`);
  if (!reference) return false;
  return registry.digestNow(reference, signal).then(
    () => true,
    () => false,
  );
}

async function complaints(subject: Subject, pod: string, ground: Ground): Promise<readonly string[]> {
  const { host, builder, cluster, signal } = ground;
  const facts = await factsAbout(await referenceOf(subject, ground), ground);
  const lines = dockerfileText(dockerfileFor(facts).lines);
  const missing = subject.lines.filter((line) => !line.test(lines));
  if (missing.length > 0) return [`no line is like ${missing.join(', ')} in\n${lines}`];
  const place = facts.reference.replace(/:[^:/]*$/, '').replace(/@.*$/, '');
  const tag = `${host}/${builtIn}:${pod}-${Date.now().toString(36)}`;
  await builder.build(`FROM ${place}@${facts.digest}\n${lines}`, tag, signal);
  await cluster.send('POST', `/api/v1/namespaces/${namespace}/pods`, podOf(pod, tag, subject));
  await demand(`${subject.name} with\n${lines}`, () => notRunning(pod, cluster), {
    limitMs: runLimitMs,
    signal,
  });
  const wrong = subject.id === undefined ? [] : await wrongIds(pod, subject.id, lines, cluster);
  await cluster.send('DELETE', `/api/v1/namespaces/${namespace}/pods/${pod}?gracePeriodSeconds=0`);
  return wrong;
}

async function referenceOf(subject: Subject, { host, busybox, signal }: Ground): Promise<string> {
  if (!subject.make || !busybox) return `${host}/${subject.repository}`;
  const image = subject.make(busybox.bytes);
  await push(`${host}/${madeIn}`, image, signal);
  return `${host}/${madeIn}@${image.digest}`;
}

/** As the operator reads it. */
async function factsAbout(reference: string, { registry, signal }: Ground): Promise<ImageFacts> {
  const question = {
    ask: 'image',
    reference,
    namespace,
    serviceAccount: 'default',
    pullSecrets: [],
  } as const;
  const inspector = {
    registry,
    credentialsFor: () => [],
    refusalOf: async () => undefined,
    shared: new SharedAnswers(() => 0),
    layers: new LayerCache(1 << 24),
  };
  const reading = await inspectImage(question, inspector, signal);
  if (reading.is !== 'read') throw new Error(`${reference} could not be read: ${reading.because}`);
  return { ...factsOf({}, reading), reference };
}

function podOf(name: string, image: string, { command }: Subject): object {
  const container = { name: 'app', image, ...(command && { command }) };
  const spec = {
    securityContext: { runAsNonRoot: true },
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    containers: [container],
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
}

async function notRunning(name: string, cluster: Cluster): Promise<readonly string[]> {
  const pod = await cluster.read<WirePod>(`/api/v1/namespaces/${namespace}/pods/${name}`);
  const { state } = pod?.status?.containerStatuses?.[0] ?? {};
  return state?.running ? [] : [JSON.stringify(state ?? pod?.status?.phase ?? 'no pod')];
}

/** The program is asked who it is; the last USER says who it should be. */
async function wrongIds(
  pod: string,
  id: string,
  lines: string,
  cluster: Cluster,
): Promise<readonly string[]> {
  const [, uid, gid] = /^USER (\d+)(?::(\d+))?\n$/m.exec(lines.slice(lines.lastIndexOf('USER '))) ?? [];
  const ask = async (option: string): Promise<string> =>
    (await cluster.kubectl(['-n', namespace, 'exec', pod, '--', id, option])).trim();
  const [isUid, isGid] = [await ask('-u'), await ask('-g')];
  return [
    ...(isUid === uid ? [] : [`it runs as uid ${isUid}, not ${uid}`]),
    // The group part of USER never reaches the runtime, so only an entry in passwd makes it so.
    ...(gid === undefined || isGid === gid ? [] : [`it runs as gid ${isGid}, not ${gid}`]),
  ];
}
