// Says which fields decide, where they stand and who set them.

import type { FieldSetter, Setting } from '../model/finding.ts';
import type { ContainerType, SecurityField, SecuritySettings } from '../model/pod.ts';
import type { Subject } from './subject.ts';

const pathOf: Readonly<Record<SecurityField, string>> = {
  runAsNonRoot: 'securityContext.runAsNonRoot',
  runAsUser: 'securityContext.runAsUser',
  runAsGroup: 'securityContext.runAsGroup',
  runAsUserName: 'securityContext.windowsOptions.runAsUserName',
};

const listOf: Readonly<Record<ContainerType, string>> = {
  InitContainer: 'initContainers',
  Sidecar: 'initContainers',
  Container: 'containers',
  EphemeralContainer: 'ephemeralContainers',
};

/** Returns those of the fields that are set for the container, each at the level that wins, in the order given. */
export function decidingSettings(subject: Subject, fields: readonly SecurityField[]): readonly Setting[] {
  return fields.flatMap((field) => decidingSetting(subject, field) ?? []);
}

function decidingSetting(subject: Subject, field: SecurityField): Setting | undefined {
  const { container, podSecurity } = subject;
  const level = container.security[field] === undefined ? 'Pod' : 'Container';
  const value = container.security[field] ?? podSecurity[field];
  if (value === undefined) return undefined;
  return { level, value, ...originOf(subject, field, level) };
}

/** The path in the workload where its template says the same, else the path in the pod. */
function originOf(
  subject: Subject,
  field: SecurityField,
  level: Setting['level'],
): Pick<Setting, 'field' | 'setBy'> {
  const { container, podSecurity, declared } = subject;
  const inside = level === 'Pod' ? pathOf[field] : `${containerPath(container)}.${pathOf[field]}`;
  const inPod = level === 'Pod' ? podSecurity : container.security;
  const inTemplate = level === 'Pod' ? declared?.podSecurity : declared?.containerSecurity;
  if (declared && inTemplate?.[field] === inPod[field]) {
    return { field: `${declared.path}.${inside}`, setBy: managerOf(inTemplate, field) ?? { is: 'unknown' } };
  }
  const isOwn = level === 'Container' && container.type === 'EphemeralContainer';
  const setBy = declared || isOwn ? addedBy(inPod, inTemplate, field) : ({ is: 'unknown' } as const);
  return { field: `spec.${inside}`, setBy };
}

/**
 * Who put a field into a pod whose template does not say the same. What admission adds or changes has no manager of
 * its own. A field that has one, and that the template lacks, was added by a person or comes from an earlier template.
 */
function addedBy(
  inPod: SecuritySettings,
  inTemplate: SecuritySettings | undefined,
  field: SecurityField,
): FieldSetter {
  const manager = inTemplate?.[field] === undefined ? managerOf(inPod, field) : undefined;
  return manager ?? { is: 'admission' };
}

function managerOf(settings: SecuritySettings | undefined, field: SecurityField): FieldSetter | undefined {
  const name = settings?.managers?.[field];
  return name === undefined ? undefined : { is: 'manager', name };
}

const containerPath = ({ type, name }: Subject['container']): string => `${listOf[type]}[name=${name}]`;
