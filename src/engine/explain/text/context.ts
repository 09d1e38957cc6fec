// Fills in what is printed around a finding: the object that kubectl describes, the columns of a table of Events, the item of
// a status, the command above.

import type { Cause } from '../../model/cause.ts';
import type { PrintedNames } from '../../messages/kubelet/kubelet-suffix.ts';
import type { PermissionHints } from '../../messages/permission/permission-denial.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import { present } from '../../platform/data/field.ts';
import type { PastedCommand } from './commands.ts';
import type { Described } from './description.ts';
import { namespaceOfRow, workloadOfRow } from './event-rows.ts';
import type { Mention } from './mention.ts';
import { podInProse, type Prose } from './prose.ts';
import { statusItemAt } from './status-item.ts';

/** A text, and what is known of its lines. */
export type Reading = {
  readonly lines: readonly string[];
  /** How often each line stands there; empty where that is not known. */
  readonly times: readonly number[];
  readonly objects: readonly Described[];
  readonly commands: readonly PastedCommand[];
  readonly prose: Prose;
  readonly hintsFor: HintsFor;
};

/** What a manifest says of the container with a log, as far as a text names it. */
export type HintsFor = (names: PrintedNames) => PermissionHints;

/** Undefined where the object itself shows that it is over. */
export function inContext({ failure, from }: Mention, reading: Reading): ReportedFailure | undefined {
  const { lines, times, objects } = reading;
  const said = times[from] ?? 1;
  const around = objects.find((one) => one.from <= from && from < one.end);
  const object = around ?? objects.find(({ isPod, name }) => isPod && name === failure.pod.name);
  const item = statusItemAt(lines, from);
  const command = commandAt(reading, from);
  const namespace =
    failure.pod.namespace ?? object?.namespace ?? namespaceOfRow(lines[from] ?? '') ?? command?.namespace;
  const container = object && containerOf(failure, from, object);
  const known = failure.pod.name ?? (object?.isPod ? object.name : undefined) ?? command?.pod;
  const { cause } = failure;
  const prose = cause === 'PodSecurityViolation' ? { pods: [] } : reading.prose;
  const name = known ?? (cause === 'PodSecurityViolation' ? undefined : podInProse(prose, reasonsOf[cause]));
  if (around && container?.isWell && (around.name ?? name) === name) return undefined;
  const { type } = container ?? {};
  const image = container?.image ?? item?.image;
  const workload = failure.workload ?? workloadOfRow(lines[from] ?? '') ?? command?.workload;
  return {
    ...failure,
    container: present({
      ...failure.container,
      name:
        container?.name ?? failure.container.name ?? item?.container ?? command?.container ?? prose.container,
      ...(type && { type }),
    }),
    image: { ...failure.image, ...(image !== undefined && { reference: image }) },
    pod: present({ name, namespace }),
    ...(workload && { workload }),
    ...(said > 1 && { times: said }),
  };
}

/** The last command above a line; what it prints ends where another begins. */
const commandAt = ({ commands }: Reading, line: number): PastedCommand | undefined =>
  commands.findLast(({ at }) => at <= line);

/** A log beside the description of one pod is that pod's, where one of its containers can have written it. */
export function writerOf({ pod, container }: PrintedNames, objects: readonly Described[]) {
  const object = only(objects.filter(({ isPod }) => isPod));
  if (!object || (pod ?? object.name) !== object.name) return undefined;
  const log = { cause: 'NonRootPermissionDenied', container: present({ name: container }) } as const;
  const writer = containerOf(log, -1, object);
  return writer && { object, writer };
}

/** The one that is named, or whose block this is; else the only one that the cause can be about. */
function containerOf(
  { cause, container }: Pick<ReportedFailure, 'cause' | 'container'>,
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
  NonRootPermissionDenied: [
    'RunContainerError',
    'StartError',
    'ContainerCannotRun',
    'CrashLoopBackOff',
    'Error',
  ],
};
