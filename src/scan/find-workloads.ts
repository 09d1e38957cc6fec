// Finds the workloads that one look is about, in the collections that the operator watches.

import PQueue from 'p-queue';

import { idOf, identityOf } from '../kube/list/identity.ts';
import { listObjects } from '../kube/list/list-objects.ts';
import { diagnosisApiVersion } from '../engine/model/diagnosis.ts';
import type { Unread } from '../engine/model/scan.ts';
import type { WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';
import { keyOf } from '../engine/model/workload.ts';
import type { Owner } from '../observe/owners.ts';
import type { RecordedDiagnosis } from '../engine/project/project-diagnosis.ts';
import type { PodEvent } from '../engine/project/project-event.ts';
import type { RejectedReplicaSet } from '../engine/project/project-create-failure.ts';
import { refusalCollectionsFor } from '../operator/refusal-collections.ts';
import type { TakesRefusals } from '../operator/refusal-collections.ts';
import { ownerOfEvent, ownerOfPod, ownerOfReplicaSet } from '../observe/top-owner.ts';
import type { WatchedPod } from '../observe/top-owner.ts';
import { collectionsFor, pageSize, withCrashes } from '../operator/watches.ts';
import type { Takes } from '../operator/watches.ts';
import type { Particulars, Watch, Watched } from '../operator/watch.ts';
import type { NamespaceScope } from './namespace-scope.ts';
import { demandNamespace } from './namespace-scope.ts';
import type { ScanSources } from './sources.ts';
import { isHopeless, unreadAfter } from './sources.ts';

export type FoundWorkloads = {
  readonly workloads: ReadonlyMap<WorkloadKey, WorkloadRef>;
  readonly unread: readonly Unread[];
  /** False where no Diagnosis can be read: then none is asked for. */
  readonly hasRecords: boolean;
};

/** @throws KubeError when the pods cannot be listed; NoNamespace for one that is named and not there */
export async function findWorkloads(
  { namespaces, isExcluded }: NamespaceScope,
  showsCrashes: (namespace: string) => boolean,
  sources: ScanSources,
  signal: AbortSignal,
): Promise<FoundWorkloads> {
  for (const name of namespaces ?? []) await demandNamespace(name, sources.client, signal);
  const search = new Search(isExcluded, sources, signal);
  // Without the custom resource there is nothing recorded to miss.
  const isKnown = await sources.discovery.resourceOf(diagnosisApiVersion, 'Diagnosis', signal);
  const unread: Unread[] = [];
  for (const { kind, read, namespace } of listsFor(namespaces, search, showsCrashes)) {
    if (kind === 'Diagnosis' && !isKnown) continue;
    try {
      await read();
    } catch (error) {
      if (kind === 'Pod') throw error;
      unread.push(unreadAfter(error, { kind, namespace }));
    }
  }
  await search.settled();
  const hasRecords = isKnown !== undefined && !unread.some(({ kind }) => kind === 'Diagnosis');
  return { workloads: search.workloads, unread: once([...unread, ...search.unread]), hasRecords };
}

const lookupsAtOnce = 8;

type List = {
  readonly kind: Watch['kind'];
  readonly namespace: string | undefined;
  readonly read: () => Promise<void>;
};

/** One of each collection for each namespace that is named, or one for all of them. */
function listsFor(
  namespaces: readonly string[] | undefined,
  search: Search,
  showsCrashes: (namespace: string) => boolean,
): readonly List[] {
  return (namespaces ?? [undefined]).flatMap((namespace) => {
    const scope = namespace === undefined ? [] : [namespace];
    const listOf = <T>(kind: Watch['kind'], particulars: Particulars<T>): List => {
      const watched = kind === 'Pod' ? withCrashes(particulars, { showsCrashes }) : particulars;
      return { kind, namespace, read: () => search.read(kind, watched) };
    };
    return collectionsFor(scope, search, listOf)
      .concat([refusalCollectionsFor(scope, search, listOf)])
      .flat();
  });
}

/** Several collections may be of one kind. */
const once = (unread: readonly Unread[]): readonly Unread[] => [
  ...new Map(unread.map((one) => [JSON.stringify(one), one])).values(),
];

/** Takes what the lists hold, as the operator's intake does of its watches, and knows in the end whose it is. */
class Search implements Takes, TakesRefusals {
  readonly workloads = new Map<WorkloadKey, WorkloadRef>();
  readonly unread: Unread[] = [];
  readonly #isExcluded: NamespaceScope['isExcluded'];
  readonly #sources: ScanSources;
  readonly #signal: AbortSignal;
  readonly #lookups = new PQueue({ concurrency: lookupsAtOnce });
  #failure: unknown;

  constructor(isExcluded: NamespaceScope['isExcluded'], sources: ScanSources, signal: AbortSignal) {
    this.#isExcluded = isExcluded;
    this.#sources = sources;
    this.#signal = signal;
  }

  diagnosisChanged(_id: string, now: RecordedDiagnosis | undefined): void {
    if (now?.diagnosis.status?.state !== 'Failing' || this.#isExcluded(now.workload.namespace)) return;
    this.workloads.set(keyOf(now.workload), now.workload);
  }

  podChanged(id: string, now: WatchedPod | undefined): void {
    if (now) this.#lookUp('Pod', id, () => ownerOfPod(now, this.#sources, this.#signal));
  }

  eventChanged(event: PodEvent | undefined): void {
    if (!event) return;
    const id = `${event.namespace}/${event.pod}`;
    this.#lookUp('Pod', id, () => ownerOfEvent(event, this.#sources, this.#signal));
  }

  creationRefused(controller: WorkloadRef | undefined): void {
    if (!controller) return;
    const id = `${controller.namespace}/${controller.name}`;
    this.#lookUp(controller.kind, id, () => this.#sources.owners.topOfReference(controller, this.#signal));
  }

  replicaSetChanged(id: string, now: RejectedReplicaSet | undefined): void {
    if (now) this.#lookUp('ReplicaSet', id, () => ownerOfReplicaSet(now, this.#sources, this.#signal));
  }

  /** Resolves when every owner is known, or will not be. */
  async settled(): Promise<void> {
    await this.#lookups.onIdle();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async read<T>(kind: Watch['kind'], watched: Watched<T>): Promise<void> {
    const { transport, onProgress } = this.#sources;
    const { decode, onChange, needles = [], ...collection } = watched;
    let read = 0;
    const onPage = (): void => {
      read += pageSize;
      onProgress({ stage: 'listing', kind, read, found: this.workloads.size });
    };
    const phrases = typeof needles === 'function' ? needles() : needles;
    const matching = { ...collection, needles: phrases, pageSize, onPage };
    for await (const object of listObjects(transport, matching, this.#signal)) {
      const value = decode(object);
      if (value !== undefined) onChange(idOf(identityOf(object)), value, undefined);
    }
  }

  #lookUp(kind: string, id: string, find: () => Promise<Owner | undefined>): void {
    const [namespace = '', name = ''] = id.split('/');
    if (this.#isExcluded(namespace)) return;
    void this.#lookups.add(async () => {
      try {
        const owner = await find();
        if (owner) this.workloads.set(keyOf(owner.ref), owner.ref);
      } catch (error) {
        if (isHopeless(error)) this.#giveUp(error);
        else this.unread.push(unreadAfter(error, { kind, namespace, name }));
      }
    });
  }

  #giveUp(error: unknown): void {
    this.#failure ??= error;
    this.#lookups.clear();
  }
}
