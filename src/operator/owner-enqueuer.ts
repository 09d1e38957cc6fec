// Turns what the watches deliver into keys: whose pod is this, as far as is known, and is it still.

import { pause } from '../net/backoff.ts';
import type { WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';
import { keyOf } from '../engine/model/workload.ts';
import { isReference } from '../engine/platform/kubernetes/controller-of.ts';
import { workloadRefOf } from '../engine/platform/kubernetes/workload-kinds.ts';
import { linkOf, podRef, replicaSetRef } from '../observe/owners.ts';
import type { Link, Owners } from '../observe/owners.ts';
import type { Answers } from '../observe/ask/answers.ts';
import type { Observation, WorkloadRecord } from '../observe/collections.ts';
import type { SharedImages } from '../observe/shared-images.ts';
import type { Snapshot } from '../engine/model/snapshot.ts';
import type { PodEvent } from '../engine/project/project-event.ts';
import type { KeyedQueue } from './queue.ts';
import type { TrackedWorkloads } from './tracked-workloads.ts';

type OwnerEnqueuerOptions = {
  readonly owners: Owners;
  readonly tracked: TrackedWorkloads;
  readonly answers: Pick<Answers, 'drop'>;
  readonly sharedImages: Pick<SharedImages, 'note' | 'forget'>;
  readonly queue: Pick<KeyedQueue, 'add' | 'addAfter'>;
  readonly isWatched: (namespace: string) => boolean;
  /** Time in which everything that the watches hold is reconciled once, whatever was remembered of it. */
  readonly fullPassMs: number;
};

/** A Deployment takes over the condition of its ReplicaSet, and drops it, some 20 ms later. */
const followMs = 1_000;
const justNowMs = 1_000;

/**
 * A key is the topmost owner as far as is known, or else the nearest controller that the object names. Reconciling that
 * one shows whose it is, and hands over to the right key: so many pods of one controller are one lookup, retried by the
 * queue.
 */
export class OwnerEnqueuer {
  readonly #options: OwnerEnqueuerOptions;
  /** What the watches hold: by namespace, then by kind and name. */
  readonly #held = new Map<string, Map<string, Link>>();
  /** What the Diagnoses and Events that the watches hold are about, by kind and name of these. */
  readonly #named = new Map<string, WorkloadRef>();
  /** What has overtaken kept answers since the key was last reconciled. */
  readonly #news = new Map<WorkloadKey, Map<string, News>>();

  constructor(options: OwnerEnqueuerOptions) {
    this.#options = options;
  }

  /** Something of interest in a collection came, changed or went. Its workload is reconciled in each case. */
  changed(id: string, now: Observation | undefined, before: Observation | undefined): void {
    const seen = now ?? before;
    if (!seen || !this.#options.isWatched(id.slice(0, id.indexOf('/')))) return;
    switch (seen.is) {
      case 'record':
        return this.#recordChanged(id, recordIn(now), recordIn(before));
      case 'pod':
        this.#objectChanged(`Pod/${id}`, now?.is === 'pod' ? linkOf(now.pod, podRef) : undefined);
        return;
      case 'podEvent':
        this.#name(`Event/${id}`, now && podOf(seen.event));
        return now && this.#podFailed(seen.event);
      case 'createEvent':
        if (!isReference(seen.controller)) return;
        this.#name(`Event/${id}`, now && seen.controller);
        return now && this.#createFailed(seen.controller);
      case 'replicaSet':
        return this.#replicaSetChanged(id, now?.is === 'replicaSet' ? now.replicaSet : undefined);
      default:
        return seen satisfies never;
    }
  }

  /** Makes sure that it is known which workload a key means: from what is held, or from the key itself. */
  track(key: WorkloadKey): void {
    const { tracked, owners } = this.#options;
    if (tracked.workloadOf(key)) return;
    const held = [...this.#heldNear(key)].flatMap(({ ref, parent = ref }) => [
      parent,
      owners.knownTopOf({ ref, parent }),
    ]);
    const known = [...held, ...this.#named.values()].find((ref) => keyOf(ref) === key);
    const workload = known ?? workloadRefOf(key);
    if (workload) tracked.note(key, workload);
  }

  /**
   * To be called with what came of a reconcile: what turned out to belong elsewhere is handed over. Where nothing fails under
   * the key, and the watches hold objects that led to it, their owners are read again.
   *
   * @returns whether objects that are held still lead to the key
   * @throws KubeError when the API server could not answer
   */
  async reconciled({ key, movedTo }: Snapshot, isFailing: boolean, signal: AbortSignal): Promise<boolean> {
    const news = this.#news.get(key);
    this.#news.delete(key);
    const handOver = (ref: WorkloadRef): void => {
      const to = this.#add(ref);
      this.#options.tracked.moveShown(key, to);
      news?.forEach((one) => this.#drop(to, one));
    };
    movedTo?.forEach(handOver);
    if (isFailing || movedTo) return true;
    const tops = new Map<WorkloadKey, WorkloadRef>();
    for (const link of this.#heldNear(key)) {
      const { ref } = await this.#options.owners.topOfLink(link, signal, justNowMs);
      tops.set(keyOf(ref), ref);
    }
    const isHeld = tops.delete(key);
    tops.forEach(handOver);
    return isHeld;
  }

  /** Passes over everything that is held until the signal fires: what any cache has lost is found again. */
  async run(signal: AbortSignal): Promise<void> {
    const { fullPassMs } = this.#options;
    for (;;) {
      await pause(fullPassMs, signal);
      if (signal.aborted) return;
      const keys = new Set([...this.#named.values()].map(keyOf));
      for (const held of this.#held.values())
        for (const { ref, parent = ref } of held.values()) keys.add(keyOf(parent));
      for (const key of keys) this.#options.queue.addAfter(key, Math.random() * fullPassMs);
    }
  }

  /** Objects of the namespace that lead to this key as far as is known, one for each controller. */
  *#heldNear(key: WorkloadKey): Generator<Link, void> {
    const seen = new Set<WorkloadKey>();
    const [, namespace = ''] = key.split('/');
    for (const link of this.#held.get(namespace)?.values() ?? []) {
      const nearest = keyOf(link.parent ?? link.ref);
      if (seen.has(nearest)) continue;
      seen.add(nearest);
      if (nearest === key || keyOf(this.#options.owners.knownTopOf(link)) === key) yield link;
    }
  }

  /** An Event may be all that tells, where the pod's status says CrashLoopBackOff. */
  #podFailed(event: PodEvent): void {
    const { namespace, pod, podUid } = event;
    const held = this.#held.get(namespace)?.get(`Pod/${namespace}/${pod}`);
    const self = podOf(event);
    const link = held?.ref.uid === podUid ? held : { ref: self, parent: self };
    this.#drop(this.#shown(link), { ask: 'events', podUid });
  }

  /** A controller may not create a pod. For most kinds nothing but such an Event tells so. */
  #createFailed(controller: WorkloadRef): void {
    this.#drop(this.#shown({ ref: controller, parent: controller }), createFailures);
  }

  /** A ReplicaSet may not create its pods, may again, or is gone. */
  #replicaSetChanged(id: string, now: object | undefined): void {
    const key = this.#objectChanged(`ReplicaSet/${id}`, now && linkOf(now, replicaSetRef));
    if (key === undefined) return;
    this.#drop(key, createFailures);
    this.#options.queue.addAfter(key, followMs);
  }

  /** Records from before a restart are picked up; later, only what a person did to one is of interest. */
  #recordChanged(id: string, now: WorkloadRecord | undefined, before: WorkloadRecord | undefined): void {
    const workload = (now ?? before)?.workload;
    if (!workload || !isReference(workload)) return;
    const key = keyOf(workload);
    const { tracked, sharedImages } = this.#options;
    if (now) sharedImages.note(now);
    else sharedImages.forget(key);
    this.#name(`Diagnosis/${id}`, now && workload);
    const isOurs = now && !before && tracked.workloadOf(key) !== undefined;
    const isEdited = now?.generation !== before?.generation;
    if (!isOurs && isEdited) this.#add(workload);
  }

  #name(id: string, workload: WorkloadRef | undefined): void {
    if (workload) this.#named.set(id, workload);
    else this.#named.delete(id);
  }

  #objectChanged(id: string, now: Link | undefined): WorkloadKey | undefined {
    const [, namespace = ''] = id.split('/');
    if (!this.#options.isWatched(namespace)) return undefined;
    const held = this.#held.get(namespace) ?? new Map<string, Link>();
    const before = held.get(id);
    if (now) this.#held.set(namespace, held.set(id, now));
    else held.delete(id);
    if (held.size === 0) this.#held.delete(namespace);
    const left = before && this.#add(this.#options.owners.knownTopOf(before));
    return now ? this.#shown(now) : left;
  }

  /** Something points to a failure now. */
  #shown(link: Link): WorkloadKey {
    const { tracked, owners } = this.#options;
    const key = this.#add(owners.knownTopOf(link));
    tracked.shown(key, tracked.nowMs());
    return key;
  }

  #add(ref: WorkloadRef): WorkloadKey {
    const key = keyOf(ref);
    this.#options.tracked.note(key, ref);
    this.#options.queue.add(key);
    return key;
  }

  /** An answer that is kept has been overtaken by news, also that of the workload to which this is handed over. */
  #drop(key: WorkloadKey, news: News): void {
    const { ask, podUid } = news;
    this.#options.answers.drop(key, ask, podUid);
    const known = this.#news.get(key) ?? new Map<string, News>();
    this.#news.set(key, known.set(`${ask} ${podUid}`, news));
  }
}

type News = { readonly ask: 'events' | 'createFailures'; readonly podUid?: string };

const createFailures: News = { ask: 'createFailures' };

const podOf = ({ namespace, pod, podUid }: PodEvent): WorkloadRef => ({
  ...podRef,
  name: pod,
  namespace,
  uid: podUid,
});

const recordIn = (seen: Observation | undefined): WorkloadRecord | undefined =>
  seen?.is === 'record' ? seen.record : undefined;
