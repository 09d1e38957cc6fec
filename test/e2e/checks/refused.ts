// Pods that Pod Security refuses, whoever wants to create them: each workload is diagnosed although it has no pod, and the
// patch gives exactly what was missing.

import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demand, until } from '../until.ts';
import type { Complaints } from '../until.ts';
import { create, diagnosisOf, place } from './check.ts';
import type { Ground } from './check.ts';
import { ofKind } from '../workloads.ts';

const names = ['StatefulSet/db', 'DaemonSet/agent', 'Job/once', 'CronJob/nightly', 'ReplicaSet/bare'];

export async function refused(ground: Ground): Promise<Complaints> {
  const { cluster, signal } = ground;
  const namespace = await place(ground, 'refused');
  await cluster.kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
  const image = ground.images.healthy;
  await create(
    cluster,
    ...names.map((workload) => {
      const [kind = '', name = ''] = workload.split('/');
      return ofKind(kind, { namespace, name, image });
    }),
  );
  await cluster.kubectl(['-n', namespace, 'create', 'job', 'by-hand', '--from=cronjob/nightly']);
  const missing = await until(() => names.flatMap((name) => complain(ground, namespace, name)), {
    limitMs: 60_000,
    signal,
  });
  if (missing.length > 0) return missing;
  return cure(ground, namespace);
}

function complain(ground: Ground, namespace: string, workload: string): Complaints {
  const { status } = diagnosisOf(ground, namespace, workload) ?? {};
  const [finding] = status?.findings ?? [];
  const reasons = finding?.violations?.map(({ reason }) => reason).join() ?? '';
  if (finding?.cause !== 'PodSecurityViolation' || finding.container.name !== 'app')
    return [`expected a refusal of ${workload}, it is ${finding?.cause} of ${finding?.container.name}`];
  return reasons.includes('runAsNonRoot != true') && reasons.includes('seccompProfile')
    ? []
    : [`${workload} is refused for ${reasons}`];
}

/** The patch as it is written lets the pods be created, and they start. */
async function cure(ground: Ground, namespace: string): Promise<Complaints> {
  const { cluster, signal } = ground;
  const ready = () => {
    const fix = diagnosisOf(ground, namespace, 'StatefulSet/db')?.status?.fix;
    return fix?.type === 'WorkloadPatch' && fix.patch !== undefined
      ? []
      : [`the fix is ${fix?.type}: ${fix?.summary}`];
  };
  await demand('a fix', ready, { limitMs: 30_000, signal });
  const file = join(tmpdir(), `${namespace}.yaml`);
  await writeFile(file, diagnosisOf(ground, namespace, 'StatefulSet/db')?.status?.fix?.patch ?? '');
  await cluster.kubectl(['-n', namespace, 'patch', 'statefulset/db', `--patch-file=${file}`]);
  await cluster.kubectl(['-n', namespace, 'rollout', 'status', 'statefulset/db', '--timeout=90s']);
  return [];
}
