// Everything that a Pod Security level asks for and a patch can give, added to a patch that makes a workload start.

import type { ContainerSecurityContext, ContainerSpec, PodManifest } from '../../model/pod-manifest.ts';
import { containersOf } from '../../platform/kubernetes/pod-containers.ts';
import {
  capabilitiesAtBaseline,
  capabilitiesAtRestricted,
} from '../../platform/pod-security/capabilities.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { patchedManifest } from '../../platform/kubernetes/strategic-merge.ts';
import { mergedPatch } from './patch-merge.ts';
import { emptyDirAt } from './empty-dir.ts';

type Changes = Record<string, unknown>;

/** Paths that an image is known to write to, by container; a container that is not in it keeps a writable root. */
type WrittenPaths = ReadonlyMap<string, readonly string[]>;

type Demands = {
  readonly written: WrittenPaths;
  readonly isWindows: boolean;
  readonly level: 'baseline' | 'restricted';
};

/**
 * The smallest patch and what the level asks beyond it, of the containers that the template lists. What is already as
 * it wants is left as it is.
 */
export function harden(
  smallest: PodPatch,
  template: PodManifest,
  { written, isWindows, level }: Demands,
): PodPatch {
  const patched = patchedManifest(template, smallest);
  const pod = level === 'baseline' ? baselinePod(patched) : podChanges(patched, isWindows);
  const changesOf = level === 'baseline' ? baselineChanges : containerChanges;
  const containers = containersOf(patched).filter(({ type }) => type !== 'EphemeralContainer');
  // Windows knows none of what these fields set.
  const changed = (list: readonly ContainerSpec[] = []): readonly Changes[] =>
    isWindows ? [] : list.map((one) => changesOf(one, written)).filter((one) => Object.keys(one).length > 1);
  const spec = {
    ...nonEmpty('securityContext', pod),
    ...nonEmpty('initContainers', changed(patched.spec.initContainers)),
    ...nonEmpty('containers', changed(patched.spec.containers)),
    ...nonEmpty('volumes', isWindows ? [] : containers.flatMap((one) => volumesFor(one, written))),
  };
  const order = containers.map(({ name }) => name);
  return mergedPatch(smallest, { spec }, order);
}

const runtimeDefault = { type: 'RuntimeDefault' };
const allowedProfiles: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost']);

function podChanges({ spec }: PodManifest, isWindows: boolean): Changes {
  const { runAsNonRoot, runAsUser, seccompProfile } = spec.securityContext ?? {};
  const isConfined = isWindows || (seccompProfile && allowedProfiles.has(seccompProfile.type));
  return {
    ...(runAsNonRoot !== true && { runAsNonRoot: true }),
    ...(runAsUser === 0 && { runAsUser: null }),
    ...(!isConfined && { seccompProfile: runtimeDefault }),
  };
}

function containerChanges(container: ContainerSpec, written: WrittenPaths): Changes {
  const context = container.securityContext ?? {};
  const paths = written.get(container.name);
  const mounts = pathsToMount(container, paths).map((path) => emptyDirAt(container.name, path).mount);
  return {
    name: container.name,
    ...nonEmpty('securityContext', {
      ...(context.runAsNonRoot === false && { runAsNonRoot: true }),
      ...(context.runAsUser === 0 && { runAsUser: null }),
      ...(context.privileged === true && { privileged: false }),
      ...(context.allowPrivilegeEscalation !== false && { allowPrivilegeEscalation: false }),
      ...capabilityChanges(context),
      ...(context.seccompProfile &&
        !allowedProfiles.has(context.seccompProfile.type) && { seccompProfile: runtimeDefault }),
      ...(paths && context.readOnlyRootFilesystem === undefined && { readOnlyRootFilesystem: true }),
    }),
    ...nonEmpty('volumeMounts', mounts),
  };
}

const baselinePod = ({ spec }: PodManifest): Changes =>
  spec.securityContext?.seccompProfile?.type === 'Unconfined' ? { seccompProfile: runtimeDefault } : {};

/** Baseline asks for nothing, and refuses what goes beyond a container's usual powers. */
function baselineChanges({ name, securityContext = {} }: ContainerSpec): Changes {
  const { add = [] } = securityContext.capabilities ?? {};
  const kept = add.filter((capability) => capabilitiesAtBaseline.has(capability));
  return {
    name,
    ...nonEmpty('securityContext', {
      ...(securityContext.privileged === true && { privileged: false }),
      ...(kept.length < add.length && { capabilities: { add: kept.length > 0 ? kept : null } }),
      ...(securityContext.seccompProfile?.type === 'Unconfined' && { seccompProfile: runtimeDefault }),
    }),
  };
}

/** Restricted lets a container keep NET_BIND_SERVICE, and nothing else that it adds. */
function capabilityChanges({ capabilities = {} }: ContainerSecurityContext): Changes {
  const { add = [], drop = [] } = capabilities;
  const kept = add.filter((name) => capabilitiesAtRestricted.has(name));
  return nonEmpty('capabilities', {
    ...(!drop.includes('ALL') && { drop: ['ALL'] }),
    ...(kept.length < add.length && { add: kept.length > 0 ? kept : null }),
  });
}

const volumesFor = (container: ContainerSpec, written: WrittenPaths): readonly Changes[] =>
  pathsToMount(container, written.get(container.name)).map((path) => emptyDirAt(container.name, path).volume);

/** Nothing is mounted where the container has a root that it may write to anyway, or a mount of its own. */
function pathsToMount(container: ContainerSpec, paths: readonly string[] | undefined): readonly string[] {
  if (!paths || container.securityContext?.readOnlyRootFilesystem === false) return [];
  const mounted = new Set(
    (container.volumeMounts ?? []).map(({ mountPath }) => mountPath.replace(/\/+$/, '')),
  );
  return [...new Set(['/tmp', ...paths])].filter((path) => !mounted.has(path.replace(/\/+$/, '')));
}

const nonEmpty = (name: string, value: object): Changes =>
  Object.keys(value).length > 0 ? { [name]: value } : {};
