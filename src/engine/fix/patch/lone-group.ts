// A pod with a group and no user: the sandbox would run with it, and no runtime makes such a sandbox.

import type { PodManifest } from '../../model/pod-manifest.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { patchedManifest } from '../../platform/kubernetes/strategic-merge.ts';
import { containersOf } from '../../platform/kubernetes/pod-containers.ts';
import { changedContainers } from './changed-containers.ts';
import { mergedPatch } from './patch-merge.ts';

/** Of a container that has no user either, the kubelet takes that of the image. */
export function hasLoneGroup({ spec: { securityContext = {} } }: PodManifest): boolean {
  return securityContext.runAsGroup !== undefined && securityContext.runAsUser === undefined;
}

/** The same patch; where it would leave the pod with such a group, each container says it for itself. */
export function withoutLoneGroup(patch: PodPatch, template: PodManifest): PodPatch {
  const patched = patchedManifest(template, patch);
  if (!hasLoneGroup(patched)) return patch;
  const { runAsGroup } = patched.spec.securityContext ?? {};
  const moved = changedContainers(patched, ({ securityContext = {} }) =>
    securityContext.runAsGroup === undefined ? { securityContext: { runAsGroup } } : {},
  );
  const order = containersOf(patched).map(({ name }) => name);
  return mergedPatch(patch, { spec: { securityContext: { runAsGroup: null }, ...moved } }, order);
}
