// The diagnoses that are open now, as the gauges show them.

import type { Verdict } from '../engine/model/finding.ts';
import type { Snapshot } from '../engine/model/snapshot.ts';
import type { WorkloadKey } from '../engine/model/workload.ts';
import { qualifiedKind } from '../engine/model/workload.ts';
import type { OpenDiagnosis } from '../telemetry/metrics.ts';

export class OpenDiagnoses {
  readonly #open = new Map<WorkloadKey, OpenDiagnosis>();

  get size(): number {
    return this.#open.size;
  }

  values(): Iterable<OpenDiagnosis> {
    return this.#open.values();
  }

  /** A muted workload is recorded, and not counted. */
  update(
    key: WorkloadKey,
    { findings, failingPodsCounted }: Verdict,
    { workload, mutedUntil }: Snapshot,
  ): void {
    if (!workload || findings.length === 0 || mutedUntil) {
      this.#open.delete(key);
      return;
    }
    this.#open.set(key, {
      namespace: workload.ref.namespace,
      kind: qualifiedKind(workload.ref),
      name: workload.ref.name,
      causes: [...new Set(findings.map(({ cause }) => cause))],
      failingPods: failingPodsCounted,
      isBroken: findings.some(({ container }) => container.type !== 'EphemeralContainer'),
    });
  }
}
