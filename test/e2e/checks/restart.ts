// An operator that starts anew finds its work done: it rewrites no Diagnosis and announces nothing twice.

import type { Operator } from '../operator.ts';
import type { KubeObject, WireEvent } from '../objects.ts';
import { demand, holds } from '../until.ts';
import type { Complaints } from '../until.ts';
import type { Ground } from './check.ts';

const holdMs = 15_000;

/** Ends `operator`, calls `start` for another, and compares what lies in `namespaces` before and after. */
export async function restart(
  ground: Ground,
  stop: () => Promise<Complaints>,
  start: () => Promise<Operator>,
  namespaces: readonly string[],
): Promise<Complaints> {
  const ended = await stop();
  const before = await record(ground, namespaces);
  const operator = await start();
  const { signal } = ground;
  await demand('counting again', () => uncounted(ground, operator, namespaces), { limitMs: 60_000, signal });
  const changed = async () => differences(before, await record(ground, namespaces));
  return [...ended, ...(await holds(changed, { limitMs: holdMs, signal, everyMs: 1000 }))];
}

/** It has looked at everything once it counts as many as there are. */
async function uncounted(
  { diagnoses }: Ground,
  operator: Operator,
  namespaces: readonly string[],
): Promise<Complaints> {
  const failing = diagnoses
    .objects()
    .filter(
      ({ metadata, status }) => status?.state === 'Failing' && namespaces.includes(metadata.namespace ?? ''),
    );
  const { text } = await operator.get('/metrics');
  const lines = text.split('\n').filter((line) => line.startsWith('rootcause_diagnoses{'));
  return failing
    .filter(({ metadata }) => !lines.some((line) => line.includes(`namespace="${metadata.namespace}"`)))
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name} is not counted yet`);
}

/** Name → resourceVersion of all diagnoses, and of the Events that the operator wrote. */
async function record(
  { cluster }: Ground,
  namespaces: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const diagnoses = await cluster.list<KubeObject>('/apis/rootcause.dev/v1alpha1/diagnoses');
  const events = await cluster.list<WireEvent>('/api/v1/events');
  const ours = events.items.filter(({ source, reportingComponent }) =>
    [source?.component, reportingComponent].some((one) => one?.includes('rootcause')),
  );
  const all = [...diagnoses.items, ...ours].filter(({ metadata }) =>
    namespaces.includes(metadata.namespace ?? ''),
  );
  return new Map(
    all.map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata.resourceVersion]),
  );
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Complaints {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .filter((name) => before.get(name) !== after.get(name))
    .map(
      (name) =>
        `${name} was at ${before.get(name) ?? 'none'} and is at ${after.get(name) ?? 'none'} after a restart`,
    );
}
