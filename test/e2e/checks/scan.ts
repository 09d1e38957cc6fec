// `rootcause scan` says what the operator says, and what a Pod Security level would refuse as the API server says it.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { DiagnosisStatus } from '../../../src/engine/model/diagnosis.ts';
import type { EnforcementReport, RefusedWorkload, ScanReport } from '../../../src/engine/model/scan.ts';
import type { KubeObject } from '../objects.ts';
import { demand, until } from '../until.ts';
import type { Complaints } from '../until.ts';
import { deployment } from '../workloads.ts';
import { create, lacks, place } from './check.ts';
import type { Ground } from './check.ts';
import { mixedWorkloads, podCount } from './scan-workloads.ts';
import type { IdleWorkload } from './scan-workloads.ts';

const limitMs = 60_000;

/** @param namespaces those of the scenarios, about which the operator has said what there is to say */
export async function scan(ground: Ground, namespaces: readonly string[]): Promise<Complaints> {
  return [...(await sameAsOperator(ground, namespaces)), ...(await sameAsApiServer(ground))];
}

async function sameAsOperator(ground: Ground, namespaces: readonly string[]): Promise<Complaints> {
  const { cluster, images, signal } = ground;
  const own = await place(ground, 'scan');
  await create(cluster, deployment({ namespace: own, name: 'web', image: images.root, replicas: 2 }));
  await demand('the operator', lacks(ground, own, 'Deployment/web', 'Failing'), { limitMs, signal });
  const all = [...namespaces, own];
  // The operator may be about to say more of what is new.
  const differing = async () => {
    const report = await scanned<ScanReport>(ground, ['--namespaces', all.join(',')]);
    const ours = report.diagnoses.map(({ namespace, status }) => gist(namespace, status));
    const theirs = ground.diagnoses
      .objects()
      .filter(({ metadata, status }) => all.includes(metadata.namespace ?? '') && status?.state === 'Failing')
      .map(({ metadata, status }) => gist(metadata.namespace ?? '', status));
    return [
      ...difference('the scan and not the operator', ours, theirs),
      ...difference('the operator and not the scan', theirs, ours),
      ...report.unread.map((one) => `not read: ${JSON.stringify(one)}`),
    ];
  };
  return until(differing, { limitMs, signal, everyMs: 2000 });
}

function gist(namespace: string, status: DiagnosisStatus | undefined): string {
  const findings = status?.findings.map(({ cause, container, image }) => [cause, container, image.uid]);
  const { type, patch, command, followUp } = status?.fix ?? {};
  return JSON.stringify([namespace, status?.workload, findings, type, patch, command, followUp]);
}

const difference = (who: string, these: readonly string[], others: readonly string[]): Complaints =>
  these.filter((one) => !others.includes(one)).map((one) => `said by ${who}: ${one}`);

async function sameAsApiServer(ground: Ground): Promise<Complaints> {
  const { cluster, images, signal } = ground;
  const namespace = await place(ground, 'scan-levels');
  const { running, idle } = mixedWorkloads(namespace, images.healthy);
  await create(cluster, ...running, ...idle.map(({ object }) => object));
  const missing = async () => {
    const { items } = await cluster.list<KubeObject>(`/api/v1/namespaces/${namespace}/pods`);
    return items.length === podCount ? [] : [`${items.length} pods, expected ${podCount}`];
  };
  await demand('creating pods', missing, { limitMs, signal });
  const complaints: string[] = [];
  for (const level of ['baseline', 'restricted']) {
    const [report] = (await enforced(ground, namespace, level)).namespaces;
    const refused = report?.refused ?? [];
    complaints.push(
      ...compare(`pods at ${level}`, await warnedOfPods(ground, namespace, level), podLines(refused)),
      ...compare(
        `templates at ${level}`,
        await warnedOfTemplates(ground, namespace, level, idle),
        refused.filter(({ pods }) => pods === 0).map(templateLine),
      ),
    );
  }
  return complaints;
}

const enforced = (ground: Ground, namespace: string, level: string): Promise<EnforcementReport> =>
  scanned(
    ground,
    ['--namespaces', namespace, '--would-enforce', level],
    ground.cluster.environment.KUBECONFIG,
  );

function compare(what: string, theirs: readonly string[], ours: readonly string[]): Complaints {
  if (theirs.length === 0) return [`the API server warns of no ${what}`];
  return [
    ...difference(`the API server alone of ${what}`, theirs, ours),
    ...difference(`the scan alone of ${what}`, ours, theirs),
  ];
}

/** As the API server groups them: by their reasons, under the first pod by name. */
function podLines(refused: readonly RefusedWorkload[]): readonly string[] {
  const byReasons = Map.groupBy(
    refused.filter(({ pods }) => pods > 0),
    ({ violations }) => violations.map(({ reason }) => reason).join(', '),
  );
  return [...byReasons].map(([reasons, groups]) => {
    const first = groups.map(({ pod = '' }) => pod).toSorted()[0];
    const others = groups.reduce((sum, { pods }) => sum + pods, 0) - 1;
    const more = others === 0 ? '' : ` (and ${others} other ${others === 1 ? 'pod' : 'pods'})`;
    return `${first}${more}: ${reasons}`;
  });
}

/** What the API server says of the pods that are there when the namespace is to enforce the level: as a dry run. */
async function warnedOfPods(
  { cluster }: Ground,
  namespace: string,
  level: string,
): Promise<readonly string[]> {
  const label = `pod-security.kubernetes.io/enforce=${level}`;
  const args = ['label', '--dry-run=server', '--overwrite', 'namespace', namespace, label];
  const said = await spoken(cluster.environment, args);
  return warningsIn(said).filter((line) => !line.startsWith('existing pods in namespace'));
}

const templateLine = ({ workload, violations }: RefusedWorkload): string =>
  `${workload.kind}/${workload.name}: ${violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ')}`;

/**
 * What it says of a pod made of the template where the namespace warns of the level; nothing is created. Of the workload
 * itself it says less: ports of the node are filled in for pods only.
 */
async function warnedOfTemplates(
  { cluster }: Ground,
  namespace: string,
  level: string,
  idle: readonly IdleWorkload[],
): Promise<readonly string[]> {
  const label = `pod-security.kubernetes.io/warn=${level}`;
  await cluster.kubectl(['label', '--overwrite', 'namespace', namespace, label]);
  const lines: string[] = [];
  for (const { object, podSpec } of idle) {
    const { kind, metadata } = object;
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'made', namespace }, spec: podSpec };
    const said = await spoken(cluster.environment, ['create', '--dry-run=server', '-f', '-'], pod);
    for (const line of warningsIn(said)) {
      const [, violations] = /^would violate PodSecurity "[^"]*": (.*)$/.exec(line) ?? [];
      if (violations !== undefined) lines.push(`${kind}/${metadata.name}: ${violations}`);
    }
  }
  return lines;
}

const warningsIn = (said: string): readonly string[] =>
  said.split('\n').flatMap((line) => /^Warning: (.*)$/.exec(line)?.[1] ?? []);

const program = join(import.meta.dirname, '..', '..', '..', 'src', 'main.ts');

/** With the operator's own rights, unless said otherwise. */
async function scanned<T>(
  { account, signal }: Ground,
  flags: readonly string[],
  kubeconfig = account.kubeconfig,
): Promise<T> {
  const args = [program, 'scan', '--output', 'json', '--kubeconfig', kubeconfig, ...flags];
  const text = await new Promise<string>((resolve, reject) => {
    const options = { signal, timeout: 120_000, maxBuffer: 64 << 20 };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      // 1 says that something fails.
      if (error && error.code !== 1) reject(new Error(`rootcause scan: ${stderr.trim() || error.message}`));
      else resolve(stdout);
    });
  });
  return JSON.parse(text) as T;
}

/** What kubectl says beside its output: warnings go there. */
function spoken(
  environment: Ground['cluster']['environment'],
  args: readonly string[],
  input?: object,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...environment }, timeout: 60_000 };
    const child = execFile(environment.KUBECTL, args, options, (error, _stdout, stderr) => {
      if (error) reject(new Error(`kubectl ${args.join(' ')}: ${stderr.trim() || error.message}`));
      else resolve(stderr);
    });
    child.stdin?.end(input === undefined ? '' : JSON.stringify(input));
  });
}
