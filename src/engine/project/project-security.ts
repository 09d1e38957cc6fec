// Who set the fields of a security context: the field managers of an object.

import type { FieldManagers, SecurityField } from '../model/pod.ts';
import type { ContainerSecurityContext, PodSecurityContext } from '../model/pod-manifest.ts';
import { isObject, listAt, objectAt, textAt } from '../platform/data/field.ts';
import { settingsIn } from '../platform/kubelet/kubelet-user.ts';

const fieldPaths: Readonly<Record<SecurityField, readonly string[]>> = {
  runAsNonRoot: ['runAsNonRoot'],
  runAsUser: ['runAsUser'],
  runAsGroup: ['runAsGroup'],
  runAsUserName: ['windowsOptions', 'runAsUserName'],
};

const securityFields = ['runAsNonRoot', 'runAsUser', 'runAsGroup', 'runAsUserName'] as const;

/**
 * Who set the fields of a security context that take part in the kubelet's decision.
 *
 * @param context the security context, as `podManifestOf` reads it
 * @param managedFields `metadata.managedFields` of the whole object
 * @param path where its holder stands, in the notation of managedFields: `['f:spec', 'f:template', 'f:spec']`
 */
export function fieldManagersOf(
  context: PodSecurityContext | ContainerSecurityContext | undefined,
  managedFields: readonly unknown[],
  path: readonly string[],
): FieldManagers | undefined {
  const settings = settingsIn(context);
  const managers = securityFields
    .filter((name) => settings[name] !== undefined)
    .map((name) => [name, managerOf(managedFields, [...path, 'f:securityContext', ...inner(name)])] as const)
    .filter(([, manager]) => manager !== undefined);
  return managers.length > 0 ? Object.fromEntries(managers) : undefined;
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
