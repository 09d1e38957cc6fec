// Collects what would be refused, the same of several pods once.

import type { Violation } from '../../engine/model/pod-security.ts';
import type { EnforcementRemedy, RefusedWorkload } from '../../engine/model/scan.ts';
import type { WorkloadRef } from '../../engine/model/workload.ts';
import { printable } from '../../engine/platform/data/printable.ts';
import { violationsText } from '../../engine/platform/pod-security/pod-security.ts';

/** What stands in a pod's fields is quoted there, however long. */
const maxDetail = 4096;

type Group<T> = {
  readonly of: T;
  readonly violations: readonly Violation[];
  pods: number;
  /** The first by name. */
  pod?: string;
};

/** Keyed by whatever tells the owners apart that are collected. */
export class Refusals<T> {
  readonly #idOf: (of: T) => string;
  readonly #groups = new Map<string, Group<T>>();

  constructor(idOf: (of: T) => string) {
    this.#idOf = idOf;
  }

  /** Nothing, where nothing is refused. */
  add(of: T, violations: readonly Violation[], pods = 0, pod?: string): void {
    if (violations.length === 0) return;
    const id = JSON.stringify([this.#idOf(of), violationsText(violations)]);
    const group = this.#groups.get(id) ?? { of, violations, pods: 0 };
    this.#groups.set(id, group);
    group.pods += pods;
    if (pod !== undefined && (group.pod === undefined || pod < group.pod)) group.pod = pod;
  }

  groups(): readonly Readonly<Group<T>>[] {
    return [...this.#groups.values()];
  }
}

export function refusedWorkload(
  { of, violations, pods, pod }: Readonly<Group<WorkloadRef>>,
  remedy: EnforcementRemedy,
): RefusedWorkload {
  const { apiVersion, kind, name } = of;
  return {
    workload: { apiVersion, kind, name },
    pods,
    ...(pod !== undefined && { pod }),
    violations: violations.map(({ reason, detail, containers }) => ({
      reason: printable(reason, maxDetail),
      detail: printable(detail, maxDetail),
      ...(containers && { containers }),
    })),
    remedy,
  };
}
