// Which broken workloads have an image in common, from what is recorded of them.

import type { DiagnosisStatus } from '../engine/model/diagnosis.ts';
import type { WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';
import { keyOf, qualifiedKind } from '../engine/model/workload.ts';

const maxWorkloads = 20_000;
const maxNames = 10;

/** The images that fail in one workload. */
export type RecordedImages = { readonly workload: WorkloadRef; readonly images: readonly string[] };

export function failingImagesOf(status: DiagnosisStatus | undefined): readonly string[] {
  if (status?.state !== 'Failing') return [];
  return [...new Set(status.findings.map(({ image }) => image.reference))];
}

type FailingImages = {
  readonly namespace: string;
  readonly name: string;
  readonly images: readonly string[];
};

/** Bounded; the workload that was noted first goes first. */
export class SharedImages {
  readonly #entries = new Map<WorkloadKey, FailingImages>();
  readonly #byImage = new Map<string, Set<WorkloadKey>>();
  readonly #isComplete: (namespace: string) => boolean;

  /** @param isComplete false as long as there are records in a namespace that have not been noted yet */
  constructor(isComplete: (namespace: string) => boolean) {
    this.#isComplete = isComplete;
  }

  note({ workload, images }: RecordedImages): void {
    const key = keyOf(workload);
    this.forget(key);
    if (images.length === 0) return;
    const oldest = this.#entries.size >= maxWorkloads ? this.#entries.keys().next().value : undefined;
    if (oldest !== undefined) this.forget(oldest);
    const name = `${workload.namespace}/${qualifiedKind(workload)}/${workload.name}`;
    this.#entries.set(key, { namespace: workload.namespace, name, images });
    for (const image of images) this.#sharing(image).add(key);
  }

  forget(key: WorkloadKey): void {
    const known = this.#entries.get(key);
    if (!known) return;
    this.#entries.delete(key);
    for (const image of known.images) {
      const sharing = this.#sharing(image);
      sharing.delete(key);
      if (sharing.size === 0) this.#byImage.delete(image);
    }
  }

  /**
   * The first of them by name, as `namespace/Kind/name`; undefined while that is not known. Only those of the same
   * namespace: a user who may read this one may have no rights in another.
   */
  othersWithImagesOf(key: WorkloadKey): readonly string[] | undefined {
    const own = this.#entries.get(key);
    if (!own || !this.#isComplete(own.namespace)) return undefined;
    const keys = new Set<WorkloadKey>();
    for (const image of own.images) for (const other of this.#sharing(image)) keys.add(other);
    keys.delete(key);
    const others = [...keys].flatMap((other) => this.#entries.get(other) ?? []);
    const names = others.filter(({ namespace }) => namespace === own.namespace).map(({ name }) => name);
    return names.toSorted().slice(0, maxNames);
  }

  #sharing(image: string): Set<WorkloadKey> {
    const known = this.#byImage.get(image);
    if (known) return known;
    const sharing = new Set<WorkloadKey>();
    this.#byImage.set(image, sharing);
    return sharing;
  }
}
