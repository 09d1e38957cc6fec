// Projects what a pod and its template have in common: the manifest, and who set each field of it.

import type { PodDeclaration } from '../model/pod.ts';
import { listAt, present, textAt } from '../platform/data/field.ts';
import { mapContainers } from '../platform/kubernetes/pod-containers.ts';
import { podManifestOf } from '../platform/kubernetes/pod-manifest.ts';
import { fieldManagers } from './field-managers.ts';

const maxPullSecrets = 20;

/**
 * @param object a Pod or a PodTemplateSpec
 * @param managedFields `metadata.managedFields` of the object that it stands in
 * @param path of its spec there, in their notation: `['f:spec', 'f:template', 'f:spec']`
 */
export function projectDeclaration(
  object: unknown,
  managedFields: readonly unknown[],
  path: readonly string[],
): PodDeclaration {
  const manifest = podManifestOf(object);
  const pullSecrets = listAt(object, 'spec', 'imagePullSecrets').flatMap(
    (secret) => textAt(secret, 'name') ?? [],
  );
  return present({
    manifest: mapContainers(manifest, (container, list) => {
      const place = [...path, `f:${list}`, `k:${JSON.stringify({ name: container.name })}`];
      const managers = fieldManagers(container.securityContext, managedFields, place);
      return managers ? { ...container, managers } : container;
    }),
    managers: fieldManagers(manifest.spec.securityContext, managedFields, path),
    serviceAccount: textAt(object, 'spec', 'serviceAccountName'),
    pullSecrets: pullSecrets.length > 0 ? pullSecrets.slice(0, maxPullSecrets) : undefined,
  });
}
