// One namespace or one right that is broken costs the others nothing, and the log, /readyz and the metrics say which it is.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';

import type { OperatorOptions } from '../src/operator/operator-options.ts';
import { ApiServer } from './apiserver/api-server.ts';
import { forbidden, type Fault } from './apiserver/faults.ts';
import type { ApiRequest } from './apiserver/request.ts';
import type { Sink } from './apiserver/sink.ts';
import { deployment, imageRunsAsRoot, play, pod, replicaSet } from './apiserver/story.ts';
import { startOperator, until, type RunningOperator } from './operator.ts';

const workloads = 20;

let server: ApiServer;
let kubeconfig: string;
let operator: RunningOperator | undefined;
let lines: Record<string, unknown>[];

beforeEach(async () => {
  server = new ApiServer({ bookmarkIntervalMs: 50 });
  ({ kubeconfig } = await server.start());
  lines = [];
});

afterEach(async () => {
  server.liftFaults();
  await operator?.stop();
  operator = undefined;
  await server.stop();
});

async function run(changes: Partial<OperatorOptions>): Promise<RunningOperator> {
  const log = pino({ level: 'warn' }, { write: (line) => void lines.push(JSON.parse(line)) });
  operator = await startOperator(kubeconfig, changes, log);
  return operator;
}

const failing = (name: string, namespace: string) =>
  pod(`${name}-abc-1`)
    .in(namespace)
    .of(replicaSet(`${name}-abc`).of(deployment(name)))
    .waiting('app', imageRunsAsRoot());

const areAllDiagnosed = (namespace: string) => () =>
  server.list('Diagnosis').filter(({ metadata }) => metadata.namespace === namespace).length === workloads;

function playAllIn(namespace: string): void {
  for (let nth = 0; nth < workloads; nth += 1) play(server, failing(`web-${nth}`, namespace));
}

const readyz = async (): Promise<string> => (await fetch(`${operator?.url}/readyz`)).text();

const sample = async (name: string): Promise<number> => (await operator?.metrics())?.get(name) ?? 0;

/** Every request in the namespace meets the same. */
const inBank = ({ namespace, name, resource }: ApiRequest): boolean =>
  namespace === 'bank' || (resource === 'namespaces' && name === 'bank');

const always = (through: (sink: Sink) => Sink): Fault => ({
  name: 'always',
  when: inBank,
  times: 100_000,
  through,
});

const noRights = forbidden({ when: inBank, times: 100_000 });

const html = always((sink) => ({
  ...sink,
  head: () => {
    sink.head(200, { 'content-type': 'text/html' });
    sink.write('<html>Please log in</html>');
    sink.end();
  },
  write: () => undefined,
  end: () => undefined,
}));

const hanging = always((sink) => ({
  ...sink,
  head: () => undefined,
  write: () => undefined,
  end: () => undefined,
}));

describe('beside a namespace', () => {
  test.each([
    [
      'without rights',
      noRights,
      'The first list of kind Pod in namespace bank is refused: forbidden: ' +
        'list /api/v1/namespaces/bank/pods failed with 403: access is forbidden.',
    ],
    [
      'whose answers are the HTML of a proxy',
      html,
      'The first list of kind Pod in namespace bank fails: garbage: ' +
        'The answer is not JSON; it begins with <html>Please log in</html>.',
    ],
  ])(
    '%s, all others are diagnosed, and it is named',
    async (_what, fault, problem) => {
      server.inject(fault);
      await run({ scope: { namespaces: ['bank', 'shop'], excludedNamespaces: [] } });
      playAllIn('shop');
      await until('all are diagnosed', areAllDiagnosed('shop'));
      await until('the culprit is named', async () => (await readyz()).includes(problem));
      expect(await readyz()).not.toContain('namespace shop');
      const reason = problem.includes('garbage') ? 'garbage' : 'forbidden';
      expect(lines).toContainEqual(expect.objectContaining({ kind: 'Pod', namespace: 'bank', reason }));
      expect(lines.filter(({ kind }) => kind === 'Pod')).toHaveLength(1);
      expect(await sample(`rootcause_watch_restarts_total{kind="Pod",reason="${reason}"}`)).toBeGreaterThan(
        0,
      );
      server.liftFaults();
      await until('it is ready', () => operator?.isReady() ?? false);
      playAllIn('bank');
      await until('all of the other are diagnosed as well', areAllDiagnosed('bank'));
    },
    60_000,
  );

  test('that never answers, all others are diagnosed, and it is named', async () => {
    server.inject(hanging);
    await run({ scope: { namespaces: ['bank', 'shop'], excludedNamespaces: [] } });
    playAllIn('shop');
    await until('all are diagnosed', areAllDiagnosed('shop'));
    expect(await readyz()).toContain('The first list of kind Pod in namespace bank is not in yet.');
    expect(await readyz()).not.toContain('namespace shop');
  }, 60_000);

  test('with objects of a size that no page can hold, all others are diagnosed', async () => {
    const env = [{ name: 'BIG', value: 'x'.repeat(700_000) }];
    const [big] = failing('big', 'bank').objects().slice(-1);
    if (!big) throw new Error('no pod');
    for (let nth = 0; nth < 12; nth += 1) {
      const { name, ...metadata } = big.metadata;
      const spec = { containers: [{ name: 'app', image: 'x', env }] };
      server.put({ ...big, metadata: { ...metadata, name: `${name}-${nth}` }, spec });
    }
    const event = (name: string) =>
      server.put({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace: 'bank' },
        involvedObject: { kind: 'Pod', name: 'x', namespace: 'bank', uid: 'x' },
        reason: 'Failed',
        message: 'x'.repeat(5_000_000),
      });
    event('listed');
    await run({});
    playAllIn('shop');
    await until('all are diagnosed', areAllDiagnosed('shop'));
    await until('it is ready', () => operator?.isReady() ?? false);
    event('watched');
    const skipped = 'rootcause_objects_skipped_total{kind="Event",reason="tooLarge"}';
    await until('both are counted', async () => (await sample(skipped)) === 2);
    const named = lines.filter(({ kind }) => kind === 'Event').map(({ object }) => object);
    expect(named).toEqual(['bank/listed', 'bank/watched']);
    const samples = [...((await operator?.metrics())?.keys() ?? [])];
    expect(samples.filter((name) => name.startsWith('rootcause_watch_restarts_total{kind="Event"'))).toEqual(
      [],
    );
  }, 60_000);
});

describe('a replica', () => {
  const leader = { elect: true, namespace: 'rootcause-system', identity: 'a' };
  const leases = ({ resource }: ApiRequest): boolean => resource === 'leases';

  test('that may not read the Lease is not ready, says so, and leads once it may', async () => {
    server.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'rootcause-system' } });
    server.inject(forbidden({ when: leases, times: 100_000 }));
    await run({ leader });
    const problem =
      'This replica cannot read or write the Lease rootcause-system/rootcause: get /apis/coordination.k8s.io/v1/' +
      'namespaces/rootcause-system/leases/rootcause failed with 403: access is forbidden.';
    await until('it says so', async () => (await readyz()).includes(problem));
    expect(await operator?.isReady()).toBe(false);
    expect(lines.map(({ lease, code }) => [lease, code])).toEqual([['rootcause', 'forbidden']]);
    server.liftFaults();
    await until('it leads', async () => (await sample('rootcause_leader')) === 1);
    await until('it is ready', async () => (await readyz()) === 'ok\n');
  }, 30_000);

  test('that waits for another to end is ready, and says that it is the standby', async () => {
    server.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'rootcause-system' } });
    const first = await startOperator(kubeconfig, { leader: { ...leader, identity: 'b' } });
    await until('the first leads', async () => (await first.metrics()).get('rootcause_leader') === 1);
    await run({ leader });
    await until('it is the standby', async () => (await readyz()) === 'ok, standby\n');
    await first.stop();
  }, 30_000);
});

test('more namespaces than can be watched one by one are refused with a clear sentence', async () => {
  const namespaces = Array.from({ length: 1001 }, (_, nth) => `n-${nth}`);
  await expect(run({ scope: { namespaces, excludedNamespaces: [] } })).rejects.toThrow(
    '--namespaces lists 1001 namespaces, and at most 1000 can be watched one by one. ' +
      'Leave the flag out to watch all namespaces.',
  );
});
