// Finds the workloads that one scan is about, in the collections that the operator watches.

import PQueue from 'p-queue';

import { listObjects } from '../kube/list/list-objects.ts';
import { diagnosisApiVersion } from '../engine/model/diagnosis.ts';
import type { Unread } from '../engine/model/scan.ts';
import type { WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';
import { keyOf } from '../engine/model/workload.ts';
import { textAt } from '../engine/platform/data/field.ts';
import {
  collectionPath,
  collections,
  needlesOf,
  pageSize,
  type Collection,
  type Observation,
} from '../observe/collections.ts';
import { ownerOf } from '../observe/top-owner.ts';
import type { NamespaceScope } from './namespace-scope.ts';
import { demandNamespace, scopesOf } from './namespace-scope.ts';
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
  scope: NamespaceScope,
  showsCrashes: (namespace: string) => boolean,
  sources: ScanSources,
  signal: AbortSignal,
): Promise<FoundWorkloads> {
  for (const name of scope.namespaces ?? []) await demandNamespace(name, sources.client, signal);
  const search = new Search(scope.isExcluded, sources, signal);
  // Without the custom resource nothing is recorded that could be missed.
  const isKnown = await sources.discovery.resourceOf(diagnosisApiVersion, 'Diagnosis', signal);
  const unread: Unread[] = [];
  for (const namespace of scopesOf(scope))
    for (const collection of collections) {
      const { kind } = collection;
      if (kind === 'Diagnosis' && !isKnown) continue;
      try {
        await search.read(collection, namespace ?? '', showsCrashes(namespace ?? ''));
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

/** Several collections may be of one kind. */
const once = (unread: readonly Unread[]): readonly Unread[] => [
  ...new Map(unread.map((one) => [JSON.stringify(one), one])).values(),
];

/** Takes what the lists show, and knows in the end which workloads that leads to. */
class Search {
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

  /** @param namespace '' for all of them */
  async read(collection: Collection, namespace: string, showsCrashes: boolean): Promise<void> {
    const { transport, onProgress } = this.#sources;
    const { kind, query = {}, decode } = collection;
    let read = 0;
    const onPage = (): void => {
      read += pageSize;
      onProgress({ stage: 'listing', kind, read, found: this.workloads.size });
    };
    const needles = needlesOf(collection, showsCrashes);
    const options = { path: collectionPath(collection, namespace), query, needles, pageSize, onPage };
    for await (const object of listObjects(transport, options, this.#signal)) {
      const seen = decode(object, showsCrashes);
      if (seen) this.#take(seen);
    }
  }

  /** Resolves when every owner is known, or will not be. */
  async settled(): Promise<void> {
    await this.#lookups.onIdle();
    if (this.#failure !== undefined) throw this.#failure;
  }

  #take(seen: Observation): void {
    if (seen.is !== 'record') {
      this.#lookUp(seen);
      return;
    }
    const { workload, isFailing } = seen.record;
    if (isFailing && !this.#isExcluded(workload.namespace)) this.workloads.set(keyOf(workload), workload);
  }

  #lookUp(seen: Exclude<Observation, { is: 'record' }>): void {
    const subject = subjectOf(seen);
    if (this.#isExcluded(subject.namespace)) return;
    void this.#lookups.add(async () => {
      try {
        const owner = await ownerOf(seen, this.#sources, this.#signal);
        if (owner) this.workloads.set(keyOf(owner.ref), owner.ref);
      } catch (error) {
        if (isHopeless(error)) this.#giveUp(error);
        else this.unread.push(unreadAfter(error, subject));
      }
    });
  }

  #giveUp(error: unknown): void {
    this.#failure ??= error;
    this.#lookups.clear();
  }
}

/** The object that is named where its owner cannot be read. */
function subjectOf(seen: Exclude<Observation, { is: 'record' }>) {
  switch (seen.is) {
    case 'pod':
      return { kind: 'Pod', ...nameOf(seen.pod) };
    case 'podEvent':
      return { kind: 'Pod', namespace: seen.event.namespace, name: seen.event.pod };
    case 'createEvent':
      return seen.controller;
    case 'replicaSet':
      return { kind: 'ReplicaSet', ...nameOf(seen.replicaSet) };
    default:
      return seen satisfies never;
  }
}

const nameOf = (object: { readonly metadata: unknown }) => ({
  namespace: textAt(object.metadata, 'namespace') ?? '',
  name: textAt(object.metadata, 'name') ?? '',
});
