// Every metric, declared in one place. No pod name is ever a label.

import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

import { fairShare } from './fair-share.ts';

/** One open diagnosis, as the gauges show it. */
export type OpenDiagnosis = {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly causes: readonly string[];
  /** Without pods that fail only for an ephemeral container; none where no pod may be created. */
  readonly failingPods: number;
  /** False where only ephemeral containers fail. */
  readonly isBroken: boolean;
};

/** When a watch last delivered anything, as Unix time. */
export type Freshness = { readonly kind: string; readonly seconds: number };

type MetricsOptions = {
  /** How many workloads get series of their own; the others are only counted. */
  readonly maxWorkloads: number;
  readonly openDiagnoses: () => Iterable<OpenDiagnosis>;
  readonly queueDepth: () => number;
  /** Of every watch that runs. */
  readonly freshness: () => Iterable<Freshness>;
};

/** @returns the registry to serve, and the metrics that others move */
export function createMetrics(options: MetricsOptions) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  createDiagnosisGauges(options, registers);
  const depth: Gauge = new Gauge({
    name: 'rootcause_queue_depth',
    help: 'Workloads that wait to be reconciled.',
    registers,
    collect: () => depth.set(options.queueDepth()),
  });
  const lastChange: Gauge = new Gauge({
    name: 'rootcause_watch_last_change_timestamp_seconds',
    help: 'When the watches of a kind last delivered anything, bookmarks included, as Unix time: the oldest of them.',
    labelNames: ['kind'],
    registers,
    collect: () => {
      lastChange.reset();
      for (const [kind, seconds] of oldestOf(options.freshness())) lastChange.set({ kind }, seconds);
    },
  });
  return { registry, ...createMoved(registers) };
}

export type Metrics = ReturnType<typeof createMetrics>;

/** A watch that is dead must not hide behind one that is not. */
function oldestOf(all: Iterable<Freshness>): ReadonlyMap<string, number> {
  const oldest = new Map<string, number>();
  for (const { kind, seconds } of all) oldest.set(kind, Math.min(seconds, oldest.get(kind) ?? Infinity));
  return oldest;
}

function createMoved(registers: Registry[]) {
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames, registers });
  return {
    timeToDiagnosis: new Histogram({
      name: 'rootcause_time_to_diagnosis_seconds',
      help: 'From the first watch event that shows a failure to its Diagnosis being written.',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60],
      registers,
    }),
    reconciles: counter('rootcause_reconciles_total', 'Reconciles of a workload, by outcome.', ['outcome']),
    reconcileDuration: new Histogram({
      name: 'rootcause_reconcile_duration_seconds',
      help: 'How long one reconcile of a workload took.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    watchRestarts: counter(
      'rootcause_watch_restarts_total',
      'Watches that were resumed or listed again, by kind and reason.',
      ['kind', 'reason'],
    ),
    objectsSkipped: counter(
      'rootcause_objects_skipped_total',
      'Objects of a list or a watch that were left out, by kind and reason (tooLarge, exception).',
      ['kind', 'reason'],
    ),
    imageInspections: counter('rootcause_image_inspections_total', 'Images inspected, by outcome.', [
      'outcome',
    ]),
    fixes: counter(
      'rootcause_fixes_total',
      'Fixes, by mode (shown in a new diagnosis) and outcome (how certain they are).',
      ['mode', 'outcome'],
    ),
    apiRequests: counter(
      'rootcause_api_requests_total',
      'HTTP requests to the API server, by verb and status code, or by what went wrong.',
      ['verb', 'code'],
    ),
    leader: new Gauge({ name: 'rootcause_leader', help: '1 while this replica acts.', registers }),
  };
}

/** Filled at every scrape from what is open then, so that a series never outlives its diagnosis. */
function createDiagnosisGauges({ maxWorkloads, openDiagnoses }: MetricsOptions, registers: Registry[]): void {
  const diagnoses = new Gauge({
    name: 'rootcause_diagnoses',
    help: 'Open diagnoses, by namespace and cause. Scrape with honorLabels.',
    labelNames: ['namespace', 'cause'],
    registers,
    // The first of the four is asked first, and fills the others before they are asked.
    collect: () => fill(),
  });
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name, help, labelNames, registers });
  const failing = gauge(
    'rootcause_workload_failing',
    '1 for every failing workload and cause. Scrape with honorLabels.',
    ['namespace', 'kind', 'name', 'cause'],
  );
  const pods = gauge(
    'rootcause_failing_pods',
    'Pods of a failing workload that cannot start. Scrape with honorLabels.',
    ['namespace', 'kind', 'name'],
  );
  const omitted = gauge(
    'rootcause_workloads_omitted',
    'Failing workloads without series of their own, since there are more than --metrics-workloads.',
    [],
  );
  const fill = (): void => {
    for (const one of [diagnoses, failing, pods]) one.reset();
    const open = [...openDiagnoses()];
    for (const { namespace, causes } of open) for (const cause of causes) diagnoses.inc({ namespace, cause });
    const broken = open.filter(({ isBroken }) => isBroken);
    const shown = fairShare(broken, ({ namespace }) => namespace, maxWorkloads);
    for (const { namespace, kind, name, causes, failingPods } of shown) {
      for (const cause of causes) failing.set({ namespace, kind, name, cause }, 1);
      pods.set({ namespace, kind, name }, failingPods);
    }
    omitted.set(Math.max(0, broken.length - maxWorkloads));
  };
}
