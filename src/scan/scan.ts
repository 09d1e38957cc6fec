// Reads a cluster once, and says what the operator would say of it. Writes nothing.

import { compare } from '../engine/platform/data/compare.ts';
import PQueue from 'p-queue';

import type { ImageOptions } from '../images/image-access.ts';
import type { ScannedDiagnosis, ScanReport, ScanTrouble, Unread } from '../engine/model/scan.ts';
import type { Snapshot } from '../engine/model/snapshot.ts';
import type { WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';
import { keyOf } from '../engine/model/workload.ts';
import type { FixPolicy } from '../engine/fix/fix-input.ts';
import { settle } from '../engine/settle.ts';
import { diagnosisName } from '../engine/platform/kubernetes/diagnosis-name.ts';
import { KubeError, messageOf } from '../kube/api/error.ts';
import { AccessReviews } from '../observe/access-reviews.ts';
import { Answers } from '../observe/ask/answers.ts';
import { ask, type AskSources } from '../observe/ask/ask.ts';
import { observe, type Target } from '../observe/observe.ts';
import { createInspector } from '../images/image-access.ts';
import type { ImageAccess } from '../images/image-access.ts';
import { inspectImage, switchedOff, type Inspector } from '../images/inspect-image.ts';
import { judge } from '../engine/judge.ts';
import { LogAccess } from '../observe/log-access.ts';
import { failingImagesOf, SharedImages } from '../observe/shared-images.ts';
import { findWorkloads } from './find-workloads.ts';
import type { FoundWorkloads } from './find-workloads.ts';
import { findNeighbours } from './neighbours.ts';
import type { ScopeOptions } from './namespace-scope.ts';
import { namespaceScopeOf } from './namespace-scope.ts';
import type { ScanMeans, ScanSources } from './sources.ts';
import { unreadAfter, withSources } from './sources.ts';

export type ScanOptions = {
  readonly scope: ScopeOptions;
  readonly images: ImageOptions;
  readonly dryRun: boolean;
  readonly readLogs: boolean;
  readonly policy: FixPolicy;
};

const workloadsAtOnce = 8;

export async function scan(
  options: ScanOptions,
  access: ImageAccess,
  means: ScanMeans,
  signal: AbortSignal,
): Promise<ScanReport | ScanTrouble> {
  return withSources(means, signal, async (sources) => {
    const { client, monotonicMs } = sources;
    const inspector = createInspector({ config: options.images, access, client, nowMs: monotonicMs });
    try {
      return await scanSources(options, inspector, sources, signal);
    } finally {
      await inspector.registry.close();
    }
  });
}

async function scanSources(
  { scope, images, dryRun, readLogs, policy }: ScanOptions,
  inspector: Inspector,
  sources: ScanSources,
  signal: AbortSignal,
): Promise<ScanReport> {
  const places = namespaceScopeOf(scope);
  const access = new AccessReviews(sources.client, sources.monotonicMs);
  const namespaces = places.namespaces ?? [];
  const logs = new LogAccess({ access, isOn: readLogs, namespaces, onChange: () => {} });
  await logs.check(signal);
  const found = await findWorkloads(places, (namespace) => logs.mayRead(namespace), sources, signal);
  const neighbours = await findNeighbours(places, sources, signal);
  const { client, discovery, owners, monotonicMs } = sources;
  const inspect = createInspect(images.inspect ? inspector : undefined);
  const askSources = { client, discovery, owners, access, inspect, dryRun, readLogs };
  const answers = new Answers({
    ask: (question, stop) => ask(question, askSources, stop),
    awaitsAll: true,
    nowMs: monotonicMs,
  });
  const judged = await judgeAll(found, { answers, sources, policy, signal });
  return {
    diagnoses: diagnosesOf(judged.snapshots, policy),
    neighbours: neighbours.rows,
    unread: [...found.unread, ...judged.unread, ...neighbours.unread],
  };
}

/** Trouble with an image is a reading, whatever it is. */
const createInspect =
  (inspector: Inspector | undefined): AskSources['inspect'] =>
  async (question, signal) => {
    if (!inspector) return switchedOff;
    try {
      return await inspectImage(question, inspector, signal);
    } catch (error) {
      if (signal.aborted) throw new KubeError('aborted', 'the scan was given up');
      return { is: 'unread', because: `reading it failed unexpectedly: ${messageOf(error)}` };
    }
  };

type Judging = {
  readonly answers: Answers;
  readonly sources: ScanSources;
  readonly policy: FixPolicy;
  readonly signal: AbortSignal;
};

type JudgedAll = { readonly snapshots: readonly Snapshot[]; readonly unread: readonly Unread[] };

/**
 * A workload that cannot be read or judged is named; the others are judged all the same.
 *
 * @throws KubeError that each of them would meet
 */
async function judgeAll({ workloads, hasRecords }: FoundWorkloads, judging: Judging): Promise<JudgedAll> {
  const snapshots: Snapshot[] = [];
  const unread: Unread[] = [];
  const queue = new PQueue({ concurrency: workloadsAtOnce });
  const { onProgress } = judging.sources;
  let done = 0;
  const judgeOne = async (key: WorkloadKey, workload: WorkloadRef): Promise<void> => {
    const { kind, namespace, name } = workload;
    const note = (error: unknown): void => void unread.push(unreadAfter(error, { kind, namespace, name }));
    const target = { key, workload, remembered: {} };
    const recorded = hasRecords ? { ...target, diagnosisName: diagnosisName(workload) } : target;
    await settled(recorded, judging, note).then((snapshot) => snapshots.push(snapshot), note);
    done += 1;
    onProgress({ stage: 'looking', done, of: workloads.size });
  };
  await queue.addAll(
    [...workloads].map(
      ([key, workload]) =>
        () =>
          judgeOne(key, workload),
    ),
  );
  return { snapshots, unread };
}

/** With every question answered. Trouble with one is noted, and leaves no other without an answer. */
async function settled(
  target: Target,
  { answers, sources, policy, signal }: Judging,
  note: (error: unknown) => void,
): Promise<Snapshot> {
  const observed = await observe(target, { ...sources, nowMs: () => Date.now() }, signal);
  const { snapshot } = await settle(observed, policy, async (question, seen) => {
    try {
      return (await answers.answer(target.key, question, seen, signal)).answer;
    } catch (error) {
      note(error);
      return undefined;
    }
  });
  return snapshot;
}

/** Which workloads have an image in common is known once all of them are. */
function diagnosesOf(snapshots: readonly Snapshot[], policy: FixPolicy): readonly ScannedDiagnosis[] {
  const shared = new SharedImages(() => true);
  for (const snapshot of snapshots) {
    const { status } = judge(snapshot, policy);
    if (snapshot.workload) shared.note({ workload: snapshot.workload.ref, images: failingImagesOf(status) });
  }
  const diagnoses = snapshots.flatMap((snapshot) => {
    const sameImage = shared.othersWithImagesOf(snapshot.key);
    return diagnosisOf(sameImage ? { ...snapshot, sameImage } : snapshot, policy);
  });
  return diagnoses.toSorted(byPlace);
}

/** Nothing of a workload that is gone, and where nothing fails now. */
function diagnosisOf(snapshot: Snapshot, policy: FixPolicy): readonly ScannedDiagnosis[] {
  const { verdict, status } = judge(snapshot, policy);
  if (verdict.findings.length === 0 || !snapshot.workload || !status) return [];
  const { apiVersion, kind, name, namespace } = snapshot.workload.ref;
  return [{ namespace, workload: { apiVersion, kind, name }, status }];
}

function byPlace(a: ScannedDiagnosis, b: ScannedDiagnosis): number {
  return compare(a.namespace, b.namespace) || compare(keyOf(placed(a)), keyOf(placed(b)));
}

const placed = ({ namespace, workload }: ScannedDiagnosis) => ({ namespace, ...workload });
