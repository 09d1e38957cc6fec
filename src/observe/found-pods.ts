// The pods of one workload as they are found: so many are kept, the others are counted.

import { containersOf } from '../engine/platform/kubernetes/pod-containers.ts';
import type { Pod } from '../engine/model/pod.ts';
import type { WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';
import { keyOf } from '../engine/model/workload.ts';
import { present } from '../engine/platform/data/field.ts';
import { madeFrom } from '../engine/project/made-from.ts';
import { projectPod } from '../engine/project/project-pod.ts';
import { podState } from '../engine/project/pod-state.ts';
import { podRef } from './owners.ts';
import type { OwnerDetails, Owners } from './owners.ts';

const maxPods = 500;
/** Beyond these, pods that fail in another way than all that are kept. */
const maxOddPods = 100;
/** A new failure comes by the same links, so that these need not be read twice. */
const newsMs = 10_000;

/** What the JSON of a pod holds when a container of it waits or has ended. */
export const troubleNeedles = ['"waiting"', '"terminated"'];

export const hasTrouble = ({ manifest }: Pod): boolean =>
  containersOf(manifest).some(
    ({ state, lastTerminated }) => lastTerminated !== undefined || (state && state.is !== 'running'),
  );

export class FoundPods {
  readonly #workload: OwnerDetails;
  readonly #owners: Owners;
  readonly #kept: Pod[] = [];
  /** One of those that are kept, by its state, once there are too many. */
  readonly #byState = new Map<string, Pod>();
  readonly #alike = new Map<Pod, number>();
  readonly #movedTo = new Map<WorkloadKey, WorkloadRef>();
  #total = 0;
  #first: unknown;

  constructor(workload: OwnerDetails, owners: Owners) {
    this.#workload = workload;
    this.#owners = owners;
  }

  get total(): number {
    return this.#total;
  }

  /** True when only failing pods are of any more use; of the others the metadata is enough. */
  get isFull(): boolean {
    return this.#kept.length >= maxPods;
  }

  /** One of them as the API server gave it, for its owner references. */
  get first(): unknown {
    return this.#first;
  }

  /** Where failing pods belong that seemed to belong here. */
  get movedTo(): readonly WorkloadRef[] {
    return [...this.#movedTo.values()];
  }

  get pods(): readonly Pod[] {
    return this.#kept.map((pod) => {
      const alike = this.#alike.get(pod);
      return alike === undefined ? pod : { ...pod, alike };
    });
  }

  /** What is remembered of the owners of a failing pod is read again: they may have another owner by now. */
  async add(object: unknown, signal: AbortSignal): Promise<void> {
    const found = projectPod(object);
    const isFailing = found !== undefined && hasTrouble(found);
    const owner = isFailing ? await this.#owners.topOf(object, podRef, signal, newsMs) : undefined;
    if (owner && keyOf(owner.ref) !== keyOf(this.#workload.ref)) {
      this.#movedTo.set(keyOf(owner.ref), owner.ref);
      return;
    }
    this.#total += 1;
    this.#first ??= object;
    if (!found) return;
    const pod = present({ ...found, madeFrom: madeFrom(found, this.#workload, owner?.controllerRevision) });
    if (!this.isFull) this.#kept.push(pod);
    else if (isFailing) this.#addBeyond(pod);
  }

  /** One that is only counted. */
  count(): void {
    this.#total += 1;
  }

  #addBeyond(pod: Pod): void {
    if (this.#byState.size === 0) for (const kept of this.#kept) this.#byState.set(podState(kept), kept);
    const state = podState(pod);
    const same = this.#byState.get(state);
    if (same) {
      this.#alike.set(same, (this.#alike.get(same) ?? 0) + 1);
    } else if (this.#kept.length < maxPods + maxOddPods) {
      this.#kept.push(pod);
      this.#byState.set(state, pod);
    }
  }
}
