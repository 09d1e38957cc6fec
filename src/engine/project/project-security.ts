// Projects security contexts, together with the field managers that wrote each field.

import type { SecurityField, SecuritySettings } from '../model/pod.ts';
import { booleanAt, isObject, listAt, numberAt, objectAt, present, textAt } from '../platform/data/field.ts';

const fieldPaths: Readonly<Record<SecurityField, readonly string[]>> = {
  runAsNonRoot: ['runAsNonRoot'],
  runAsUser: ['runAsUser'],
  runAsGroup: ['runAsGroup'],
  runAsUserName: ['windowsOptions', 'runAsUserName'],
};

const securityFields = ['runAsNonRoot', 'runAsUser', 'runAsGroup', 'runAsUserName'] as const;

/**
 * Reads the security context of a pod spec or of a container.
 *
 * @param holder the pod spec or the container, as JSON
 * @param managedFields `metadata.managedFields` of the whole object
 * @param path where the holder stands, in the notation of managedFields: `['f:spec', 'f:template', 'f:spec']`
 */
export function projectSecurity(
  holder: unknown,
  managedFields: readonly unknown[],
  path: readonly string[],
): SecuritySettings {
  const context = objectAt(holder, 'securityContext');
  const values = {
    runAsNonRoot: booleanAt(context, 'runAsNonRoot'),
    runAsUser: numberAt(context, 'runAsUser'),
    runAsGroup: numberAt(context, 'runAsGroup'),
    runAsUserName: textAt(context, 'windowsOptions', 'runAsUserName')?.slice(0, 256),
  };
  const managers = securityFields
    .filter((name) => values[name] !== undefined)
    .map((name) => [name, managerOf(managedFields, [...path, 'f:securityContext', ...inner(name)])] as const)
    .filter(([, manager]) => manager !== undefined);
  return present({
    ...values,
    managers: managers.length > 0 ? Object.fromEntries(managers) : undefined,
  });
}

/** The path segment of a container inside its list, as managedFields write it. */
export function containerSegment(name: string): string {
  return `k:${JSON.stringify({ name })}`;
}

const inner = (name: SecurityField): readonly string[] => fieldPaths[name].map((part) => `f:${part}`);

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
