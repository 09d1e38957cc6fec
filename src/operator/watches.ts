// What is watched: our own records, pods that show a failure, and the Events that tell where a status does not.

import type { Watch, Watched, Particulars } from './watch.ts';
import type { RestartReason } from '../kube/watch/reflector.ts';
import { Reflector } from '../kube/watch/reflector.ts';
import type { Transport } from '../kube/api/transport.ts';
import { listAt, numberAt, objectAt, textAt } from '../engine/platform/data/field.ts';
import { projectDiagnosis } from '../engine/project/project-diagnosis.ts';
import { failedEvents, projectEvent } from '../engine/project/project-event.ts';
import type { OwnerEnqueuer } from './owner-enqueuer.ts';
import { refusalCollectionsFor } from './refusal-collections.ts';
import type { WatchedPod } from '../observe/top-owner.ts';

/**
 * Phrases of the kubelet and of container runtimes, which the JSON of healthy pods does not hold; an object without any of
 * them is never parsed. They begin with a space wherever the text does: spaces are so rare in that JSON that the search
 * for such a phrase costs next to nothing.
 */
const needles = [
  ' runAsNonRoot and image',
  ' runAsUser and image',
  ' non-root policy',
  ' no users found',
  ' unable to find user',
  ' unable to find group',
  ' no groups found',
  'passwd: no such file',
  ' path escapes from parent',
  ' unmapped user',
  ' setgroups',
  ' setgid(0)',
  ' mapped to a host ID',
  ' RunAsUser is not set',
  ' permission denied',
  ' Permission denied',
  ' operation not permitted',
  ' Operation not permitted',
];

/** What the JSON of a pod holds when one of its containers has crashed; also of many a pod that has recovered. */
const crashNeedles = ['LoopBackOff', '"reason":"Error"'];
export const needlesWithCrashes = [...needles, ...crashNeedles];

/** Objects in one page of a list: about a megabyte of pods, which is all that a large cluster adds to our memory. */
export const pageSize = 100;

export type WatchOptions = {
  readonly transport: Transport;
  readonly intake: OwnerEnqueuer;
  /** Empty: all namespaces, by one watch of each kind. */
  readonly namespaces: readonly string[];
  /** Whether crashed containers are looked for; `namespace` '' in the watch of all. It may change at any time. */
  readonly showsCrashes: (namespace: string) => boolean;
  readonly silenceMs: number;
  readonly onRestart: (kind: string, reason: RestartReason) => void;
  readonly onProgress: (kind: string) => void;
};

export function createWatches(options: WatchOptions): readonly (readonly Watch[])[] {
  const watches = collectionsFor(options.namespaces, options.intake, (kind, particulars) =>
    createWatch(kind, options, kind === 'Pod' ? withCrashes(particulars, options) : particulars),
  );
  return [...watches.slice(0, -1), [...(watches.at(-1) ?? []), ...refusalWatches(options)]];
}

/** They run beside those of Events: one that may not be read must not keep others from being read. */
function refusalWatches(options: WatchOptions): readonly Watch[] {
  return refusalCollectionsFor(options.namespaces, options.intake, (kind, particulars) =>
    createWatch(kind, options, particulars),
  );
}

/** Those of pods, with crashed containers as well where these are looked for. */
export function withCrashes<T>(
  particulars: Particulars<T>,
  { showsCrashes }: Pick<WatchOptions, 'showsCrashes'>,
): Watched<T> {
  const [, namespace = ''] = /\/namespaces\/([^/]+)\//.exec(particulars.path) ?? [];
  const isOn = (): boolean => showsCrashes(namespace);
  return {
    ...particulars,
    needles: () => (isOn() ? needlesWithCrashes : needles),
    decode: (object) => (isOn() && isRunning(object) ? undefined : particulars.decode(object)),
  };
}

/** Where what is of interest in a collection goes. */
export type Takes = Pick<OwnerEnqueuer, 'diagnosisChanged' | 'podChanged' | 'eventChanged'>;

/**
 * Makes something of each collection, in the order in which they have to sync: records first, Events last, since they
 * only add.
 *
 * @param namespaces empty: all of them at once
 */
export function collectionsFor<R>(
  namespaces: readonly string[],
  takes: Takes,
  make: <T>(kind: Watch['kind'], particulars: Particulars<T>) => R,
): readonly (readonly R[])[] {
  const scopes = namespaces.length > 0 ? namespaces.map((name) => `/namespaces/${name}`) : [''];
  return [
    scopes.map((scope) =>
      make('Diagnosis', {
        path: `/apis/rootcause.dev/v1alpha1${scope}/diagnoses`,
        decode: projectDiagnosis,
        onChange: (id, now, before) => takes.diagnosisChanged(id, now, before),
      }),
    ),
    scopes.map((scope) =>
      make('Pod', {
        path: `/api/v1${scope}/pods`,
        needles,
        decode: watchedPod,
        onChange: (id, now) => takes.podChanged(id, now),
      }),
    ),
    scopes.map((scope) =>
      make('Event', {
        path: `/api/v1${scope}/events`,
        query: { fieldSelector: failedEvents },
        needles,
        decode: projectEvent,
        onChange: (_id, now) => takes.eventChanged(now),
      }),
    ),
  ];
}

function createWatch<T>(kind: Watch['kind'], options: WatchOptions, particulars: Watched<T>): Watch {
  const { promise: synced, resolve } = Promise.withResolvers<void>();
  const reflector = new Reflector<T>({
    ...particulars,
    transport: options.transport,
    silenceMs: options.silenceMs,
    pageSize,
    kind,
    onSynced: resolve,
    onRestart: (reason) => options.onRestart(kind, reason),
    onProgress: () => options.onProgress(kind),
  });
  const run = async (signal: AbortSignal): Promise<void> => {
    await reflector.run(signal);
    resolve();
  };
  return { kind, run, synced, hasSynced: () => reflector.hasSynced };
}

/** No container of it waits, and none has ended badly: what happened before is over. */
const isRunning = (pod: unknown): boolean =>
  ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses']
    .flatMap((list) => listAt(pod, 'status', list))
    .map((status) => objectAt(status, 'state'))
    .every((state) => !('waiting' in state) && (numberAt(state, 'terminated', 'exitCode') ?? 0) === 0);

/** The watch remembers who owns the pod, and nothing else of it: each look reads the pod afresh. */
function watchedPod(object: unknown): WatchedPod | undefined {
  const metadata = {
    name: textAt(object, 'metadata', 'name'),
    namespace: textAt(object, 'metadata', 'namespace'),
    uid: textAt(object, 'metadata', 'uid'),
    ownerReferences: listAt(object, 'metadata', 'ownerReferences'),
  };
  return textAt(object, 'metadata', 'deletionTimestamp') === undefined ? { metadata } : undefined;
}
