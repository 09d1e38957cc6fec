// The cluster judges the fixes: each patch, applied as it is written, starts its workload as the right user, and each
// hardened patch is admitted where restricted is enforced, without a warning.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import type { RecordedFix } from '../../src/engine/model/diagnosis.ts';
import type { ObjectRef } from '../../src/engine/model/workload.ts';
import type { Cluster } from './cluster.ts';
import { checkPrefix } from './checks/check.ts';
import type { ExpectedDiagnosis, ExpectedFinding } from './expectation.ts';
import { makeNamespace } from './namespaces.ts';
import type { WireDiagnosis, WirePod } from './objects.ts';
import type { Outcome } from './outcome.ts';
import { attempt } from './outcome.ts';
import type { Scenario } from './scenario.ts';
import type { Session } from './session.ts';
import { show } from './settled.ts';
import { demand, until } from './until.ts';
import type { Complaints } from './until.ts';

/** Namespaces in which the hardened patches are tried. */
export const hardenedPrefix = `${checkPrefix}hardened-`;

const startLimitMs = 120_000;

/** Every fix of type WorkloadPatch in the namespaces of these scenarios, one after the other. */
export async function fixes(session: Session, scenarios: readonly Scenario[]): Promise<readonly Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rootcause-fixes-'));
  const outcomes: Outcome[] = [];
  try {
    for (const { name, expectation } of scenarios) {
      const found = session.diagnoses.objects().filter(({ metadata }) => metadata.namespace === name);
      for (const diagnosis of found) {
        const fix = diagnosis.status?.fix;
        const expected = expectation.diagnoses.find(
          ({ workload }) => workload === diagnosis.status?.workload,
        );
        if (fix?.type !== 'WorkloadPatch' || !expected) continue;
        const { hardenedPatch } = fix;
        const target: Target = { session, folder, namespace: name, diagnosis, fix, expected };
        if (hardenedPatch !== undefined)
          outcomes.push(await attempt(`hardened fix of ${name}`, () => tryHardened(target, hardenedPatch)));
        outcomes.push(await attempt(`fix of ${name}`, () => tryPatch(target)));
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const tried = outcomes.length;
  return tried > 0
    ? outcomes
    : [{ name: 'fixes', result: 'FAIL', details: ['no fix of type WorkloadPatch'] }];
}

type Target = {
  readonly session: Session;
  readonly folder: string;
  readonly namespace: string;
  readonly diagnosis: WireDiagnosis;
  readonly fix: RecordedFix;
  readonly expected: ExpectedDiagnosis;
};

async function tryPatch(target: Target): Promise<Complaints> {
  const { session, folder, namespace, diagnosis, fix } = target;
  const { cluster } = session;
  const ref = diagnosis.spec.workloadRef;
  const file = join(folder, `${namespace}.yaml`);
  await writeFile(file, fix.patch ?? '');
  await cluster.kubectl(['-n', namespace, 'patch', kindOf(ref), ref.name, `--patch-file=${file}`]);
  for (const step of fix.followUp ?? []) await follow(step, cluster);
  await runOnce(ref, namespace, cluster);
  return judge(target, namespace);
}

/** A copy of the workload as it was, in a namespace that enforces restricted and warns of it as well. */
async function tryHardened(target: Target, hardenedPatch: string): Promise<Complaints> {
  const { session, folder, namespace, diagnosis } = target;
  const { cluster, signal } = session;
  const ref = diagnosis.spec.workloadRef;
  const strict = hardenedPrefix + namespace;
  await makeNamespace(cluster, strict, signal);
  const levels = ['enforce', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
  await cluster.kubectl(['label', 'namespace', strict, ...levels]);
  const file = join(folder, `${strict}.yaml`);
  await writeFile(file, hardenedPatch);
  const was = await cluster.kubectl(['-n', namespace, 'get', kindOf(ref), ref.name, '-o', 'json']);
  const local = ['patch', '--local', '-f', '-', '--type=strategic', `--patch-file=${file}`, '-o', 'json'];
  const patched = await cluster.kubectl(local, copyFor(strict, was));
  const said = await spoken(cluster, ['create', '-f', '-'], patched);
  await runOnce(ref, strict, cluster);
  const warnings = said.split('\n').filter((line) => line.startsWith('Warning'));
  return [...warnings, ...(await judge(target, strict))];
}

function copyFor(namespace: string, text: string): string {
  const {
    metadata,
    status: _status,
    ...object
  }: { metadata: { name: string }; status?: unknown } = JSON.parse(text);
  return JSON.stringify({ ...object, metadata: { name: metadata.name, namespace } });
}

/** What kubectl says beside its output: warnings of the API server go there. */
function spoken({ environment }: Cluster, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...environment }, timeout: 60_000 };
    const child = execFile(environment.KUBECTL, args, options, (error, _stdout, stderr) => {
      if (error) reject(new Error(`kubectl ${args.join(' ')}: ${stderr.trim() || error.message}`));
      else resolve(stderr);
    });
    child.stdin?.end(input);
  });
}

/** The command of a follow-up step, exactly as it stands there. */
async function follow(step: string, { environment }: Cluster): Promise<void> {
  const [, command] = /: (kubectl .*)$/.exec(step) ?? [];
  if (command === undefined) return; // it is for a person
  const env = {
    ...process.env,
    ...environment,
    PATH: [dirname(environment.KUBECTL), process.env['PATH']].join(delimiter),
  };
  await new Promise<void>((resolve, reject) => {
    execFile('bash', ['-c', command], { env, timeout: 120_000 }, (error, _stdout, stderr) =>
      error ? reject(new Error(`${command}: ${stderr.trim() || error.message}`)) : resolve(),
    );
  });
}

const kindOf = ({ kind }: ObjectRef): string => kind.toLowerCase();

/** A CronJob would wait for its time. */
async function runOnce({ kind, name }: ObjectRef, namespace: string, cluster: Cluster): Promise<void> {
  if (kind === 'CronJob')
    await cluster.kubectl(['-n', namespace, 'create', 'job', 'fixed-run', `--from=cronjob/${name}`]);
}

/** All pods are ready, and the containers that failed say with which uid they run. */
async function judge({ session, expected, diagnosis }: Target, namespace: string): Promise<Complaints> {
  const { cluster, signal } = session;
  const pods = async () =>
    (
      await cluster.list<WirePod & { metadata: { deletionTimestamp?: string } }>(
        `/api/v1/namespaces/${namespace}/pods`,
      )
    ).items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const unready = async () => {
    const all = await pods();
    return all.length === 0
      ? ['there is no pod']
      : all.filter((pod) => !isReady(pod)).map((pod) => `pod ${pod.metadata.name} is ${show(pod)}`);
  };
  await demand('starting', unready, { limitMs: startLimitMs, signal });
  const complaints: string[] = [];
  for (const pod of await pods())
    for (const finding of expected.findings)
      complaints.push(
        ...(await wrongUser(session, namespace, pod.metadata.name, finding, uidFor(finding, diagnosis))),
      );
  return complaints;
}

/** What already runs as its own user keeps it; else it is the image's user. */
function uidFor({ cause, container, uid }: ExpectedFinding, { status }: WireDiagnosis): number | undefined {
  const found = status?.findings.find((one) => one.container.name === container);
  const set = found?.settings.find(({ field }) => field.endsWith('.runAsUser'))?.value;
  return cause === 'NonRootPermissionDenied' && typeof set === 'number' ? set : (uid ?? undefined);
}

const isReady = ({ status }: WirePod): boolean =>
  status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;

/** A container that runs is asked; one that has ended has said so, as the test images begin with `id`. */
async function wrongUser(
  { cluster, signal }: Session,
  namespace: string,
  pod: string,
  { container, containerType }: ExpectedFinding,
  uid: number | undefined,
): Promise<Complaints> {
  const hasEnded = containerType === 'InitContainer';
  const how = hasEnded ? ['logs', pod, '-c', container] : ['exec', pod, '-c', container, '--', 'id'];
  let said = '';
  const read = async () => {
    said = await cluster.kubectl(['-n', namespace, ...how]);
    return said.includes('uid=') ? [] : [`container ${container} of ${pod} does not say who it is`];
  };
  const silent = await until(read, { limitMs: 10_000, signal });
  const [, is] = /uid=(\d+)/.exec(said) ?? [];
  return silent.length > 0 || Number(is) === uid
    ? silent
    : [`container ${container} of ${pod} runs as ${is}, expected ${uid}`];
}
