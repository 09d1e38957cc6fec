// A patch that makes a template pass a Pod Security level, where nothing has failed yet.

import type { Patch } from '../../model/fix.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import type { PodSecurityPolicy, Violation } from '../../model/pod-security.ts';
import { containersOf } from '../../platform/kubernetes/pod-containers.ts';
import { patchedManifest } from '../../platform/kubernetes/strategic-merge.ts';
import { podSecurityViolations } from '../../platform/pod-security/pod-security.ts';
import type { Pods } from '../fix-input.ts';
import { harden } from './harden.ts';
import { objectPatch } from './object-patch.ts';

export type LevelPatch = {
  readonly patch: Patch;
  /** What is refused all the same, such as the node's network: nothing but a person can decide to do without it. */
  readonly remaining: readonly Violation[];
  /** Containers of which the kubelet will look at the image's user, which it did not before. */
  readonly newlyChecked: readonly string[];
};

export function levelPatch(
  { template, patchType }: Pick<Pods, 'template' | 'patchType'>,
  policy: PodSecurityPolicy & { readonly level: 'baseline' | 'restricted' },
): LevelPatch {
  const { manifest } = template;
  const isWindows = manifest.spec.os?.name === 'windows';
  const change = harden({}, { template, made: manifest }, { isWindows, level: policy.level });
  const patched = patchedManifest(manifest, change);
  const checkedBefore = new Set(checkedContainers(manifest));
  return {
    patch: objectPatch(change, { template, patchType }),
    remaining: podSecurityViolations(patched, policy),
    newlyChecked: checkedContainers(patched).filter((name) => !checkedBefore.has(name)),
  };
}

/** With runAsNonRoot, and without a uid of its own. */
function checkedContainers(manifest: PodManifest): readonly string[] {
  const { runAsNonRoot, runAsUser } = manifest.spec.securityContext ?? {};
  return containersOf(manifest).flatMap(({ name, securityContext = {} }) => {
    const isRequired = securityContext.runAsNonRoot ?? runAsNonRoot;
    const uid = securityContext.runAsUser ?? runAsUser;
    return isRequired === true && uid === undefined ? [name] : [];
  });
}
