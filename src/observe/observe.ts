// Gathers the snapshot of one workload. A missing thing is absent, not an error.

import type { KubeClient } from '../kube/api/client.ts';
import { pathOf } from '../kube/api/discovery.ts';
import { KubeError } from '../kube/api/error.ts';
import type { Node, Remembered, Snapshot, Workload } from '../engine/model/snapshot.ts';
import type { Pod, Template } from '../engine/model/pod.ts';
import type { WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';
import { keyOf } from '../engine/model/workload.ts';
import { present, textAt } from '../engine/platform/data/field.ts';
import { linkOf } from './owners.ts';
import type { OwnerDetails, Owners } from './owners.ts';
import { projectDiagnosis } from '../engine/project/project-diagnosis.ts';
import { projectNamespace } from '../engine/project/project-namespace.ts';
import { projectNode, repositoryOf } from '../engine/project/project-node.ts';
import { projectPod } from '../engine/project/project-pod.ts';
import { muteUntilOf } from '../engine/project/project-workload.ts';

/** Pods read for one diagnosis; the others of a larger workload are only counted. */
const maxPods = 500;
/** Pods read one by one, where no label selector finds them all. */
const maxSinglePods = 100;

const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const podRef = { apiVersion: 'v1', kind: 'Pod', name: '' };

/** The workload to look at, and what the loop remembers of it. */
export type Target = {
  readonly key: WorkloadKey;
  readonly workload: WorkloadRef;
  /** Absent where nothing recorded is to be read. */
  readonly diagnosisName?: string;
  readonly remembered: Remembered;
};

export type Sources = { readonly client: KubeClient; readonly owners: Owners; readonly nowMs: () => number };

/**
 * Reads the recorded Diagnosis, the workload, its pods and its namespace, all as they are now.
 *
 * @throws KubeError when the API server could not answer
 */
export async function observe(target: Target, sources: Sources, signal: AbortSignal): Promise<Snapshot> {
  const [recorded, own, namespace] = await Promise.all([
    readDiagnosis(target, sources, signal),
    readWorkload(target, sources, signal),
    readNamespace(target.workload.namespace, sources, signal),
  ]);
  const details = await withRunner(own, sources, signal);
  const isWorkload = details.exists && !details.movedTo;
  const found = isWorkload ? await readPods(details, sources, signal) : noPods;
  const movedTo = details.movedTo ? [details.movedTo] : found.movedTo;
  // Of a workload that has none itself: as its first pod leads to it.
  const template =
    details.template ??
    (found.first === undefined
      ? undefined
      : await sources.owners.templateBelow(details.ref, found.first, signal));
  const nodes = await readNodes(found.pods, sources, signal);
  const now = rfc3339(sources.nowMs());
  return present({
    key: target.key,
    now,
    workload: isWorkload ? workloadOf(details, template) : undefined,
    movedTo: movedTo.length > 0 || sources.owners.hasLost(target.key) ? movedTo : undefined,
    pods: found.pods.toSorted(byAge),
    nodes,
    podsTotal: found.total,
    answers: [],
    recorded,
    remembered: target.remembered,
    createFailures: details.createFailures,
    mutedUntil: laterOf(now, details.muteUntil, muteUntilOf(namespace)),
    namespace: projectNamespace(namespace),
  });
}

/** Where another object makes the pods of its template, that one says how many, and how they are replaced. */
async function withRunner(
  details: OwnerDetails,
  { owners }: Sources,
  signal: AbortSignal,
): Promise<OwnerDetails & Pick<Workload, 'runBy'>> {
  const runner = details.desired === 0 ? await owners.runnerOf(details, signal) : undefined;
  if (!runner) return details;
  const { ref: runBy, desired, ready, rollout, createFailures } = runner;
  return { ...details, runBy, ...present({ desired, ready, rollout, createFailures }) };
}

/** The key means what has this name now, also where it was deleted and created again. */
async function readWorkload(
  { workload }: Target,
  { owners }: Sources,
  signal: AbortSignal,
): Promise<OwnerDetails> {
  const details = await owners.detailsOf({ ...workload, uid: '' }, signal);
  return details.ref.uid === '' ? { ...details, ref: workload } : details;
}

export function rfc3339(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}

function workloadOf(details: OwnerDetails, template: Template | undefined): Workload {
  const {
    exists: _exists,
    movedTo: _movedTo,
    muteUntil: _muteUntil,
    createFailures: _failures,
    ...workload
  } = details;
  return present({ ...workload, template });
}

async function readDiagnosis({ diagnosisName, workload }: Target, { client }: Sources, signal: AbortSignal) {
  if (diagnosisName === undefined) return undefined;
  const { namespace } = workload;
  const at = { apiVersion: 'rootcause.dev/v1alpha1', plural: 'diagnoses', namespace, name: diagnosisName };
  return projectDiagnosis(await client.get(pathOf(at), signal))?.diagnosis;
}

/** Where it may not be read, nobody is muted, and nothing is known of what it asks of pods. */
async function readNamespace(name: string, { client }: Sources, signal: AbortSignal): Promise<unknown> {
  return unlessForbidden(client.get(pathOf({ apiVersion: 'v1', plural: 'namespaces', name }), signal));
}

type FoundPods = {
  readonly pods: readonly Pod[];
  readonly total: number;
  /** One of them as the API server gave it, for its owner references. */
  readonly first?: unknown;
  /** Where failing pods belong that seemed to belong here. */
  readonly movedTo: readonly WorkloadRef[];
};

const noPods: FoundPods = { pods: [], total: 0, movedTo: [] };

async function readPods(details: OwnerDetails, sources: Sources, signal: AbortSignal): Promise<FoundPods> {
  if (details.ref.kind === 'Pod') {
    const pod = projectPod(
      await sources.client.get(podPath(details.ref.namespace, details.ref.name), signal),
    );
    return pod ? { pods: [pod], total: 1, movedTo: [] } : noPods;
  }
  const found = await (details.selector === undefined
    ? readPodsOneByOne(details, sources, signal)
    : readSelectedPods(details, details.selector, sources, signal));
  return withoutMoved(found, details.ref, sources, signal);
}

async function readSelectedPods(
  { ref }: OwnerDetails,
  selector: string,
  sources: Sources,
  signal: AbortSignal,
): Promise<PodObjects> {
  const objects: unknown[] = [];
  let total = 0;
  const path = pathOf({ apiVersion: 'v1', plural: 'pods', namespace: ref.namespace });
  for await (const object of sources.client.list(path, { labelSelector: selector }, signal)) {
    if (isLeaving(object) || !(await belongsTo(ref, object, sources, signal))) continue;
    total += 1;
    if (total <= maxPods) objects.push(object);
  }
  return { objects, total };
}

/** A CronJob or a custom resource selects no pods: the owner of every pod of the namespace is looked up. */
async function readPodsOneByOne(
  { ref }: OwnerDetails,
  sources: Sources,
  signal: AbortSignal,
): Promise<PodObjects> {
  const names: string[] = [];
  const path = pathOf({ apiVersion: 'v1', plural: 'pods', namespace: ref.namespace });
  for await (const object of sources.client.list(path, {}, signal, { accept: metadataOnly })) {
    const name = textAt(object, 'metadata', 'name');
    if (name && !isLeaving(object) && (await belongsTo(ref, object, sources, signal))) names.push(name);
  }
  const objects: unknown[] = [];
  for (const name of names.slice(0, maxSinglePods))
    objects.push(await sources.client.get(podPath(ref.namespace, name), signal));
  return { objects: objects.filter((object) => object !== undefined), total: names.length };
}

/** As the API server gave them; more than these were counted. */
type PodObjects = { readonly objects: readonly unknown[]; readonly total: number };

/** What is remembered of the owners of failing pods is read again: their controllers may have another owner by now. */
async function withoutMoved(
  { objects, total }: PodObjects,
  ref: WorkloadRef,
  { owners }: Sources,
  signal: AbortSignal,
): Promise<FoundPods> {
  const pods: Pod[] = [];
  const movedTo = new Map<WorkloadKey, WorkloadRef>();
  let moved = 0;
  let first: unknown;
  for (const object of objects) {
    const pod = projectPod(object);
    if (pod && hasTrouble(pod)) {
      const { ref: top } = await owners.topOf(object, podRef, signal, newsMs);
      if (keyOf(top) !== keyOf(ref)) {
        moved += 1;
        movedTo.set(keyOf(top), top);
        continue;
      }
    }
    first ??= object;
    if (pod) pods.push(pod);
  }
  return { pods, total: total - moved, first, movedTo: [...movedTo.values()] };
}

/** A new failure comes by the same links, so that these need not be read twice. */
const newsMs = 10_000;

const podPath = (namespace: string, name: string): string =>
  pathOf({ apiVersion: 'v1', plural: 'pods', namespace, name });

const isLeaving = (object: unknown): boolean => textAt(object, 'metadata', 'deletionTimestamp') !== undefined;

/** Nodes read for one diagnosis. */
const maxNodes = 10;

/** Nodes of the pods that wait for something, or have ended before: only these may need to be told which image they have. */
async function readNodes(
  pods: readonly Pod[],
  { client }: Sources,
  signal: AbortSignal,
): Promise<readonly Node[]> {
  const waiting = pods.filter(hasTrouble);
  const images = waiting.flatMap(({ containers }) => containers.map(({ image }) => image));
  const repositories = new Set(images.flatMap((image) => repositoryOf(image) ?? []));
  const names = [...new Set(waiting.flatMap(({ node }) => node ?? []))].toSorted().slice(0, maxNodes);
  const nodes = await Promise.all(
    names.map(async (name) => {
      const object = await unlessForbidden(
        client.get(pathOf({ apiVersion: 'v1', plural: 'nodes', name }), signal),
      );
      return projectNode(object, repositories) ?? [];
    }),
  );
  return nodes.flat();
}

const hasTrouble = ({ containers }: Pod): boolean =>
  containers.some(
    ({ state, lastTerminated }) => lastTerminated !== undefined || (state && state.is !== 'running'),
  );

/** What this account may not read is the same as what is not there. */
async function unlessForbidden(reading: Promise<unknown>): Promise<unknown> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof KubeError && error.code === 'forbidden') return undefined;
    throw error;
  }
}

async function belongsTo(
  ref: WorkloadRef,
  pod: unknown,
  { owners }: Sources,
  signal: AbortSignal,
): Promise<boolean> {
  return keyOf(await owners.likelyTopOf(linkOf(pod, podRef), signal)) === keyOf(ref);
}

function byAge(a: Pod, b: Pod): number {
  return a.createdTime.localeCompare(b.createdTime) || a.name.localeCompare(b.name);
}

/** The latest of the dates that are still to come; what is not a date mutes nobody. */
function laterOf(now: string, ...dates: readonly (string | undefined)[]): string | undefined {
  const latestMs = Math.max(
    ...dates.map((date) => Date.parse(date ?? '')).filter((ms) => ms > Date.parse(now)),
  );
  return Number.isFinite(latestMs) ? rfc3339(latestMs) : undefined;
}
