// Finds workloads whose pods do not start for reasons that are not ours: they are named in a scan, and diagnosed no further.

import { configErrorNeighbour, neighbourIn } from '../engine/messages/neighbour/neighbour-message.ts';
import { parseKubeletStatus } from '../engine/messages/kubelet/kubelet-message.ts';
import type { Neighbour } from '../engine/model/reported-failure.ts';
import type { NeighbourRow } from '../engine/model/scan.ts';
import type { Unread } from '../engine/model/scan.ts';
import { listAt, textAt, textOf } from '../engine/platform/data/field.ts';
import { neighbourRows } from '../engine/report/neighbour-text.ts';
import { pathOf } from '../kube/api/discovery.ts';
import { listObjects } from '../kube/list/list-objects.ts';
import { pageSize } from '../observe/collections.ts';
import { podRef } from '../observe/owners.ts';
import { scopesOf, type NamespaceScope } from './namespace-scope.ts';
import { unreadAfter, type ScanSources } from './sources.ts';

const configError = 'CreateContainerConfigError';
/** Pods that are looked up one by one, in one list. */
const maxPods = 500;

export type FoundNeighbours = { readonly rows: readonly NeighbourRow[]; readonly unread: readonly Unread[] };

export async function findNeighbours(
  scope: NamespaceScope,
  sources: ScanSources,
  signal: AbortSignal,
): Promise<FoundNeighbours> {
  const rows: NeighbourRow[] = [];
  const unread: Unread[] = [];
  for (const namespace of scopesOf(scope)) {
    const place = { namespace, signal, sources };
    try {
      const sandboxes = await sandboxFailures(place);
      for await (const { pod, container, neighbour } of waitingIn(place, sandboxes)) {
        if (scope.isExcluded(textOf(pod, 'metadata', 'namespace'))) continue;
        const row = await rowOf(pod, neighbour, place);
        rows.push(container === undefined ? row : { ...row, container });
      }
    } catch (error) {
      unread.push(unreadAfter(error, { kind: 'Pod', namespace }));
    }
  }
  return { rows: neighbourRows(rows), unread };
}

type SearchedNamespace = {
  readonly namespace: string | undefined;
  readonly sources: ScanSources;
  readonly signal: AbortSignal;
};

const pathIn = ({ namespace }: SearchedNamespace, plural: string): string =>
  pathOf({ apiVersion: 'v1', plural, ...(namespace !== undefined && { namespace }) });

/** By the uid of the pod. Where Events cannot be read, a pod without a sandbox says nothing. */
async function sandboxFailures(place: SearchedNamespace): Promise<ReadonlyMap<string, Neighbour>> {
  const found = new Map<string, Neighbour>();
  const options = {
    path: pathIn(place, 'events'),
    query: { fieldSelector: 'reason=FailedCreatePodSandBox,involvedObject.kind=Pod' },
    needles: ['without user', 'runAsGroup', 'System::CreateProcess'],
    pageSize,
  };
  try {
    for await (const event of listObjects(place.sources.transport, options, place.signal)) {
      const uid = textAt(event, 'involvedObject', 'uid');
      const neighbour = neighbourIn(textOf(event, 'message').replaceAll(/\s+/g, ' '));
      if (uid && neighbour && found.size < maxPods) found.set(uid, neighbour);
    }
  } catch (error) {
    unreadAfter(error, { kind: 'Event' });
  }
  return found;
}

type WaitingPod = { readonly pod: unknown; readonly container?: string; readonly neighbour: Neighbour };

/** A pod of which no container was ever started is Pending. */
async function* waitingIn(
  place: SearchedNamespace,
  sandboxes: ReadonlyMap<string, Neighbour>,
): AsyncGenerator<WaitingPod> {
  const options = {
    path: pathIn(place, 'pods'),
    query: { fieldSelector: 'status.phase=Pending' },
    needles: [configError, ...sandboxes.keys()],
    pageSize,
  };
  for await (const pod of listObjects(place.sources.transport, options, place.signal)) {
    const sandbox = sandboxes.get(textOf(pod, 'metadata', 'uid'));
    if (sandbox) yield { pod, neighbour: sandbox };
    else yield* configErrorsOf(pod);
  }
}

function* configErrorsOf(pod: unknown): Generator<WaitingPod> {
  for (const list of ['initContainerStatuses', 'containerStatuses'])
    for (const status of listAt(pod, 'status', list)) {
      const message = textOf(status, 'state', 'waiting', 'message');
      if (textAt(status, 'state', 'waiting', 'reason') !== configError) continue;
      const neighbour = parseKubeletStatus(message) ? undefined : configErrorNeighbour(message);
      if (neighbour) yield { pod, container: textOf(status, 'name'), neighbour };
    }
}

async function rowOf(
  pod: unknown,
  neighbour: Neighbour,
  { sources, signal }: SearchedNamespace,
): Promise<NeighbourRow> {
  const { ref } = await sources.owners.topOf(pod, podRef, signal);
  const { apiVersion, kind, name, namespace } = ref;
  return { namespace, workload: { apiVersion, kind, name }, neighbour };
}
