// The suite: every scenario and every check on one operator, side by side where they do not disturb each other.

import PQueue from 'p-queue';
import { adoption } from './checks/adoption.ts';
import type { Check } from './checks/check.ts';
import { checkPrefix } from './checks/check.ts';
import { chain } from './checks/chain.ts';
import { commands } from './checks/commands.ts';
import { contract } from './checks/contract.ts';
import { deletion } from './checks/deletion.ts';
import { dryRun } from './checks/dry-run.ts';
import { logs } from './checks/logs.ts';
import { metrics } from './checks/metrics.ts';
import { oneNamespace } from './checks/one-namespace.ts';
import { owners } from './checks/owners.ts';
import { refused } from './checks/refused.ts';
import { resolve } from './checks/resolve.ts';
import { restart } from './checks/restart.ts';
import { scan } from './checks/scan.ts';
import { table } from './checks/table.ts';
import { gatewayWalk, largeImageWalk, nginxWalk } from './checks/walks.ts';
import { fixes, hardenedPrefix } from './fixes.ts';
import { dropNamespaces } from './namespaces.ts';
import { attempt } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { play } from './play.ts';
import type { Scenario } from './scenario.ts';
import type { Session } from './session.ts';
import { until } from './until.ts';
import type { Complaints } from './until.ts';

const besides: Readonly<Record<string, Check>> = {
  resolve,
  deletion,
  owners,
  adoption,
  chain,
  refused,
  commands,
  'walk-nginx': nginxWalk,
  'walk-large': largeImageWalk,
  'walk-gateway': gatewayWalk,
};
const startingAtOnce = 8;

/** `only`: names of scenarios and checks; all when absent. */
export async function suite(
  session: Session,
  scenarios: readonly Scenario[],
  only?: readonly string[],
): Promise<readonly Outcome[]> {
  const isWanted = (name: string) => only?.includes(name) ?? true;
  const played = scenarios.filter(({ name }) => isWanted(name));
  const namespaces = played.map(({ name }) => name);
  const checks = Object.entries(besides).filter(([name]) => isWanted(name));
  let operator = await session.start();
  const turns = new PQueue({ concurrency: startingAtOnce });
  const outcomes = await Promise.all([
    ...played.map((scenario) => attempt(scenario.name, () => play(scenario, { ...session, turns }))),
    ...checks.map(([name, check]) => attempt(name, () => turned(turns, () => check(session)))),
  ]);
  const again = async () => (operator = await session.start());
  const judged = [...namespaces, ...namespaces.map((name) => hardenedPrefix + name)];
  const later: readonly [string, () => Promise<Complaints>][] = [
    ['table', () => table(session)],
    ['metrics', () => metrics(session, operator, namespaces)],
    ['restart', () => restart(session, () => session.stop(), again, namespaces)],
    ['contract', () => contract(session)],
    ['scan', () => scan(session, namespaces)],
    ['fixes', () => fixes(session, played).then((judgements) => keep(judgements, outcomes))],
    ['cleanup', () => cleanup(session, [...judged, ...checks.map(([name]) => checkPrefix + name)])],
    ['log', () => session.stop().then(() => session.troubles())],
    ['one-namespace', () => oneNamespace(session, session)],
    ['dry-run', () => dryRun(session, session)],
    ['logs', () => logs(session, session)],
  ];
  for (const [name, check] of later) if (isWanted(name) || name === 'log') outcomes.push(await attempt(name, check)); // prettier-ignore
  return [...outcomes, staticPod];
}

/** Each fix counts for itself. */
function keep(judgements: readonly Outcome[], outcomes: Outcome[]): Complaints {
  outcomes.push(...judgements);
  return judgements.length > 0 ? [] : ['no fix was judged'];
}

const staticPod: Outcome = {
  name: 'static-pod',
  result: 'skip',
  details: ['a static pod is a file on a node, and no API puts one there'],
};

async function turned<T>(turns: PQueue, work: () => Promise<T>): Promise<T> {
  return turns.add(work);
}

/** Diagnoses go with their namespaces, while the operator watches. */
async function cleanup(
  { cluster, diagnoses, signal }: Session,
  namespaces: readonly string[],
): Promise<Complaints> {
  await dropNamespaces(cluster, namespaces, signal);
  const left = () =>
    diagnoses
      .objects()
      .filter(({ metadata }) => namespaces.includes(metadata.namespace ?? ''))
      .map(({ metadata }) => `Diagnosis ${metadata.namespace}/${metadata.name} is still there`);
  return until(left, { limitMs: 10_000, signal });
}
