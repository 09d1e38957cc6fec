import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { createMetrics, type Freshness, type OpenDiagnosis } from './metrics.ts';

const metricsOf = (freshness: readonly Freshness[] = []) =>
  createMetrics({
    maxWorkloads: 1,
    openDiagnoses: () => [],
    queueDepth: () => 0,
    freshness: () => freshness,
  });

test('the oldest watch of a kind is the one that shows, and no kind that is not watched', async () => {
  const { registry } = metricsOf([
    { kind: 'Event', seconds: 20 },
    { kind: 'Event', seconds: 10 },
    { kind: 'Pod', seconds: 30 },
  ]);
  const lines = (await registry.metrics()).split('\n');
  expect(lines.filter((line) => line.startsWith('rootcause_watch_last_change'))).toEqual([
    'rootcause_watch_last_change_timestamp_seconds{kind="Event"} 10',
    'rootcause_watch_last_change_timestamp_seconds{kind="Pod"} 30',
  ]);
});

test('a namespace full of failing workloads leaves the series of another one in place', async () => {
  const failing = (namespace: string, name: string): OpenDiagnosis => ({
    namespace,
    kind: 'Pod',
    name,
    causes: ['ImageRunsAsRoot'],
    failingPods: 1,
    isBroken: true,
  });
  const crowd = Array.from({ length: 510 }, (_, index) => failing('crowd', `tool-${index}`));
  const { registry } = createMetrics({
    maxWorkloads: 500,
    openDiagnoses: () => [...crowd, failing('shop', 'web')],
    queueDepth: () => 0,
    freshness: () => [],
  });
  const lines = (await registry.metrics()).split('\n');
  const shown = lines.filter((line) => line.startsWith('rootcause_workload_failing{'));
  expect(shown).toHaveLength(500);
  expect(shown).toContain(
    'rootcause_workload_failing{namespace="shop",kind="Pod",name="web",cause="ImageRunsAsRoot"} 1',
  );
  expect(lines).toContain('rootcause_workloads_omitted 11');
});

test('the README lists every metric with its labels', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const metrics = await metricsOf().registry.getMetricsAsJSON();
  const ours = metrics.map(({ name }) => name).filter((name) => name.startsWith('rootcause_'));
  expect(ours).toContain('rootcause_objects_skipped_total');
  expect(ours.filter((name) => !readme.includes(`\`${name}`))).toEqual([]);
});
