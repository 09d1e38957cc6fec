// Every command and every step after it, run as it is printed, for each kind: the workload then works, and no object of
// others is touched.

import type { RecordedFix } from '../../../src/engine/model/diagnosis.ts';
import type { WirePod } from '../objects.ts';
import { runAsPrinted } from '../printed.ts';
import { demand, until } from '../until.ts';
import type { Complaints } from '../until.ts';
import { create, diagnosisOf, place } from './check.ts';
import type { Ground } from './check.ts';

const limitMs = 120_000;

export async function commands(ground: Ground): Promise<Complaints> {
  const { cluster, images } = ground;
  const open = await place(ground, 'commands');
  const strict = await place(ground, 'commands-strict');
  await cluster.kubectl(['label', 'namespace', strict, 'pod-security.kubernetes.io/enforce=restricted']);
  const [named, healthy] = [container(images.named), container(images.healthy)];
  const nonRoot = { securityContext: { runAsNonRoot: true } };
  const rootGroup = { securityContext: { runAsNonRoot: true, runAsUser: 0, runAsGroup: 0 } };
  const pod = { ...nonRoot, terminationGracePeriodSeconds: 1, containers: [named] };
  await create(
    cluster,
    // Its pods have the labels that the ReplicaSet selects, and are none of it.
    object(open, 'Deployment', 'neighbour', ofPods({ containers: [healthy] }, { app: 'shop', tier: 'web' })),
    object(open, 'ReplicaSet', 'legacy', ofPods(pod, { app: 'shop' })),
    object(
      open,
      'Deployment',
      'pair',
      ofPods({ ...pod, initContainers: [{ ...named, name: 'init', args: ['id'] }] }, { app: 'pair' }),
    ),
    object(open, 'StatefulSet', 'db', { ...ofPods(pod, { app: 'db' }), serviceName: 'db' }),
    object(open, 'DaemonSet', 'agent', {
      ...ofPods(pod, { app: 'agent' }),
      replicas: undefined,
      updateStrategy: { type: 'OnDelete' },
    }),
    object(open, 'CronJob', 'nightly', schedule(pod)),
    object(open, 'Pod', 'tool', pod),
    object(open, 'Job', 'once', { template: { spec: { ...pod, restartPolicy: 'Never' } } }),
    object(strict, 'CronJob', 'nightly', schedule({ containers: [healthy] })),
    object(strict, 'StatefulSet', 'db', {
      ...ofPods({ containers: [healthy] }, { app: 'db' }),
      serviceName: 'db',
    }),
    object(strict, 'Deployment', 'group', ofPods({ ...rootGroup, containers: [healthy] }, { app: 'group' })),
  );
  for (const namespace of [open, strict])
    await cluster.kubectl(['-n', namespace, 'create', 'job', 'stuck', '--from=cronjob/nightly']);
  await debugged(ground, open);
  const neighbours = await uidsOf(ground, open, 'tier=web');
  const done = [
    ...(await cured(ground, open, [
      'ReplicaSet/legacy',
      'Deployment/pair',
      'StatefulSet/db',
      'DaemonSet/agent',
      'CronJob/nightly',
      'Pod/tool',
      'Job/once',
    ])),
    ...(await cured(ground, strict, ['CronJob/nightly', 'StatefulSet/db', 'Deployment/group'])),
  ];
  const after = await uidsOf(ground, open, 'tier=web');
  return [...done, ...(after === neighbours ? [] : [`pods of another workload were replaced: ${after}`])];
}

const container = (image: string) => ({ name: 'app', image });

function object(namespace: string, kind: string, name: string, spec: object): object {
  const groups: Readonly<Record<string, string>> = { Pod: 'v1', Job: 'batch/v1', CronJob: 'batch/v1' };
  return { apiVersion: groups[kind] ?? 'apps/v1', kind, metadata: { name, namespace }, spec };
}

const ofPods = (spec: object, labels: object) => ({
  replicas: 1,
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, ...spec } },
});

const schedule = (spec: object) => ({
  schedule: '0 3 29 2 *',
  concurrencyPolicy: 'Forbid',
  jobTemplate: { spec: { template: { spec: { ...spec, restartPolicy: 'Never' } } } },
});

/** No pod can be created with the ephemeral container that a person has added to this one. */
async function debugged({ cluster, images }: Ground, namespace: string): Promise<void> {
  const debug = { name: 'debug', image: images.healthy };
  const path = `/api/v1/namespaces/${namespace}/pods/tool/ephemeralcontainers`;
  await cluster.send('PATCH', path, { spec: { ephemeralContainers: [debug] } });
}

async function uidsOf({ cluster, signal }: Ground, namespace: string, selector: string): Promise<string> {
  const read = () =>
    cluster.kubectl([
      '-n',
      namespace,
      'get',
      'pods',
      '-l',
      selector,
      '-o',
      'jsonpath={.items[*].metadata.uid}',
    ]);
  const missing = async () => ((await read()) === '' ? [`no pods with ${selector}`] : []);
  await demand('pods', missing, { limitMs, signal });
  return read();
}

async function cured(ground: Ground, namespace: string, workloads: readonly string[]): Promise<Complaints> {
  const { cluster, signal } = ground;
  for (const workload of workloads) await runAsPrinted(await fixOf(ground, namespace, workload), cluster);
  await cluster.kubectl(['-n', namespace, 'create', 'job', 'next', '--from=cronjob/nightly']);
  const unready = async () => {
    const { items } = await cluster.list<WirePod>(`/api/v1/namespaces/${namespace}/pods`);
    const all = items.filter(({ metadata }) => !('deletionTimestamp' in metadata));
    const jobs = await cluster.kubectl(['-n', namespace, 'get', 'jobs', '-o', 'name']);
    return [
      ...all.filter((one) => !isReady(one)).map(({ metadata }) => `pod ${metadata.name} is not ready`),
      ...(all.length > workloads.length - 1 ? [] : [`${all.length} pods of ${workloads.length} workloads`]),
      ...(jobs.includes('stuck') ? [`Jobs: ${jobs}`] : []),
    ];
  };
  return until(unready, { limitMs, signal });
}

const isReady = ({ status }: WirePod): boolean =>
  status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;

/** Once every image has been read. */
async function fixOf(ground: Ground, namespace: string, workload: string): Promise<RecordedFix> {
  const found = (): RecordedFix | undefined => diagnosisOf(ground, namespace, workload)?.status?.fix;
  const missing = () => {
    const fix = found();
    const isProved = fix?.checks?.some(({ name, result }) => name === 'KubeletUser' && result === 'Passed');
    return fix?.command !== undefined && isProved
      ? []
      : [`the fix of ${workload} is ${fix?.type}: ${fix?.summary}`];
  };
  await demand('a fix', missing, { limitMs, signal: ground.signal });
  const fix = found();
  if (!fix) throw new Error('no fix');
  return fix;
}
