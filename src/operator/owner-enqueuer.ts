// Turns what the watches deliver into keys: whose pod is this, and has that workload to be looked at?

import PQueue from 'p-queue';

import { pause } from '../net/backoff.ts';
import type { KubeClient } from '../kube/api/client.ts';
import type { WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';
import { keyOf } from '../engine/model/workload.ts';
import type { Answers } from '../observe/ask/answers.ts';
import type { Owner, Owners } from '../observe/owners.ts';
import type { PodEvent } from '../engine/project/project-event.ts';
import type { RejectedReplicaSet } from '../engine/project/project-create-failure.ts';
import type { Observation, WatchedPod, WorkloadRecord } from '../observe/collections.ts';
import type { SharedImages } from '../observe/shared-images.ts';
import { ownerOfEvent, ownerOfPod, ownerOfReplicaSet } from '../observe/top-owner.ts';
import type { TrackedWorkloads } from './tracked-workloads.ts';

export type OwnerEnqueuerOptions = {
  readonly client: KubeClient;
  readonly owners: Owners;
  readonly index: TrackedWorkloads;
  readonly answers: Pick<Answers, 'drop'>;
  readonly sharedImages: SharedImages;
  readonly add: (key: WorkloadKey) => void;
  readonly isWatched: (namespace: string) => boolean;
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal;
};

const maxHeld = 100_000;
const retryMs = { first: 500, most: 30_000 };
/** A Deployment takes over the condition of its ReplicaSet, and drops it, some 20 ms later. */
const followMs = 1_000;

export class OwnerEnqueuer {
  readonly #options: OwnerEnqueuerOptions;
  /** Workloads of the pods and ReplicaSets that the watches hold, by kind and `namespace/name`. */
  readonly #keys = new Map<string, WorkloadKey>();
  readonly #lookups = new PQueue({ concurrency: 8 });

  constructor(options: OwnerEnqueuerOptions) {
    this.#options = options;
  }

  /** Something of interest in a collection came, changed or went. */
  changed(id: string, now: Observation | undefined, before: Observation | undefined): void {
    const kind = (now ?? before)?.is;
    if (kind === 'record')
      this.diagnosisChanged(
        id,
        now?.is === 'record' ? now.record : undefined,
        before?.is === 'record' ? before.record : undefined,
      );
    if (kind === 'pod') this.podChanged(id, now?.is === 'pod' ? now.pod : undefined);
    if (now?.is === 'podEvent') this.eventChanged(now.event);
    if (now?.is === 'createEvent') this.creationRefused(now.controller);
    if (kind === 'replicaSet')
      this.replicaSetChanged(id, now?.is === 'replicaSet' ? now.replicaSet : undefined);
  }

  /** A pod shows a failure, shows it no longer, or is gone: in each case its workload is looked at. */
  podChanged(id: string, now: WatchedPod | undefined): void {
    if (!this.#isWatched(id)) return;
    if (now) {
      this.#lookUp(
        () => ownerOfPod(now, this.#options, this.#options.signal),
        (key) => this.#hold(`Pod ${id}`, key),
      );
      return;
    }
    const known = this.#release(`Pod ${id}`);
    if (known) this.#options.add(known);
  }

  /** An Event may be all that tells, where the pod's status says CrashLoopBackOff. */
  eventChanged(event: PodEvent | undefined): void {
    if (!event) return;
    const id = `${event.namespace}/${event.pod}`;
    if (!this.#isWatched(id)) return;
    this.#lookUp(
      () => ownerOfEvent(event, this.#options, this.#options.signal),
      (key) => this.#options.answers.drop(key, 'events', event.podUid),
    );
  }

  /** A controller may not create a pod. For most kinds nothing but such an Event tells so. */
  creationRefused(controller: WorkloadRef | undefined): void {
    const { owners, signal, isWatched } = this.#options;
    if (!controller || !isWatched(controller.namespace)) return;
    this.#lookUp(
      () => owners.topOfReference(controller, signal),
      (key) => this.#dropRefusals(key),
    );
  }

  /** A ReplicaSet may not create its pods, may again, or is gone. */
  replicaSetChanged(id: string, now: RejectedReplicaSet | undefined): void {
    const { owners, signal, add } = this.#options;
    if (!this.#isWatched(id)) return;
    if (now) {
      this.#lookUp(
        () => ownerOfReplicaSet(now, { owners }, signal),
        (key, look) => {
          this.#hold(`ReplicaSet ${id}`, key);
          this.#dropRefusals(key);
          void pause(followMs, signal).then(look);
        },
      );
      return;
    }
    const known = this.#release(`ReplicaSet ${id}`);
    if (!known) return;
    this.#dropRefusals(known);
    void pause(followMs, signal).then(() => add(known));
  }

  /** Records from before a restart are picked up; later, only what a person did to one is of interest. */
  diagnosisChanged(id: string, now: WorkloadRecord | undefined, before: WorkloadRecord | undefined): void {
    const workload = (now ?? before)?.workload;
    if (!workload || !this.#isWatched(id)) return;
    const key = keyOf(workload);
    const { index, sharedImages, add } = this.#options;
    if (now) sharedImages.note(now);
    else sharedImages.forget(key);
    const isOurs = now && !before && index.workloadOf(key) !== undefined;
    const isEdited = now?.generation !== before?.generation;
    if (isOurs || !isEdited) return;
    index.note(key, workload);
    add(key);
  }

  /** Resolves when nothing is being looked up any more. */
  async stop(): Promise<void> {
    this.#lookups.clear();
    await this.#lookups.onIdle();
  }

  #hold(id: string, key: WorkloadKey): void {
    const oldest = this.#keys.size >= maxHeld ? this.#keys.keys().next().value : undefined;
    if (oldest !== undefined) this.#keys.delete(oldest);
    this.#keys.set(id, key);
  }

  #release(id: string): WorkloadKey | undefined {
    const known = this.#keys.get(id);
    this.#keys.delete(id);
    return known;
  }

  /** The one kept answer to who is refused: there is something newer. */
  #dropRefusals(key: WorkloadKey): void {
    this.#options.answers.drop(key, 'createFailures');
  }

  #isWatched(id: string): boolean {
    return this.#options.isWatched(id.slice(0, id.indexOf('/')));
  }

  #lookUp(
    find: () => Promise<Owner | undefined>,
    onFound: (key: WorkloadKey, look: () => void) => void,
  ): void {
    const { index, add } = this.#options;
    const shownMs = index.nowMs();
    void this.#lookups.add(async () => {
      const owner = await this.#untilAnswered(find);
      if (!owner) return;
      const key = keyOf(owner.ref);
      const look = (): void => {
        index.note(key, owner.ref);
        index.shown(key, shownMs);
        add(key);
      };
      index.note(key, owner.ref);
      onFound(key, look);
      look();
    });
  }

  /** Who owns a pod must be known before anything can be said of it, so this is tried until there is an answer. */
  async #untilAnswered(find: () => Promise<Owner | undefined>): Promise<Owner | undefined> {
    const { signal, onError } = this.#options;
    for (let waitMs = retryMs.first; !signal.aborted; waitMs = Math.min(2 * waitMs, retryMs.most)) {
      try {
        return await find();
      } catch (error) {
        if (signal.aborted) return undefined;
        onError(error);
        await pause(waitMs, signal);
      }
    }
    return undefined;
  }
}
