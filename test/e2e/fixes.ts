// The cluster judges the fixes: each command, run as it is printed, starts its workload as the right user, and each
// hardened patch is admitted where restricted is enforced, without a warning.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { RecordedFix } from '../../src/engine/model/diagnosis.ts';
import type { ObjectRef } from '../../src/engine/model/workload.ts';
import type { Cluster } from './cluster.ts';
import { checkPrefix } from './checks/check.ts';
import type { ExpectedDiagnosis, ExpectedFinding } from './expectation.ts';
import { makeNamespace } from './namespaces.ts';
import type { WireDiagnosis, WirePod } from './objects.ts';
import type { Outcome } from './outcome.ts';
import { attempt } from './outcome.ts';
import { perform } from './play.ts';
import { runAsPrinted } from './printed.ts';
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
    for (const { name, expectation, controller } of scenarios) {
      const found = session.diagnoses.objects().filter(({ metadata }) => metadata.namespace === name);
      for (const diagnosis of found) {
        const fix = diagnosis.status?.fix;
        const expected = expectation.diagnoses.find(
          ({ workload }) => workload === diagnosis.status?.workload,
        );
        if (fix?.type !== 'WorkloadPatch' || !expected || !(await takesPatch(diagnosis, session))) continue;
        const { hardenedPatch } = fix;
        const target: Target = { session, folder, namespace: name, diagnosis, fix, expected, controller };
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
  /** A script that plays the workload's controller. */
  readonly controller: string | undefined;
};

async function tryPatch(target: Target): Promise<Complaints> {
  const { session, namespace, fix } = target;
  await runAsPrinted(fix, session.cluster);
  await runOnce(target, namespace);
  return judge(target, namespace);
}

/** A copy of the workload as it was, in a namespace that enforces restricted and warns of it as well. */
async function tryHardened(target: Target, hardenedPatch: string): Promise<Complaints> {
  const { session, folder, namespace, diagnosis, fix } = target;
  const { cluster, signal } = session;
  const ref = diagnosis.spec.workloadRef;
  const strict = hardenedPrefix + namespace;
  await makeNamespace(cluster, strict, signal);
  const levels = ['enforce', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
  await cluster.kubectl(['label', 'namespace', strict, ...levels]);
  const file = join(folder, `${strict}.yaml`);
  await writeFile(file, hardenedPatch);
  const was = await cluster.kubectl(['-n', namespace, 'get', kindOf(ref), ref.name, '-o', 'json']);
  const type = fix.command?.includes('--type=json') ? 'json' : 'strategic';
  const local = ['patch', '--local', '-f', '-', `--type=${type}`, `--patch-file=${file}`, '-o', 'json'];
  const patched = await cluster.kubectl(local, copyFor(strict, was));
  const said = await spoken(cluster, ['create', '-f', '-'], patched);
  await runOnce(target, strict);
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

/** With its group: `deployment.apps`. */
const kindOf = ({ kind, apiVersion }: ObjectRef): string =>
  [kind.toLowerCase(), ...apiVersion.split('/').slice(0, -1)].join('.');

/** OpenShift takes a strategic merge patch of its own kind, and no API server takes one of the custom resource in its place. */
async function takesPatch({ spec }: WireDiagnosis, { cluster }: Session): Promise<boolean> {
  const crd = 'deploymentconfigs.apps.openshift.io';
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd}`;
  return spec.workloadRef.kind !== 'DeploymentConfig' || (await cluster.read(path)) === undefined;
}

/** A CronJob would wait for its time, and a custom kind for its controller. */
async function runOnce({ diagnosis, session, controller }: Target, namespace: string): Promise<void> {
  const { cluster, signal } = session;
  const { kind, name } = diagnosis.spec.workloadRef;
  if (controller !== undefined) await perform(controller, cluster, namespace, signal);
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
