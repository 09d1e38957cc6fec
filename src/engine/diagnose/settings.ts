// Says which fields decide, where they stand and who set them.

import type { FieldSetter, Setting } from '../model/finding.ts';
import type {
  Container,
  ContainerType,
  Pod,
  SecurityField,
  SecuritySettings,
  Template,
} from '../model/pod.ts';

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

/**
 * Returns those of the fields that are set for the container, each at the level that wins, in the order given. The path
 * is that in the workload where its template says the same, else that in the pod.
 *
 * @param template what the workload declares; absent where it could not be read
 */
export function decidingSettings(
  fields: readonly SecurityField[],
  container: Container,
  pod: Pod,
  template: Template | undefined,
): readonly Setting[] {
  const { name, type, security } = container;
  const declared = template?.containers.find((one) => one.name === name && one.type === type);
  return fields.flatMap((field): Setting | readonly [] => {
    const level = security[field] === undefined ? 'Pod' : 'Container';
    const isPods = level === 'Pod';
    const inPod = isPods ? pod.security : security;
    const inTemplate = isPods ? template?.security : declared?.security;
    const value = inPod[field];
    if (value === undefined) return [];
    const path = isPods ? pathOf[field] : `${listOf[type]}[name=${name}].${pathOf[field]}`;
    if (template && inTemplate?.[field] === value)
      return { level, value, field: `${template.path}.${path}`, setBy: managerOf(inTemplate, field) };
    const isAdded = template !== undefined || (!isPods && type === 'EphemeralContainer');
    const setBy = isAdded ? addedBy(inPod, inTemplate, field) : unknown;
    return { level, value, field: `spec.${path}`, setBy };
  });
}

const unknown: FieldSetter = { is: 'unknown' };

/**
 * Who put a field into a pod whose template does not say the same. What admission adds or changes has no manager of
 * its own. A field that has one, and that the template lacks, was added by a person or comes from an earlier template.
 */
function addedBy(
  inPod: SecuritySettings,
  inTemplate: SecuritySettings | undefined,
  field: SecurityField,
): FieldSetter {
  const manager = inTemplate?.[field] === undefined ? managerOf(inPod, field) : unknown;
  return manager.is === 'manager' ? manager : { is: 'admission' };
}

function managerOf(settings: SecuritySettings | undefined, field: SecurityField): FieldSetter {
  const name = settings?.managers?.[field];
  return name === undefined ? unknown : { is: 'manager', name };
}
