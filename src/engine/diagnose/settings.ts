// Says which fields decide, where they stand and who set them.

import type { FieldSetter, Setting } from '../model/finding.ts';
import type {
  Container,
  KnownContainer,
  Pod,
  PodDeclaration,
  SecurityField,
  Template,
} from '../model/pod.ts';
import { present } from '../platform/data/field.ts';
import { fieldPaths, settingsOf } from '../platform/kubelet/kubelet-user.ts';
import { containersOf, listOf } from '../platform/kubernetes/pod-containers.ts';

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
  const { name, type } = container;
  const declared =
    template && containersOf(template.manifest).find((one) => one.name === name && one.type === type);
  return fields.flatMap((field): Setting | readonly [] => {
    const level = valueAt(container, field) === undefined ? 'Pod' : 'Container';
    const isPods = level === 'Pod';
    const inPod = isPods ? levelOf(pod) : container;
    const inTemplate = isPods ? template && levelOf(template) : declared;
    const value = valueAt(inPod, field);
    if (value === undefined) return [];
    const path = [...(isPods ? [] : [`${listOf[type]}[name=${name}]`]), ...fieldPaths[field]].join('.');
    if (template && valueAt(inTemplate, field) === value)
      return { level, value, field: `${template.path}.${path}`, setBy: managerOf(inTemplate, field) };
    const isAdded = template !== undefined || (!isPods && type === 'EphemeralContainer');
    const setBy = isAdded ? addedBy(inPod, inTemplate, field) : unknown;
    return { level, value, field: `spec.${path}`, setBy };
  });
}

/** What one level of a pod says, and who made it say so. */
type SettingsHolder = Pick<KnownContainer, 'securityContext' | 'managers'>;

const levelOf = ({ manifest, managers }: PodDeclaration): SettingsHolder =>
  present({ securityContext: manifest.spec.securityContext, managers });

const valueAt = (level: SettingsHolder | undefined, field: SecurityField) =>
  settingsOf(level?.securityContext)[field];

const unknown: FieldSetter = { is: 'unknown' };

/**
 * Who put a field into a pod whose template does not say the same. What admission adds or changes has no manager of
 * its own. A field that has one, and that the template lacks, was added by a person or comes from an earlier template.
 */
function addedBy(
  inPod: SettingsHolder,
  inTemplate: SettingsHolder | undefined,
  field: SecurityField,
): FieldSetter {
  const manager = valueAt(inTemplate, field) === undefined ? managerOf(inPod, field) : unknown;
  return manager.is === 'manager' ? manager : { is: 'admission' };
}

function managerOf(level: SettingsHolder | undefined, field: SecurityField): FieldSetter {
  const name = level?.managers?.[field];
  return name === undefined ? unknown : { is: 'manager', name };
}
