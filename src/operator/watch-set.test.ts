import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';

import { ApiServer } from '../../test/apiserver/api-server.ts';
import { forbidden, proxyNotFound } from '../../test/apiserver/faults.ts';
import { imageRunsAsRoot, play, pod } from '../../test/apiserver/story.ts';
import { clusterOf, until } from '../../test/operator.ts';
import { Transport } from '../kube/api/transport.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { RepeatLimit } from '../telemetry/repeat-limit.ts';
import { WatchSet, type WatchSetOptions } from './watch-set.ts';

let server: ApiServer;
let transport: Transport;
let running: Promise<void> | undefined;
let stop: AbortController;
let lines: Record<string, unknown>[];
let changes: string[];

beforeEach(async () => {
  server = new ApiServer();
  transport = new Transport(await clusterOf((await server.start()).kubeconfig));
  stop = new AbortController();
  [lines, changes] = [[], []];
});

afterEach(async () => {
  stop.abort();
  await running;
  await transport.close();
  await server.stop();
});

const metrics = createMetrics({
  maxWorkloads: 1,
  openDiagnoses: () => [],
  queueDepth: () => 0,
  freshness: () => [],
});

function watch(options: Partial<WatchSetOptions> = {}): WatchSet {
  const set = new WatchSet({
    transport,
    namespaces: ['bank', 'shop'],
    showsCrashes: () => false,
    prepare: async () => undefined,
    silenceMs: 150_000,
    onChange: (id) => changes.push(id),
    metrics,
    log: pino({ level: 'warn' }, { write: (line) => void lines.push(JSON.parse(line)) }),
    repeats: new RepeatLimit(() => performance.now()),
    ...options,
  });
  running = set.run(stop.signal);
  return set;
}

const broken = (name: string, namespace: string) => pod(name).in(namespace).waiting('app', imageRunsAsRoot());

test('an exception of our own is logged once with its stack, counted, and stops nothing', async () => {
  play(server, broken('a', 'bank'), broken('b', 'bank'), broken('c', 'shop'));
  watch({
    onChange: (id) => {
      if (id.startsWith('bank')) throw new TypeError('this is not expected');
      changes.push(id);
    },
  });
  await until('the others go on', () => changes.includes('shop/c'));
  await until('it is logged', () => lines.length > 0);
  expect(lines).toEqual([
    expect.objectContaining({
      level: 40,
      kind: 'Pod',
      reason: expect.stringMatching(/^TypeError: this is not expected\n +at .*watch-set.test.ts/),
    }),
  ]);
  const { values } = await metrics.objectsSkipped.get();
  expect(values).toEqual([{ labels: { kind: 'Pod', reason: 'exception' }, value: 2 }]);
});

test('records that may not be read in one namespace hold up nothing, and are known to be missing there', async () => {
  server.inject(
    forbidden({
      when: ({ resource, namespace }) => resource === 'diagnoses' && namespace === 'bank',
      times: 100_000,
    }),
  );
  play(server, broken('a', 'bank'), broken('c', 'shop'));
  const set = watch();
  await until('all else is in', () => changes.length === 2 && set.problems().length === 1);
  expect([set.hasRecords('bank'), set.hasRecords('shop')]).toEqual([false, true]);
  expect(set.problems()).toEqual([
    'The first list of kind Diagnosis in namespace bank is refused: forbidden: ' +
      'list /apis/rootcause.dev/v1alpha1/namespaces/bank/diagnoses failed with 403: access is forbidden. ' +
      'Install crds/ and allow the account to list and watch diagnoses.',
  ]);
  expect([...set.freshness()]).toHaveLength(10);
});

test('a custom resource that is not installed is reported with what to do', async () => {
  server.inject(proxyNotFound({ when: ({ resource }) => resource === 'diagnoses', times: 100_000 }));
  const set = watch({ namespaces: [] });
  await until('it is reported', () => set.problems().length === 1);
  expect(set.problems()).toEqual([
    expect.stringMatching(
      /^The first list of kind Diagnosis .* is refused: rejected: .* failed with 404 .* Install crds\/ and allow/,
    ),
  ]);
});

test('a right that is taken away while watching is reported until it is back', async () => {
  const set = watch({ namespaces: [] });
  await until('all lists are in', () => set.problems().length === 0);
  server.inject(forbidden({ when: ({ resource }) => resource === 'pods', times: 100_000 }));
  server.cutWatches();
  await until('it is reported', () =>
    set
      .problems()
      .some((text) => text.startsWith('The watch of kind Pod in all namespaces is refused: forbidden')),
  );
  server.liftFaults();
  await until('it is not any more', () => set.problems().length === 0);
});
