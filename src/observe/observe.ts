// Gathers the snapshot of one workload. A missing thing is absent, not an error.

import { containersOf } from '../engine/platform/kubernetes/pod-containers.ts';
import type { KubeClient } from '../kube/api/client.ts';
import { pathOf } from '../kube/api/discovery.ts';
import { KubeError } from '../kube/api/error.ts';
import type { Node, Remembered, Snapshot, Workload } from '../engine/model/snapshot.ts';
import type { Pod, Template } from '../engine/model/pod.ts';
import type { WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';
import { keyOf } from '../engine/model/workload.ts';
import { present, textAt } from '../engine/platform/data/field.ts';
import { FoundPods, hasTrouble, troubleNeedles } from './found-pods.ts';
import { linkOf, podRef } from './owners.ts';
import type { OwnerDetails, Owners } from './owners.ts';
import { projectDiagnosis } from '../engine/project/project-diagnosis.ts';
import { projectNamespace } from '../engine/project/project-namespace.ts';
import { projectNode, repositoryOf } from '../engine/project/project-node.ts';
import { muteUntilOf } from '../engine/project/project-workload.ts';

/** Pods read one by one, where no label selector finds them all. */
const maxSinglePods = 100;

const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** The workload to gather, and what the loop remembers of it. */
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
  const found = isWorkload
    ? await readPods(details, sources, signal)
    : new FoundPods(details, sources.owners);
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
  const { ref: runBy, desired, ready, updated, revision, rollout, createFailures } = runner;
  return { ...details, runBy, ...present({ desired, ready, updated, revision, rollout, createFailures }) };
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

function rfc3339(timeMs: number): string {
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

/** Where it may not be read, it mutes nothing, and what it requires of pods is not known. */
async function readNamespace(name: string, { client }: Sources, signal: AbortSignal): Promise<unknown> {
  return unlessForbidden(client.get(pathOf({ apiVersion: 'v1', plural: 'namespaces', name }), signal));
}

async function readPods(details: OwnerDetails, sources: Sources, signal: AbortSignal): Promise<FoundPods> {
  const { ref, selector } = details;
  const found = new FoundPods(details, sources.owners);
  if (ref.kind === 'Pod') await addPod(ref.name, ref, found, sources, signal);
  else if (selector === undefined) await addPodsOneByOne(ref, found, sources, signal);
  else await addSelectedPods(ref, selector, found, sources, signal);
  return found;
}

async function addPod(
  name: string,
  { namespace }: WorkloadRef,
  found: FoundPods,
  { client }: Sources,
  signal: AbortSignal,
): Promise<void> {
  const object = await client.get(pathOf({ apiVersion: 'v1', plural: 'pods', namespace, name }), signal);
  if (object !== undefined && !isLeaving(object)) await found.add(object, signal);
}

async function addSelectedPods(
  ref: WorkloadRef,
  labelSelector: string,
  found: FoundPods,
  sources: Sources,
  signal: AbortSignal,
): Promise<void> {
  const path = pathOf({ apiVersion: 'v1', plural: 'pods', namespace: ref.namespace });
  const needles = (): readonly string[] => (found.isFull ? troubleNeedles : []);
  const options = { needles, keepsMetadata: true } as const;
  for await (const object of sources.client.list(path, { labelSelector }, signal, options))
    if (!isLeaving(object) && (await belongsTo(ref, object, sources, signal)))
      await found.add(object, signal);
}

/** A CronJob or a custom resource selects no pods: the owner of every pod of the namespace is looked up. */
async function addPodsOneByOne(
  ref: WorkloadRef,
  found: FoundPods,
  sources: Sources,
  signal: AbortSignal,
): Promise<void> {
  const path = pathOf({ apiVersion: 'v1', plural: 'pods', namespace: ref.namespace });
  let read = 0;
  for await (const object of sources.client.list(path, {}, signal, { accept: metadataOnly })) {
    const name = textAt(object, 'metadata', 'name');
    if (!name || isLeaving(object) || !(await belongsTo(ref, object, sources, signal))) continue;
    read += 1;
    if (read <= maxSinglePods) await addPod(name, ref, found, sources, signal);
    else found.count();
  }
}

const isLeaving = (object: unknown): boolean => textAt(object, 'metadata', 'deletionTimestamp') !== undefined;

/** Nodes read for one diagnosis. */
const maxNodes = 10;

/** Nodes of the pods that wait for something, or have ended before: only these may need the image that their node has. */
async function readNodes(
  pods: readonly Pod[],
  { client }: Sources,
  signal: AbortSignal,
): Promise<readonly Node[]> {
  const waiting = pods.filter(hasTrouble);
  const images = waiting.flatMap(({ manifest }) => containersOf(manifest).map(({ image }) => image));
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

/** The latest of the dates that are still to come; what is not a date mutes nothing. */
function laterOf(now: string, ...dates: readonly (string | undefined)[]): string | undefined {
  const latestMs = Math.max(
    ...dates.map((date) => Date.parse(date ?? '')).filter((ms) => ms > Date.parse(now)),
  );
  return Number.isFinite(latestMs) ? rfc3339(latestMs) : undefined;
}
