// Plays one scenario on the cluster and compares what is reported with its expect.json.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type PQueue from 'p-queue';
import type { Cluster } from './cluster.ts';
import { compare, isLater } from './expectation.ts';
import type { Expectation } from './expectation.ts';
import type { Mirror } from './mirror.ts';
import { makeNamespace } from './namespaces.ts';
import type { WireDiagnosis, WireEvent, WirePod } from './objects.ts';
import type { Outcome } from './outcome.ts';
import { makesPods } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { complainUnlike, complainUnsettled, show } from './settled.ts';
import { demand, holds, until } from './until.ts';
import type { Complaints } from './until.ts';

export type Stage = {
  readonly cluster: Cluster;
  readonly diagnoses: Mirror<WireDiagnosis>;
  /** Starting pods is what loads a small machine: only so many scenarios do it at a time. */
  readonly turns: PQueue;
  readonly signal: AbortSignal;
};

const usualWaitSeconds = 45;
const shortestHoldMs = 10_000;

/** Applies, lets it settle, waits for the expected diagnoses, and sees that they then stay as they are. */
export async function play(scenario: Scenario, stage: Stage): Promise<Outcome> {
  const { name, expectation } = scenario;
  const here = () => stage.diagnoses.objects().filter(({ metadata }) => metadata.namespace === name);
  const waitMs = (expectation.wait ?? usualWaitSeconds) * 1000;
  await stage.turns.add(() => start(scenario, stage));
  const end = performance.now() + waitMs;
  const missing = await until(() => compare(expectation, here()), { limitMs: waitMs, signal: stage.signal });
  if (missing.length > 0) return { name, result: 'FAIL', details: missing };
  const holdMs = Math.max(end - performance.now(), shortestHoldMs);
  const changed = await holds(unchanged(expectation, here), { limitMs: holdMs, signal: stage.signal });
  const spoken = [...changed, ...complainLoud(scenario, stage)];
  if (spoken.length > 0) return { name, result: 'FAIL', details: spoken };
  return {
    name,
    result: isLater(expectation) ? 'later' : 'ok',
    details: await remarks(scenario, stage, here()),
  };
}

async function start(scenario: Scenario, { cluster, signal }: Stage): Promise<void> {
  const { name, manifest, steps, controller, recordings } = scenario;
  await makeNamespace(cluster, name, signal);
  const refused = () =>
    cluster.kubectl(['apply', '-f', '-'], manifest).then(
      () => [],
      (error: unknown) => [String(error)],
    );
  await demand('applying', refused, { limitMs: 30_000, signal, everyMs: 1000 }); // a kind or account may be new
  const settled = async () =>
    complainUnsettled(await podsOf(cluster, name), await eventsOf(cluster, name), makesPods(scenario));
  await demand('settling', settled, { limitMs: 120_000, signal, everyMs: 500 });
  for (const script of [steps, controller])
    if (script !== undefined) await perform(script, cluster, name, signal);
  const reached = async () =>
    recordings.length > 0 ? complainUnlike(await podsOf(cluster, name), recordings) : settled();
  await demand('coming to the recorded state', reached, { limitMs: 120_000, signal });
}

/** Runs a script of a scenario. */
export async function perform(
  script: string,
  { environment }: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<void> {
  const env = { ...process.env, ...environment, NAMESPACE: namespace };
  await promisify(execFile)('bash', [script], { env, signal, timeout: 300_000 });
}

async function podsOf(cluster: Cluster, namespace: string): Promise<readonly WirePod[]> {
  return (await cluster.list<WirePod>(`/api/v1/namespaces/${namespace}/pods`)).items;
}

async function eventsOf(cluster: Cluster, namespace: string): Promise<readonly WireEvent[]> {
  return (await cluster.list<WireEvent>(`/api/v1/namespaces/${namespace}/events`)).items;
}

/** Nothing more may be written once all is said: a quiet namespace sees no writes. */
function unchanged(expectation: Expectation, here: () => readonly WireDiagnosis[]): () => Complaints {
  const versions = () => here().map(({ metadata }) => `${metadata.name} at ${metadata.resourceVersion}`);
  const before = versions().join(', ');
  return () => {
    const now = versions().join(', ');
    const rewritten =
      now === before ? [] : [`written again although nothing changed: ${before} became ${now}`];
    return [...compare(expectation, here()), ...rewritten];
  };
}

const largestBytes = 32_768;
const mostWrites = 5; // its creation, and four of its status

/** What was said at any time, not only in the end. */
function complainLoud({ name, steps, expectation }: Scenario, { diagnoses }: Stage): Complaints {
  const seen = diagnoses.seen().filter(({ object }) => object.metadata.namespace === name);
  const expected = isLater(expectation) ? [] : expectation.diagnoses.map(({ workload }) => workload);
  const allowed =
    steps === undefined ? expected : [...expected, ...expectation.silent.map(({ workload }) => workload)];
  const said = new Set(seen.flatMap(({ object }) => object.status?.workload ?? []));
  const large = seen.filter(({ object }) => Buffer.byteLength(JSON.stringify(object)) > largestBytes);
  const writes = Map.groupBy(seen.filter(({ type }) => type !== 'DELETED'), ({ object }) => object.metadata.name); // prettier-ignore
  return [
    ...[...said].filter((one) => !allowed.includes(one)).map((one) => `${one} was reported for a while`),
    ...large
      .slice(0, 1)
      .map(({ object }) => `Diagnosis ${object.metadata.name} takes more than ${largestBytes} bytes`),
    ...[...writes].filter(([, all]) => all.length > mostWrites).map(([one, all]) => `${one} was written ${all.length} times`), // prettier-ignore
  ];
}

async function remarks({ name }: Scenario, { cluster }: Stage, found: readonly WireDiagnosis[]) {
  if (found.some(({ status }) => status?.state === 'Failing')) return [];
  const pods = await podsOf(cluster, name);
  return [`silent about: ${pods.map(show).join(' | ') || 'no pods'}`];
}
