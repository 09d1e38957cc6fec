// Workloads fail and recover while every connection of the operator is cut a hundred times, and the API server is
// killed in between where a command for that is given: nothing may be missed, and nothing may be doubled.
// `npm run test:e2e -- --chaos`; E2E_SEED repeats a run, E2E_APISERVER_RESTART kills and restarts the API server.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { announced, diagnosisOf, lacks, place } from './checks/check.ts';
import { startCutter } from './cutter.ts';
import type { Cutter } from './cutter.ts';
import { attempt, verdict } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { seeded } from './seeded.ts';
import type { Session } from './session.ts';
import { createPod, deletePod, failPod, healPod } from './synthetic.ts';
import type { Synthetic } from './synthetic.ts';
import { demand, holds, until } from './until.ts';
import type { Complaints } from './until.ts';
import { defineKinds, forgetKinds, makeOwner } from './widget.ts';

const cuts = 100;
const restarts = 3;
const longestCalmMs = 1500;
const pairs = 6;
const settleSeconds = 2;
const limitMs = 90_000;

export async function chaos(session: Session): Promise<readonly Outcome[]> {
  const seed = Number(process.env['E2E_SEED'] ?? Date.now() % 1_000_000);
  await defineKinds(session.cluster, ['Widget'], session.signal);
  const outcome = await attempt('chaos', () => storm(session, seed));
  await forgetKinds(session.cluster, ['Widget']);
  const log = await attempt('log', () => session.stop());
  return [outcome, log];
}

async function storm(session: Session, seed: number): Promise<Outcome> {
  const cutter = await cutterBefore(session);
  const namespace = await place(session, 'chaos');
  await session.start(['--settle', `${settleSeconds}s`], await throughCutter(session, cutter));
  const subjects = await makeSubjects(session, namespace);
  const storming = new AbortController();
  const cutting = cutAll(session, cutter, seeded(seed)).finally(() => storming.abort());
  const stories = await Promise.all(subjects.map((subject) => live(session, subject, storming.signal)));
  const open = await cutting;
  cutter.close();
  const complaints = [
    ...stories.flatMap((story) => story.complaints),
    ...(await doubled(session, namespace, stories)),
  ];
  if (complaints.length > 0) return verdict('chaos', [`seed ${seed}`, ...complaints]);
  const cycles = stories.reduce((sum, story) => sum + story.cycles, 0);
  const killed = process.env['E2E_APISERVER_RESTART'] ? `, ${restarts} restarts of the API server` : '';
  const told = `seed ${seed}: ${cuts} cuts of ${open} connections${killed}; ${cycles} times failed and recovered`;
  return { name: 'chaos', result: 'ok', details: [told] };
}

/** A workload, the pods by which it fails, and how often it did. */
type Subject = { readonly workload: string; readonly name: string; readonly pods: readonly Synthetic[] };
type Story = Subject & { readonly cycles: number; readonly complaints: Complaints };

/** Bare pods, and objects of a custom kind with two pods each. */
async function makeSubjects({ cluster }: Session, namespace: string): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  for (let index = 0; index < pairs; index += 1) {
    const bare = { namespace, name: `bare-${index}` };
    const owner = await makeOwner(cluster, 'Widget', namespace, `widget-${index}`);
    const owned = [0, 1].map((pod) => ({ namespace, name: `widget-${index}-${pod}`, owner }));
    for (const pod of [bare, ...owned]) await createPod(cluster, pod);
    subjects.push({ workload: `Pod/${bare.name}`, name: bare.name, pods: [bare] });
    subjects.push({ workload: `Widget/${owner.name}`, name: owner.name, pods: owned });
  }
  return subjects;
}

/** Fails and recovers until the storm is over, each time waiting until the operator has said so. */
async function live(session: Session, subject: Subject, storming: AbortSignal): Promise<Story> {
  let cycles = 0;
  let complaints: Complaints = [];
  const [first] = subject.pods;
  const namespace = first?.namespace ?? '';
  const said = (state: 'Failing' | 'Resolved') =>
    until(lacks(session, namespace, subject.workload, state), {
      limitMs,
      signal: session.signal,
      everyMs: 50,
    });
  while (!storming.aborted && complaints.length === 0) {
    for (const pod of subject.pods) await insist(session, () => failPod(session.cluster, pod));
    complaints = await said('Failing');
    for (const pod of subject.pods) await insist(session, () => recover(session, pod, cycles));
    complaints = [...complaints, ...(await said('Resolved'))].map((one) => `cycle ${cycles}: ${one}`);
    cycles += 1;
  }
  return { ...subject, cycles, complaints };
}

/** Pods that have an owner are replaced every other time, as a controller would. */
async function recover({ cluster }: Session, pod: Synthetic, cycle: number): Promise<void> {
  if (pod.owner !== undefined && cycle % 2 !== 0) {
    await deletePod(cluster, pod).catch(() => {}); // gone already, where an earlier attempt got so far
    await createPod(cluster, pod);
  }
  return healPod(cluster, pod);
}

/** The API server of the tests themselves may be away as well. */
async function insist({ signal }: Session, action: () => Promise<void>): Promise<void> {
  const probe = async () => {
    try {
      await action();
      return [];
    } catch (error) {
      return [String(error)];
    }
  };
  await demand('the API server', probe, { limitMs, signal });
}

/** Returns how many connections were cut in all. */
async function cutAll({ signal }: Session, cutter: Cutter, chance: () => number): Promise<number> {
  const command = process.env['E2E_APISERVER_RESTART'];
  const kills = new Set(
    Array.from({ length: restarts }, (_, index) => Math.floor((cuts * (index + 1)) / (restarts + 1))),
  );
  let connections = 0;
  for (let done = 0; done < cuts; done += 1) {
    await delay(chance() * longestCalmMs, undefined, { signal });
    connections += cutter.cut(chance() < 0.5 ? 'reset' : 'end');
    if (command && kills.has(done)) await promisify(execFile)('bash', ['-c', command], { timeout: 180_000 });
  }
  return connections;
}

/** Each workload has one Diagnosis, as many announcements as it failed and recovered, and no more writes than that takes. */
async function doubled(session: Session, namespace: string, stories: readonly Story[]): Promise<Complaints> {
  const here = () => session.diagnoses.objects().filter(({ metadata }) => metadata.namespace === namespace);
  const versions = () => here().map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).join(', '); // prettier-ignore
  const before = versions();
  const quiet = () =>
    versions() === before ? [] : [`written while nothing happened: ${before} became ${versions()}`];
  const rewritten = await holds(quiet, { limitMs: 5000, signal: session.signal });
  const one =
    here().length === stories.length ? [] : [`${here().length} diagnoses of ${stories.length} workloads`];
  const counts = await Promise.all(stories.map((story) => miscounted(session, namespace, story)));
  return [...rewritten, ...one, ...counts.flat()];
}

const writesPerCycle = 3;

async function miscounted(
  session: Session,
  namespace: string,
  { workload, name, cycles }: Story,
): Promise<Complaints> {
  const events = await announced(session, namespace, name);
  const uid = diagnosisOf(session, namespace, workload)?.metadata.uid;
  const writes = session.diagnoses.seen().filter(({ object }) => object.metadata.uid === uid).length;
  return [
    ...['Diagnosed', 'Resolved']
      .filter((reason) => events.get(reason) !== cycles)
      .map(
        (reason) =>
          `${workload} failed ${cycles} times, ${reason} is announced ${events.get(reason) ?? 0} times`,
      ),
    ...(writes > 1 + writesPerCycle * cycles
      ? [`${workload} was written ${writes} times in ${cycles} cycles`]
      : []),
  ];
}

async function cutterBefore({ account }: Session): Promise<Cutter> {
  const { hostname, port } = await serverOf(account.kubeconfig);
  return startCutter({ host: hostname, port: Number(port || 443) });
}

async function serverOf(kubeconfig: string): Promise<URL> {
  return new URL(/"server":"([^"]+)"/.exec(await readFile(kubeconfig, 'utf8'))?.[1] ?? '');
}

/** The account's kubeconfig with the cutter for a server, which must still prove to be the API server. */
async function throughCutter({ account }: Session, { port }: Cutter): Promise<string> {
  const { origin, hostname } = await serverOf(account.kubeconfig);
  const text = await readFile(account.kubeconfig, 'utf8');
  const path = `${account.kubeconfig}.cut`;
  const name = isIP(hostname) > 0 ? '' : `,"tls-server-name":"${hostname}"`;
  const named = `"server":"https://127.0.0.1:${port}"${name}`;
  await writeFile(path, text.replace(`"server":"${origin}"`, named), { mode: 0o600 });
  return path;
}
