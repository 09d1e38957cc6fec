// Who wrote the security settings of an object: the field managers of its managedFields.

import type { ContainerSecurityContext, PodSecurityContext } from '../model/pod-manifest.ts';
import type { FieldManagers } from '../model/pod.ts';
import { isObject, listAt, objectAt, textAt } from '../platform/data/field.ts';
import { fieldPaths, securityFields, settingsOf } from '../platform/kubelet/kubelet-user.ts';

/**
 * The manager of each setting that a security context has; undefined where none of them has one.
 *
 * @param managedFields `metadata.managedFields` of the whole object
 * @param path where the pod spec or the container stands, in their notation: `['f:spec', 'f:template', 'f:spec']`
 */
export function fieldManagers(
  context: PodSecurityContext | ContainerSecurityContext | undefined,
  managedFields: readonly unknown[],
  path: readonly string[],
): FieldManagers | undefined {
  const settings = settingsOf(context);
  const managers = securityFields.flatMap((name) => {
    if (settings[name] === undefined) return [];
    const field = fieldPaths[name].map((part) => `f:${part}`);
    const manager = managerOf(managedFields, [...path, ...field]);
    return manager === undefined ? [] : [[name, manager] as const];
  });
  return managers.length > 0 ? Object.fromEntries(managers) : undefined;
}

/** The manager that wrote the field last; several may own it since server-side apply lets them agree. */
function managerOf(managedFields: readonly unknown[], path: readonly string[]): string | undefined {
  const owners = managedFields
    .filter((entry) => textAt(entry, 'subresource') === undefined && holds(entry, path))
    .toSorted((a, b) => (textAt(b, 'time') ?? '').localeCompare(textAt(a, 'time') ?? ''));
  return textAt(owners[0], 'manager')?.slice(0, 128);
}

function holds(entry: unknown, path: readonly string[]): boolean {
  let found: unknown = objectAt(entry, 'fieldsV1');
  for (const part of path) {
    if (!isObject(found) || !Object.hasOwn(found, part)) return false;
    found = found[part];
  }
  return true;
}

/** `metadata.managedFields`, or nothing where it was stripped. */
export function managedFieldsOf(object: unknown): readonly unknown[] {
  return listAt(object, 'metadata', 'managedFields');
}
