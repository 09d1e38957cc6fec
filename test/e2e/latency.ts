// How long it takes from a container's first `waiting` with the kubelet's message to a Diagnosis that can be read,
// both as a watch of our own receives them: `npm run test:e2e -- --latency`.

import { create, lacks, place } from './checks/check.ts';
import { mirror } from './mirror.ts';
import type { Mirror } from './mirror.ts';
import type { WireDiagnosis, WirePod } from './objects.ts';
import { attempt, verdict } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { Session } from './session.ts';
import { statusesOf } from './settled.ts';
import { demand } from './until.ts';
import { deployment } from './workloads.ts';

const atATime = { 'one-by-one': 1, 'all-at-once': 24 } as const;
const workloads = 24;
const medianLimitMs = 1000;
const worstLimitMs = 3000;

export async function latency(session: Session): Promise<readonly Outcome[]> {
  await session.start();
  const outcomes: Outcome[] = [];
  for (const [name, size] of Object.entries(atATime))
    outcomes.push(await attempt(`latency-${name}`, () => measure(session, name, size)));
  outcomes.push(await attempt('log', () => session.stop()));
  return outcomes;
}

async function measure(session: Session, name: string, size: number): Promise<Outcome> {
  const { cluster, diagnoses, images, signal } = session;
  const namespace = await place(session, name);
  const pods = await mirror<WirePod>(cluster, `/api/v1/namespaces/${namespace}/pods`, signal);
  const names = Array.from({ length: workloads }, (_, index) => `web-${index}`);
  for (let first = 0; first < workloads; first += size) {
    const batch = names.slice(first, first + size);
    await create(cluster, ...batch.map((one) => deployment({ namespace, name: one, image: images.root })));
    const missing = () => batch.flatMap((one) => lacks(session, namespace, `Deployment/${one}`, 'Failing')());
    await demand('diagnosing', missing, { limitMs: 120_000, signal });
  }
  return judge(
    `latency-${name}`,
    names.map((one) => diagnosedMs(diagnoses, namespace, one) - refusedMs(pods, one)),
  );
}

function judge(name: string, delaysMs: readonly number[]): Outcome {
  const sorted = delaysMs.toSorted((a, b) => a - b).map(Math.round);
  const medianMs = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const worstMs = sorted.at(-1) ?? Number.NaN;
  const measured = `${sorted.length} workloads: median ${medianMs} ms, worst ${worstMs} ms`;
  if (medianMs < medianLimitMs && worstMs < worstLimitMs) return { name, result: 'ok', details: [measured] };
  return verdict(name, [`${measured}; expected under ${medianLimitMs} and ${worstLimitMs} ms`]);
}

function refusedMs(pods: Mirror<WirePod>, workload: string): number {
  const first = pods
    .seen()
    .find(({ object }) => object.metadata.name.startsWith(`${workload}-`) && isRefused(object));
  return first?.receivedMs ?? Number.NaN;
}

function isRefused(pod: WirePod): boolean {
  return statusesOf(pod).some(({ state }) => state?.waiting?.message?.includes('runAsNonRoot') === true);
}

function diagnosedMs(diagnoses: Mirror<WireDiagnosis>, namespace: string, workload: string): number {
  const first = diagnoses
    .seen()
    .find(
      ({ object }) =>
        object.metadata.namespace === namespace && object.status?.workload === `Deployment/${workload}`,
    );
  return first?.receivedMs ?? Number.NaN;
}
