// Projects a pod as an object declares it: a Pod, or the template of whatever makes pods.

import type { ContainerType, DeclaredContainer, DeclaredPod } from '../model/pod.ts';
import type { ContainerSpec } from '../model/pod-manifest.ts';
import { listAt, objectAt, present, textAt } from '../platform/data/field.ts';
import { podManifestOf } from '../platform/kubernetes/pod-manifest.ts';
import { containerSegment, fieldManagersOf } from './project-security.ts';

/** Which list of a pod spec holds containers of a type. */
export const listOf = {
  InitContainer: 'initContainers',
  Sidecar: 'initContainers',
  Container: 'containers',
  EphemeralContainer: 'ephemeralContainers',
} as const satisfies Readonly<Record<ContainerType, string>>;

/**
 * @param object a Pod or a PodTemplateSpec: `metadata` and `spec`
 * @param managedFields `metadata.managedFields` of the whole object
 * @param path where the spec stands, in the notation of managedFields: `['f:spec', 'f:template', 'f:spec']`
 */
export function projectDeclaredPod(
  object: unknown,
  managedFields: readonly unknown[],
  path: readonly string[],
): DeclaredPod {
  const { annotations, spec } = podManifestOf(object);
  const { initContainers = [], containers, ephemeralContainers = [], ...rest } = spec;
  const declared = (
    type: ContainerType,
    { restartPolicy: _policy, ...container }: ContainerSpec,
  ): DeclaredContainer => {
    const at = [...path, `f:${listOf[type]}`, containerSegment(container.name)];
    const managers = fieldManagersOf(container.securityContext, managedFields, at);
    return present({ ...container, type, image: container.image ?? '', managers });
  };
  return present({
    annotations,
    spec: rest,
    containers: [
      ...initContainers.map((one) =>
        declared(one.restartPolicy === 'Always' ? 'Sidecar' : 'InitContainer', one),
      ),
      ...containers.map((one) => declared('Container', one)),
      ...ephemeralContainers.map((one) => declared('EphemeralContainer', one)),
    ],
    managers: fieldManagersOf(spec.securityContext, managedFields, path),
    serviceAccount: textAt(object, 'spec', 'serviceAccountName'),
    pullSecrets: pullSecretsOf(objectAt(object, 'spec')),
  });
}

const maxPullSecrets = 20;

/** Names of the Secrets in the imagePullSecrets of a pod spec. */
function pullSecretsOf(spec: unknown): readonly string[] | undefined {
  const names = listAt(spec, 'imagePullSecrets').flatMap((secret) => textAt(secret, 'name') ?? []);
  return names.length > 0 ? names.slice(0, maxPullSecrets) : undefined;
}
