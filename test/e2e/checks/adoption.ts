// A workload that gets a controller later: its Diagnosis moves to that owner, and the old one goes.

import type { KubeObject } from '../objects.ts';
import { demand, until } from '../until.ts';
import type { Complaints } from '../until.ts';
import { defineKinds, forgetKinds, makeOwner } from '../widget.ts';
import { deployment, failingJob } from '../workloads.ts';
import { create, diagnosisOf, lacks, place } from './check.ts';
import type { Ground } from './check.ts';

export async function adoption(ground: Ground): Promise<Complaints> {
  const { cluster, signal } = ground;
  const namespace = await place(ground, 'adoption');
  await defineKinds(cluster, ['Sprocket'], signal);
  try {
    const byOperator = await adoptDeployment(ground, namespace);
    const byCronJob = await adoptJob(ground, namespace);
    return [...byOperator, ...byCronJob];
  } finally {
    await forgetKinds(cluster, ['Sprocket']);
  }
}

/** As an operator does that takes over what was there before it. */
async function adoptDeployment(ground: Ground, namespace: string): Promise<Complaints> {
  const { cluster, images } = ground;
  await create(cluster, deployment({ namespace, name: 'web', image: images.root }));
  await isDiagnosed(ground, namespace, 'Deployment/web');
  const owner = await makeOwner(cluster, 'Sprocket', namespace, 'mine');
  return moves(ground, namespace, { from: 'Deployment/web', to: 'Sprocket/mine', owner });
}

/** As for a Job that was started by hand: a CronJob adopts what names it. */
async function adoptJob(ground: Ground, namespace: string): Promise<Complaints> {
  const { cluster, images } = ground;
  const { apiVersion, spec } = failingJob({ namespace, name: 'run', image: images.root });
  await create(cluster, failingJob({ namespace, name: 'run', image: images.root }));
  await isDiagnosed(ground, namespace, 'Job/run');
  const schedule = '0 3 29 2 *';
  const metadata = { name: 'nightly', namespace };
  await create(cluster, { apiVersion, kind: 'CronJob', metadata, spec: { schedule, jobTemplate: { spec } } });
  const path = `/apis/batch/v1/namespaces/${namespace}/cronjobs/nightly`;
  const uid = (await cluster.read<KubeObject>(path))?.metadata.uid ?? '';
  const owner = { apiVersion, kind: 'CronJob', name: 'nightly', uid, controller: true };
  return moves(ground, namespace, { from: 'Job/run', to: 'CronJob/nightly', owner });
}

async function isDiagnosed(ground: Ground, namespace: string, workload: string): Promise<void> {
  const { signal } = ground;
  await demand(workload, lacks(ground, namespace, workload, 'Failing'), { limitMs: 60_000, signal });
}

type Move = { readonly from: string; readonly to: string; readonly owner: object };

/** A new pod is what makes the operator look at the workload again. */
async function moves(ground: Ground, namespace: string, { from, to, owner }: Move): Promise<Complaints> {
  const { cluster, signal } = ground;
  const patch = JSON.stringify({ metadata: { ownerReferences: [owner] } });
  await cluster.kubectl(['-n', namespace, 'patch', from, '--type=merge', '-p', patch]);
  await cluster.kubectl(['-n', namespace, 'delete', 'pods', '--all', '--wait=false']);
  const unmoved = (): Complaints => [
    ...lacks(ground, namespace, to, 'Failing')(),
    ...(diagnosisOf(ground, namespace, from) ? [`the Diagnosis of ${from} is still there`] : []),
  ];
  return until(unmoved, { limitMs: 60_000, signal });
}
