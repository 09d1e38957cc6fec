// Judges every pod by one policy, and every template of which no pod is left, and says whose they are.

import PQueue from 'p-queue';

import { pathOf } from '../../kube/api/discovery.ts';
import type { PodSecurityPolicy } from '../../engine/model/pod-security.ts';
import type { Unread } from '../../engine/model/scan.ts';
import type { WorkloadRef } from '../../engine/model/workload.ts';
import { keyOf } from '../../engine/model/workload.ts';
import { present, textAt } from '../../engine/platform/data/field.ts';
import { podManifestOf } from '../../engine/platform/kubernetes/pod-manifest.ts';
import { podSecurityViolations } from '../../engine/platform/pod-security/pod-security.ts';
import { scopesOf } from '../namespace-scope.ts';
import type { NamespaceScope } from '../namespace-scope.ts';
import { chainOf, ownedBy } from './pod-makers.ts';
import type { Makers, Owned } from './pod-makers.ts';
import { Refusals } from './refusals.ts';
import type { ScanSources } from '../sources.ts';
import { unreadAfter } from '../sources.ts';

type JudgedPods = {
  readonly refusals: Refusals<Owned>;
  readonly makers: Makers;
  /** Uids of makers with a pod that is not finished. */
  readonly busy: ReadonlySet<string>;
};

const progressEvery = 250;

/** Every pod that exists, finished ones as well: so does the API server when it is asked to enforce. */
export async function judgePods(
  places: NamespaceScope,
  policy: PodSecurityPolicy,
  makers: Makers,
  { client, onProgress }: ScanSources,
  signal: AbortSignal,
): Promise<JudgedPods> {
  const refusals = new Refusals<Owned>(({ ref }) => ref.uid);
  const busy = new Set<string>();
  let read = 0;
  for (const namespace of scopesOf(places)) {
    const path = pathOf(present({ apiVersion: 'v1', plural: 'pods', namespace }));
    for await (const object of client.list(path, {}, signal)) {
      const pod = ownedBy({ apiVersion: 'v1', kind: 'Pod' }, object);
      if (places.isExcluded(pod.ref.namespace)) continue;
      const chain = chainOf(pod, makers);
      if (!isFinished(object)) for (const { ref } of chain) busy.add(ref.uid);
      refusals.add(
        chain.at(-1) ?? pod,
        podSecurityViolations(podManifestOf(object), policy),
        1,
        pod.ref.name,
      );
      read += 1;
      if (read % progressEvery === 0) onProgress({ stage: 'listing', kind: 'Pod', read });
    }
  }
  return { refusals, makers, busy };
}

const isFinished = (pod: unknown): boolean =>
  ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase') ?? '');

type ByWorkload = { readonly refusals: Refusals<WorkloadRef>; readonly unread: readonly Unread[] };

const lookupsAtOnce = 8;

/** Pods under their topmost owner, and beside them the templates of which no pod is left. */
export async function byWorkload(
  { refusals, makers, busy }: JudgedPods,
  sources: ScanSources,
  signal: AbortSignal,
): Promise<ByWorkload> {
  const merged = new Refusals<WorkloadRef>(keyOf);
  const unread: Unread[] = [];
  for (const [uid, { violations, ...maker }] of makers)
    if (violations && !busy.has(uid)) refusals.add(chainOf(maker, makers).at(-1) ?? maker, violations);
  const queue = new PQueue({ concurrency: lookupsAtOnce });
  await queue.addAll(
    refusals.groups().map(({ of, violations, pods, pod }) => async () => {
      merged.add(await topOf(of, unread, sources, signal), violations, pods, pod);
    }),
  );
  return { refusals: merged, unread };
}

/** Where the last known owner has another one above it, that is read; it stands for both where that is not possible. */
async function topOf(
  { ref, metadata }: Owned,
  unread: Unread[],
  { owners }: ScanSources,
  signal: AbortSignal,
): Promise<WorkloadRef> {
  try {
    return (await owners.topOf({ metadata }, ref, signal)).ref;
  } catch (error) {
    unread.push(unreadAfter(error, { kind: ref.kind, namespace: ref.namespace, name: ref.name }));
    return ref;
  }
}
