// Settings at a path where Kubernetes has no such field. The API server drops them, with a warning that few people see.

import type { Remark } from '../../model/reported-failure.ts';
import { printableLine } from '../../platform/data/printable.ts';
import { booleanAt, isObject, listAt, objectAt, textAt } from '../../platform/data/field.ts';

/** Fields of a security context, by the level that has them. */
const ofBoth = [
  'runAsNonRoot',
  'runAsUser',
  'runAsGroup',
  'seccompProfile',
  'seLinuxOptions',
  'windowsOptions',
];
const ofPod = ['fsGroup', 'fsGroupChangePolicy', 'supplementalGroups', 'sysctls'];
const ofContainer = [
  'allowPrivilegeEscalation',
  'capabilities',
  'privileged',
  'procMount',
  'readOnlyRootFilesystem',
];
const ofWindows = ['runAsUserName', 'gmsaCredentialSpec', 'gmsaCredentialSpecName', 'hostProcess'];

/** Where the spec of a pod may stand, the deepest first; above it, nothing of a pod has an effect. */
const templates = [['spec', 'jobTemplate', 'spec', 'template'], ['spec', 'template'], ['template']] as const;

const maxRemarks = 20;

export function misplacedIn(object: unknown): readonly Remark[] {
  const template = templates.find((path) => listAt(object, ...path, 'spec', 'containers').length > 0) ?? [];
  const bare = [['spec'], ['podSpec'], []].find((path) => listAt(object, ...path, 'containers').length > 0);
  const spec = template.length > 0 ? [...template, 'spec'] : bare;
  if (!spec) return [];
  const above = template.map((_, depth) => template.slice(0, depth + 1)).flatMap(pathsAbove);
  return [
    ...above.flatMap((path) => contextAbove(object, path, spec)),
    ...inPodSpec(objectAt(object, ...spec), spec),
  ].slice(0, maxRemarks);
}

/** The object that holds a template, and the template itself beside its own spec. */
const pathsAbove = (path: readonly string[]): readonly (readonly string[])[] =>
  path.at(-1) === 'template' ? [path.slice(0, -1), path] : [];

function contextAbove(object: unknown, path: readonly string[], spec: readonly string[]): readonly Remark[] {
  const context = objectAt(object, ...path, 'securityContext');
  return Object.keys(context)
    .filter((field) => isKnown(field))
    .map((field) => misplaced([...path, 'securityContext', field], [...spec, 'securityContext', field]));
}

const isKnown = (field: string): boolean =>
  [...ofBoth, ...ofPod, ...ofContainer].some((known) => known === field);

function inPodSpec(spec: object, path: readonly string[]): readonly Remark[] {
  const own = [...path, 'securityContext'];
  return [
    ...fieldsIn(spec, [...ofBoth, ...ofPod], path, own),
    ...fieldsIn(objectAt(spec, 'securityContext'), ofContainer, own, [
      ...path,
      'containers[]',
      'securityContext',
    ]),
    ...inWindowsOptions(objectAt(spec, 'securityContext'), own),
    ...['initContainers', 'containers'].flatMap((list) =>
      listAt(spec, list).flatMap((container) => inContainer(container, [...path, list])),
    ),
  ];
}

function inContainer(container: unknown, path: readonly string[]): readonly Remark[] {
  if (!isObject(container)) return [];
  const name = printableLine(textAt(container, 'name') ?? '');
  const place = [...path.slice(0, -1), `${path.at(-1)}[name=${name}]`];
  const own = [...place, 'securityContext'];
  const context = objectAt(container, 'securityContext');
  return [
    ...fieldsIn(container, [...ofBoth, ...ofContainer], place, own),
    ...fieldsIn(context, ofPod, own, [...path.slice(0, -1), 'securityContext']),
    ...inWindowsOptions(context, own),
    ...exclusiveIn(context, name),
  ];
}

const inWindowsOptions = (context: object, path: readonly string[]): readonly Remark[] => [
  ...fieldsIn(objectAt(context, 'windowsOptions'), ofBoth, [...path, 'windowsOptions'], path),
  ...fieldsIn(context, ofWindows, path, [...path, 'windowsOptions']),
];

function exclusiveIn(context: object, container: string): readonly Remark[] {
  if (booleanAt(context, 'allowPrivilegeEscalation') !== false) return [];
  const isAdmin = listAt(context, 'capabilities', 'add').some(
    (name) => name === 'SYS_ADMIN' || name === 'CAP_SYS_ADMIN',
  );
  const other =
    booleanAt(context, 'privileged') === true ? 'privileged: true' : isAdmin && 'capability SYS_ADMIN';
  return other ? [{ is: 'exclusive', container, fields: ['allowPrivilegeEscalation: false', other] }] : [];
}

const fieldsIn = (
  value: object,
  fields: readonly string[],
  path: readonly string[],
  right: readonly string[],
): readonly Remark[] =>
  fields
    .filter((field) => Object.hasOwn(value, field))
    .map((field) => misplaced([...path, field], [...right, field]));

const misplaced = (path: readonly string[], right: readonly string[]): Remark => ({
  is: 'misplaced',
  field: path.join('.'),
  belongs: right.join('.'),
});
