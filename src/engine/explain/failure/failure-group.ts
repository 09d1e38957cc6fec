// Failures of one workload belong together, and have one fix; those of another have their own.

import type { Fix } from '../../model/fix.ts';
import type { ReportedFailure, WorkloadName } from '../../model/reported-failure.ts';
import { keyOf } from '../../model/workload.ts';
import { present } from '../../platform/data/field.ts';
import type { PlacedFailure } from '../place/placed-failure.ts';
import { failuresFix } from './failure-fix.ts';
import { placedFix } from './placed-fix.ts';
import { isOwnImage } from './user-first.ts';

export type FailureGroup = {
  readonly failures: readonly ReportedFailure[];
  readonly workload?: WorkloadName;
  readonly namespace?: string;
  readonly fix?: Fix;
};

/**
 * In the order of the failures. What names no pod belongs to the only workload that is named, if there is one.
 *
 * @param lines of the texts: whether the image is the reader's own is seen in them
 */
export function failureGroups(
  all: readonly PlacedFailure[],
  lines: readonly string[],
): readonly FailureGroup[] {
  const keyed = all.map((one) => ({ one, key: keyOfFailure(one) }));
  const named = new Set(keyed.flatMap(({ key }) => key ?? []));
  const [first] = named;
  const keyWithout = named.size === 1 ? first : undefined;
  const groups = Map.groupBy(keyed, ({ key }) => key ?? keyWithout);
  const isOwn = isOwnImage(lines);
  return Array.from(groups.values(), (members) =>
    groupOf(
      members.map(({ one }) => one),
      isOwn,
    ),
  );
}

function groupOf(members: readonly PlacedFailure[], isOwn: boolean): FailureGroup {
  const failures = members.map(({ failure }) => failure);
  const fix = placedFix(members, isOwn) ?? failuresFix(members, isOwn);
  return present({
    failures,
    workload: failures.find(({ workload }) => workload)?.workload,
    namespace: failures.find(({ pod }) => pod.namespace !== undefined)?.pod.namespace,
    fix,
  });
}

/** Undefined where the failure says of no pod and of no workload. */
function keyOfFailure({ failure: { pod, workload }, placed }: PlacedFailure): string | undefined {
  const own = placed?.place.workload;
  if (own) return keyOf(own.ref);
  const { name, namespace = '' } = pod;
  if (name === undefined) return workload && `${workload.kind} ${workload.name}`;
  return `pod ${namespace}/${madeFrom(name)}`;
}

const random = '[bcdfghjklmnpqrstvwxz2456789]';
const ofReplicaSet = new RegExp(`-(?:${random}{6,10}|[0-9a-f]{6,10})-[a-z0-9]{5}$`);
const ofController = new RegExp(`-(?:${random}{5}|\\d{1,5})$`);

/** The beginning that all pods of one controller share. */
function madeFrom(pod: string): string {
  const base = pod.replace(ofReplicaSet, '');
  return base === pod ? pod.replace(ofController, '') : base;
}
