// What a Pod Security level asks for and a patch can give, and no more, added to a patch that makes a workload start.

import type { ContainerSecurityContext, ContainerSpec, PodManifest } from '../../model/pod-manifest.ts';
import { containersOf } from '../../platform/kubernetes/pod-containers.ts';
import {
  capabilitiesAtBaseline,
  capabilitiesAtRestricted,
} from '../../platform/pod-security/capabilities.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { patchedManifest } from '../../platform/kubernetes/strategic-merge.ts';
import type { Pods } from '../fix-input.ts';
import { changedContainers, nonEmpty, type Changes } from './changed-containers.ts';
import { mergedPatch } from './patch-merge.ts';

type Demands = {
  readonly isWindows: boolean;
  readonly level: 'baseline' | 'restricted';
};

/**
 * The smallest patch and what the level asks beyond it, of the containers that the template lists. What is already as
 * it wants is left as it is.
 */
export function harden(
  smallest: PodPatch,
  { template: { manifest: template }, made }: Pick<Pods, 'template' | 'made'>,
  { isWindows, level }: Demands,
): PodPatch {
  const patched = patchedManifest(template, smallest);
  // What a webhook adds may rely on the pod, as no patch reaches it.
  const all = [...containersOf(patched), ...containersOf(patchedManifest(made, smallest))];
  const pod = level === 'baseline' ? baselinePod(patched) : restrictedPod(patched, all, isWindows);
  const changesOf = level === 'baseline' ? baselineContainer : restrictedContainer;
  const spec = {
    ...nonEmpty('securityContext', pod),
    // Windows knows none of what these fields set.
    ...(isWindows ? {} : changedContainers(patched, (one) => nonEmpty('securityContext', changesOf(one)))),
  };
  const order = containersOf(patched).map(({ name }) => name);
  return mergedPatch(smallest, { spec }, order);
}

const runtimeDefault = { type: 'RuntimeDefault' };
const allowedProfiles: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost']);

/** The pod must say what one of its containers does not say, and may not say what is refused. */
function restrictedPod({ spec }: PodManifest, all: readonly ContainerSpec[], isWindows: boolean): Changes {
  const { runAsNonRoot, runAsUser, seccompProfile } = spec.securityContext ?? {};
  const isLacking = (field: 'runAsNonRoot' | 'seccompProfile'): boolean =>
    all.some(({ securityContext }) => securityContext?.[field] === undefined);
  const isRootAllowed = runAsNonRoot === undefined ? isLacking('runAsNonRoot') : !runAsNonRoot;
  const isUnconfined = seccompProfile
    ? !allowedProfiles.has(seccompProfile.type)
    : !isWindows && isLacking('seccompProfile');
  return {
    ...(isRootAllowed && { runAsNonRoot: true }),
    ...(runAsUser === 0 && { runAsUser: null }),
    ...(isUnconfined && { seccompProfile: runtimeDefault }),
  };
}

function restrictedContainer({ securityContext = {} }: ContainerSpec): Changes {
  const { runAsNonRoot, runAsUser, privileged, allowPrivilegeEscalation, seccompProfile } = securityContext;
  return {
    ...(runAsNonRoot === false && { runAsNonRoot: true }),
    ...(runAsUser === 0 && { runAsUser: null }),
    ...(privileged === true && { privileged: false }),
    ...(allowPrivilegeEscalation !== false && { allowPrivilegeEscalation: false }),
    ...restrictedCapabilities(securityContext),
    ...(seccompProfile && !allowedProfiles.has(seccompProfile.type) && { seccompProfile: runtimeDefault }),
  };
}

const baselinePod = ({ spec }: PodManifest): Changes =>
  spec.securityContext?.seccompProfile?.type === 'Unconfined' ? { seccompProfile: runtimeDefault } : {};

/** Baseline asks for nothing, and refuses what goes beyond a container's usual powers. */
function baselineContainer({ securityContext = {} }: ContainerSpec): Changes {
  const { add = [] } = securityContext.capabilities ?? {};
  const kept = add.filter((capability) => capabilitiesAtBaseline.has(capability));
  return {
    ...(securityContext.privileged === true && { privileged: false }),
    ...(kept.length < add.length && { capabilities: { add: kept.length > 0 ? kept : null } }),
    ...(securityContext.seccompProfile?.type === 'Unconfined' && { seccompProfile: runtimeDefault }),
  };
}

/** Restricted lets a container keep NET_BIND_SERVICE, and nothing else that it adds. */
function restrictedCapabilities({ capabilities = {} }: ContainerSecurityContext): Changes {
  const { add = [], drop = [] } = capabilities;
  const kept = add.filter((name) => capabilitiesAtRestricted.has(name));
  return nonEmpty('capabilities', {
    ...(!drop.includes('ALL') && { drop: ['ALL'] }),
    ...(kept.length < add.length && { add: kept.length > 0 ? kept : null }),
  });
}
