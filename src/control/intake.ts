// Turns what the watches deliver into keys: whose pod is this, and has that workload to be looked at?

import PQueue from 'p-queue';

import { pause } from '../kube/backoff.ts';
import type { KubeClient } from '../kube/client.ts';
import type { WorkloadKey } from '../model/workload.ts';
import { keyOf } from '../model/workload.ts';
import type { Owner, Owners } from '../observe/owners.ts';
import type { RecordedDiagnosis } from '../observe/project-diagnosis.ts';
import type { PodEvent } from '../observe/project-event.ts';
import type { SharedImages } from './shared-images.ts';
import { ownerOfEvent, ownerOfPod } from './top-owner.ts';
import type { WatchedPod } from './top-owner.ts';
import type { WorkloadIndex } from './workload-index.ts';

export type IntakeOptions = {
  readonly client: KubeClient;
  readonly owners: Owners;
  readonly index: WorkloadIndex;
  readonly sharedImages: SharedImages;
  readonly add: (key: WorkloadKey) => void;
  readonly isWatched: (namespace: string) => boolean;
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal;
};

const maxHeldPods = 100_000;
const retryMs = { first: 500, most: 30_000 };

export class Intake {
  readonly #options: IntakeOptions;
  /** Workloads of the pods that the watch holds, by `namespace/name`. */
  readonly #keys = new Map<string, WorkloadKey>();
  readonly #lookups = new PQueue({ concurrency: 8 });

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** A pod shows a failure, shows it no longer, or is gone: in each case its workload is looked at. */
  podChanged(id: string, now: WatchedPod | undefined): void {
    if (!this.#isWatched(id)) return;
    const known = this.#keys.get(id);
    if (now) {
      this.#lookUp(
        () => ownerOfPod(now, this.#options, this.#options.signal),
        (key) => this.#hold(id, key),
      );
      return;
    }
    this.#keys.delete(id);
    if (known) this.#options.add(known);
  }

  /** An Event may be all that tells, where the pod's status says CrashLoopBackOff. */
  eventChanged(event: PodEvent | undefined): void {
    if (!event) return;
    const id = `${event.namespace}/${event.pod}`;
    if (!this.#isWatched(id)) return;
    this.#lookUp(
      () => ownerOfEvent(event, this.#options, this.#options.signal),
      (key) => this.#options.index.dropAnswers(key, event.podUid),
    );
  }

  /** Records from before a restart are picked up; later, only what a person did to one is of interest. */
  diagnosisChanged(
    id: string,
    now: RecordedDiagnosis | undefined,
    before: RecordedDiagnosis | undefined,
  ): void {
    const workload = (now ?? before)?.workload;
    if (!workload || !this.#isWatched(id)) return;
    const key = keyOf(workload);
    const { index, sharedImages, add } = this.#options;
    if (now) sharedImages.note(now);
    else sharedImages.forget(key);
    const isOurs = now && !before && index.workloadOf(key) !== undefined;
    const isEdited = now?.diagnosis.generation !== before?.diagnosis.generation;
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
    const oldest = this.#keys.size >= maxHeldPods ? this.#keys.keys().next().value : undefined;
    if (oldest !== undefined) this.#keys.delete(oldest);
    this.#keys.set(id, key);
  }

  #isWatched(id: string): boolean {
    return this.#options.isWatched(id.slice(0, id.indexOf('/')));
  }

  #lookUp(find: () => Promise<Owner | undefined>, onFound: (key: WorkloadKey) => void): void {
    const { index, add } = this.#options;
    const shownMs = index.nowMs();
    void this.#lookups.add(async () => {
      const owner = await this.#untilAnswered(find);
      if (!owner) return;
      const key = keyOf(owner.ref);
      index.note(key, owner.ref);
      index.shown(key, shownMs);
      onFound(key);
      add(key);
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
