// Says which fields decide, where they stand and who set them.

import type { FieldSetter, Setting } from '../model/finding.ts';
import type {
  Container,
  ContainerType,
  DeclaredContainer,
  Pod,
  SecurityField,
  Template,
} from '../model/pod.ts';
import type { ContainerSecurityContext, PodSecurityContext } from '../model/pod-manifest.ts';
import { settingsIn } from '../platform/kubelet/kubelet-user.ts';

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
  const { name, type } = container;
  const declared = template?.containers.find((one) => one.name === name && one.type === type);
  return fields.flatMap((field): Setting | readonly [] => {
    const isPods = settingIn(container, field) === undefined;
    const level = isPods ? 'Pod' : 'Container';
    const inPod = isPods ? { ...pod, securityContext: pod.spec.securityContext } : container;
    const inTemplate = isPods
      ? template && { ...template, securityContext: template.spec.securityContext }
      : declared;
    const value = settingIn(inPod, field);
    if (value === undefined) return [];
    const path = isPods ? pathOf[field] : `${listOf[type]}[name=${name}].${pathOf[field]}`;
    if (template && inTemplate && settingIn(inTemplate, field) === value)
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
function addedBy(inPod: Holder, inTemplate: Holder | undefined, field: SecurityField): FieldSetter {
  const isDeclared = inTemplate !== undefined && settingIn(inTemplate, field) !== undefined;
  const manager = isDeclared ? unknown : managerOf(inPod, field);
  return manager.is === 'manager' ? manager : { is: 'admission' };
}

function managerOf({ managers }: Holder, field: SecurityField): FieldSetter {
  const name = managers?.[field];
  return name === undefined ? unknown : { is: 'manager', name };
}

/** What has a security context: a container, or a pod. */
type Holder = Pick<DeclaredContainer, 'managers'> & {
  readonly securityContext?: PodSecurityContext | ContainerSecurityContext | undefined;
};

const settingIn = ({ securityContext }: Holder, field: SecurityField) => settingsIn(securityContext)[field];
