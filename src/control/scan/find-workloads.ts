// Finds the workloads that one look is about, in the collections that the operator watches.

import PQueue from 'p-queue';

import { listMatching } from '../../kube/matching.ts';
import { idOf } from '../../kube/store.ts';
import { identityOf } from '../../kube/wire.ts';
import { diagnosisApiVersion } from '../../model/diagnosis.ts';
import type { Unread } from '../../model/scan.ts';
import type { WorkloadKey, WorkloadRef } from '../../model/workload.ts';
import { keyOf } from '../../model/workload.ts';
import type { Owner } from '../../observe/owners.ts';
import type { RecordedDiagnosis } from '../../observe/project-diagnosis.ts';
import type { PodEvent } from '../../observe/project-event.ts';
import { ownerOfEvent, ownerOfPod } from '../top-owner.ts';
import type { WatchedPod } from '../top-owner.ts';
import { collectionsFor, pageSize } from '../watches.ts';
import type { Particulars, Takes, Watch } from '../watches.ts';
import type { Places } from './places.ts';
import { demandNamespace } from './places.ts';
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
  places: Places,
  sources: ScanSources,
  signal: AbortSignal,
): Promise<FoundWorkloads> {
  const { namespaces, isExcluded } = places;
  for (const name of namespaces ?? []) await demandNamespace(name, sources.client, signal);
  const search = new Search(isExcluded, sources, signal);
  // Without the custom resource there is nothing recorded to miss.
  const isKnown = await sources.discovery.resourceOf(diagnosisApiVersion, 'Diagnosis', signal);
  // No names at all would mean every namespace.
  const isNowhere = namespaces?.length === 0;
  const lists = isNowhere
    ? []
    : collectionsFor(namespaces ?? [], search, (kind, particulars) => search.listOf(kind, particulars));
  const unread: Unread[] = [];
  for (const { kind, read, namespace } of lists.flatMap((ofKind) => inNamespaces(ofKind, namespaces))) {
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
  return { workloads: search.workloads, unread: [...unread, ...search.unread], hasRecords };
}

const lookupsAtOnce = 8;

type List = { readonly kind: Watch['kind']; readonly read: () => Promise<void> };

/** The lists of one kind come in the order of the namespaces. */
const inNamespaces = (ofKind: readonly List[], namespaces: readonly string[] | undefined) =>
  ofKind.map(({ kind, read }, at) => ({ kind, read, namespace: namespaces?.[at] }));

/** Takes what the lists hold, as the operator's intake does of its watches, and knows in the end whose it is. */
class Search implements Takes {
  readonly workloads = new Map<WorkloadKey, WorkloadRef>();
  readonly unread: Unread[] = [];
  readonly #isExcluded: Places['isExcluded'];
  readonly #sources: ScanSources;
  readonly #signal: AbortSignal;
  readonly #lookups = new PQueue({ concurrency: lookupsAtOnce });
  #failure: unknown;

  constructor(isExcluded: Places['isExcluded'], sources: ScanSources, signal: AbortSignal) {
    this.#isExcluded = isExcluded;
    this.#sources = sources;
    this.#signal = signal;
  }

  listOf<T>(kind: Watch['kind'], particulars: Particulars<T>): List {
    return { kind, read: () => this.#read(kind, particulars) };
  }

  diagnosisChanged(_id: string, now: RecordedDiagnosis | undefined): void {
    if (now?.diagnosis.status?.state !== 'Failing' || this.#isExcluded(now.workload.namespace)) return;
    this.workloads.set(keyOf(now.workload), now.workload);
  }

  podChanged(id: string, now: WatchedPod | undefined): void {
    if (now) this.#lookUp(id, () => ownerOfPod(now, this.#sources, this.#signal));
  }

  eventChanged(event: PodEvent | undefined): void {
    if (!event) return;
    this.#lookUp(`${event.namespace}/${event.pod}`, () => ownerOfEvent(event, this.#sources, this.#signal));
  }

  /** Resolves when every owner is known, or will not be. */
  async settled(): Promise<void> {
    await this.#lookups.onIdle();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #read<T>(kind: Watch['kind'], particulars: Particulars<T>): Promise<void> {
    const { transport, onProgress } = this.#sources;
    const { decode, onChange, needles = [], ...collection } = particulars;
    let read = 0;
    const onPage = (): void => {
      read += pageSize;
      onProgress({ stage: 'listing', kind, read, found: this.workloads.size });
    };
    const matching = { ...collection, needles, pageSize, onPage };
    for await (const object of listMatching(transport, matching, this.#signal)) {
      const value = decode(object);
      if (value !== undefined) onChange(idOf(identityOf(object)), value, undefined);
    }
  }

  #lookUp(id: string, find: () => Promise<Owner | undefined>): void {
    const [namespace = '', name = ''] = id.split('/');
    if (this.#isExcluded(namespace)) return;
    void this.#lookups.add(async () => {
      try {
        const owner = await find();
        if (owner) this.workloads.set(keyOf(owner.ref), owner.ref);
      } catch (error) {
        if (isHopeless(error)) this.#giveUp(error);
        else this.unread.push(unreadAfter(error, { kind: 'Pod', namespace, name }));
      }
    });
  }

  #giveUp(error: unknown): void {
    this.#failure ??= error;
    this.#lookups.clear();
  }
}
