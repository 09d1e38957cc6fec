// Fills in what is printed around a finding: the object that kubectl describes, the columns of a table of Events.

import type { Cause } from '../../model/cause.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { present } from '../../platform/data/field.ts';
import type { Described } from './description.ts';
import { namespaceOfRow } from './event-rows.ts';
import type { Mention } from './mention.ts';

/** Undefined where the object itself shows that it is over. */
export function inContext(
  { failure, from }: Mention,
  lines: readonly string[],
  objects: readonly Described[],
): ReportedFailure | undefined {
  const object = objects.find((one) => one.from <= from && from < one.end);
  const namespace = failure.pod.namespace ?? object?.namespace ?? namespaceOfRow(lines[from] ?? '');
  const name = failure.pod.name ?? (object?.isPod ? object.name : undefined);
  const container = object && containerOf(failure, from, object);
  if (container?.isWell && name === object?.name) return undefined;
  const { type, image } = container ?? {};
  return {
    ...failure,
    container: { ...failure.container, ...(container && { name: container.name }), ...(type && { type }) },
    image: { ...failure.image, ...(image !== undefined && { reference: image }) },
    pod: present({ name, namespace }),
  };
}

/** The one that is named, or whose block this is; else the only one that the cause can be about. */
function containerOf(
  { cause, container }: ReportedFailure,
  line: number,
  { containers, isPod }: Described,
): Described['containers'][number] | undefined {
  if (container.name !== undefined) return only(containers.filter(({ name }) => name === container.name));
  const own = containers.find(({ from, to }) => from <= line && line <= to);
  if (own) return own;
  if (!isPod || cause === 'PodSecurityViolation') return undefined;
  return (
    only(containers.filter(({ reasons }) => reasons.some((reason) => reasonsOf[cause].includes(reason)))) ??
    only(containers)
  );
}

const only = <T>(list: readonly T[]): T | undefined => (list.length === 1 ? list[0] : undefined);

const kubeletsReasons = ['CreateContainerConfigError'];

/** Why a container waits, or has ended, that shows the cause. */
const reasonsOf: Readonly<Record<Exclude<Cause, 'PodSecurityViolation'>, readonly string[]>> = {
  RunAsUserIsRoot: kubeletsReasons,
  NonNumericUser: kubeletsReasons,
  ImageRunsAsRoot: kubeletsReasons,
  InvalidImageUID: kubeletsReasons,
  WindowsAdministrator: kubeletsReasons,
  UserNotInImage: ['CreateContainerError', 'RunContainerError', 'StartError', 'ContainerCannotRun'],
  NonRootPermissionDenied: ['RunContainerError', 'StartError', 'ContainerCannotRun', 'CrashLoopBackOff'],
};
