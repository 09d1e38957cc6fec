// A workload that is cured: its Diagnosis becomes Resolved after --settle, says when, and an Event says so too.

import { demand, until } from '../until.ts';
import type { Complaints } from '../until.ts';
import { deployment } from '../workloads.ts';
import { announced, create, diagnosisOf, lacks, place } from './check.ts';
import type { Ground } from './check.ts';

export async function resolve(ground: Ground): Promise<Complaints> {
  const { cluster, images, signal, settleMs } = ground;
  const namespace = await place(ground, 'resolve');
  await create(cluster, deployment({ namespace, name: 'web', image: images.root }));
  await demand('diagnosing', lacks(ground, namespace, 'Deployment/web', 'Failing'), {
    limitMs: 60_000,
    signal,
  });
  const name = diagnosisOf(ground, namespace, 'Deployment/web')?.metadata.name;
  const healthy = `deployment/web app=${images.healthy}`.split(' ');
  await cluster.kubectl(['-n', namespace, 'set', 'image', ...healthy]);
  await cluster.kubectl(['-n', namespace, 'rollout', 'status', 'deployment/web', '--timeout=120s']);
  const rolledOutMs = performance.now();
  const limitMs = settleMs + 30_000;
  await demand('resolving', lacks(ground, namespace, 'Deployment/web', 'Resolved'), { limitMs, signal });
  const events = await until(() => lacksEvents(ground, namespace), { limitMs: 10_000, signal });
  return [
    ...events,
    ...complainRecord(ground, namespace, name),
    ...complainEarly(ground, name, rolledOutMs, namespace),
  ];
}

async function lacksEvents(ground: Ground, namespace: string): Promise<Complaints> {
  const events = await announced(ground, namespace, 'web');
  return ['Diagnosed', 'Resolved'].flatMap((reason) => {
    const count = events.get(reason) ?? 0;
    return count === 1 ? [] : [`expected one Event ${reason} on Deployment/web, there are ${count}`];
  });
}

function complainRecord(ground: Ground, namespace: string, name: string | undefined): Complaints {
  const found = diagnosisOf(ground, namespace, 'Deployment/web');
  const { resolvedTime, firstSeenTime = '', conditions = [], pods } = found?.status ?? {};
  const condition = conditions.find(({ type }) => type === 'Resolved')?.status;
  return [
    ...(found?.metadata.name === name ? [] : [`expected Diagnosis ${name}, it is ${found?.metadata.name}`]),
    ...(resolvedTime !== undefined && resolvedTime > firstSeenTime
      ? []
      : [`resolvedTime is ${resolvedTime}`]),
    ...(condition === 'True' ? [] : [`condition Resolved is ${condition}`]),
    ...(pods?.failing === 0 ? [] : [`${pods?.failing} failing pods in a resolved Diagnosis`]),
  ];
}

const slackMs = 5000; // the last bad pod goes away a moment before kubectl says that the rollout is done

function complainEarly(
  { diagnoses, settleMs }: Ground,
  name: string | undefined,
  rolledOutMs: number,
  namespace: string,
) {
  const resolved = diagnoses
    .seen()
    .find(({ object }) => object.metadata.namespace === namespace && object.status?.state === 'Resolved');
  const afterMs = (resolved?.receivedMs ?? 0) - rolledOutMs;
  return afterMs >= settleMs - slackMs
    ? []
    : [`${name} was resolved ${Math.round(afterMs)} ms after the rollout`];
}
