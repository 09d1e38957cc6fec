// Everything that a Pod Security level asks for and a patch can give, added to a patch that makes a workload start.

import type { ContainerSecurityContext, ContainerSpec, PodManifest } from '../../model/pod-manifest.ts';
import { containersOf } from '../../platform/kubelet/kubelet-user.ts';
import {
  capabilitiesAtBaseline,
  capabilitiesAtRestricted,
} from '../../platform/pod-security/capabilities.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { patchedManifest } from '../../platform/kubernetes/strategic-merge.ts';
import { mergedPatch } from './patch-merge.ts';
import { volumeName } from './volume-name.ts';

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
  const containers = isWindows ? [] : containersOf(patched).map((one) => changesOf(one, written));
  const ours = new Map(containers.map((change): [unknown, Changes] => [change['name'], change]));
  const listed = (list: 'initContainers' | 'containers'): Changes => {
    const changes = (patched.spec[list] ?? [])
      .map(({ name }) => ours.get(name) ?? {})
      .filter((change) => Object.keys(change).length > 1);
    return changes.length > 0 ? { [list]: changes } : {};
  };
  const volumes = isWindows ? [] : containersOf(patched).flatMap((one) => volumesFor(one, written));
  const extra: PodPatch = {
    spec: {
      ...(Object.keys(pod).length > 0 && { securityContext: pod }),
      ...listed('initContainers'),
      ...listed('containers'),
      ...(volumes.length > 0 && { volumes }),
    },
  };
  const order = containersOf(patched).map(({ name }) => name);
  return mergedPatch(smallest, extra, order);
}

const allowedProfiles: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost']);

function podChanges({ spec }: PodManifest, isWindows: boolean): Changes {
  const { runAsNonRoot, runAsUser, seccompProfile } = spec.securityContext ?? {};
  const isConfined = isWindows || (seccompProfile && allowedProfiles.has(seccompProfile.type));
  return {
    ...(runAsNonRoot !== true && { runAsNonRoot: true }),
    ...(runAsUser === 0 && { runAsUser: null }),
    ...(!isConfined && { seccompProfile: { type: 'RuntimeDefault' } }),
  };
}

function containerChanges(container: ContainerSpec, written: WrittenPaths): Changes {
  const context = container.securityContext ?? {};
  const paths = written.get(container.name);
  const mounts = pathsToMount(container, paths).map((path) => ({
    name: volumeName(container.name, path),
    mountPath: path,
  }));
  return {
    name: container.name,
    ...nonEmpty('securityContext', {
      ...(context.runAsNonRoot === false && { runAsNonRoot: true }),
      ...(context.runAsUser === 0 && { runAsUser: null }),
      ...(context.privileged === true && { privileged: false }),
      ...(context.allowPrivilegeEscalation !== false && { allowPrivilegeEscalation: false }),
      ...capabilityChanges(context),
      ...(context.seccompProfile &&
        !allowedProfiles.has(context.seccompProfile.type) && { seccompProfile: { type: 'RuntimeDefault' } }),
      ...(paths && context.readOnlyRootFilesystem === undefined && { readOnlyRootFilesystem: true }),
    }),
    ...(mounts.length > 0 && { volumeMounts: mounts }),
  };
}

const baselinePod = ({ spec }: PodManifest): Changes =>
  spec.securityContext?.seccompProfile?.type === 'Unconfined'
    ? { seccompProfile: { type: 'RuntimeDefault' } }
    : {};

/** Baseline asks for nothing, and refuses what goes beyond a container's usual powers. */
function baselineChanges({ name, securityContext = {} }: ContainerSpec): Changes {
  const { add = [] } = securityContext.capabilities ?? {};
  const kept = add.filter((capability) => capabilitiesAtBaseline.has(capability));
  const changes = {
    ...(securityContext.privileged === true && { privileged: false }),
    ...(kept.length < add.length && { capabilities: { add: kept.length > 0 ? kept : null } }),
    ...(securityContext.seccompProfile?.type === 'Unconfined' && {
      seccompProfile: { type: 'RuntimeDefault' },
    }),
  };
  return { name, ...(Object.keys(changes).length > 0 && { securityContext: changes }) };
}

/** Restricted lets a container keep NET_BIND_SERVICE, and nothing else that it adds. */
function capabilityChanges({ capabilities = {} }: ContainerSecurityContext): Changes {
  const { add = [], drop = [] } = capabilities;
  const kept = add.filter((name) => capabilitiesAtRestricted.has(name));
  const changes = {
    ...(!drop.includes('ALL') && { drop: ['ALL'] }),
    ...(kept.length < add.length && { add: kept.length > 0 ? kept : null }),
  };
  return Object.keys(changes).length > 0 ? { capabilities: changes } : {};
}

const volumesFor = (container: ContainerSpec, written: WrittenPaths): readonly Changes[] =>
  pathsToMount(container, written.get(container.name)).map((path) => ({
    name: volumeName(container.name, path),
    emptyDir: {},
  }));

/** Nothing is mounted where the container has a root that it may write to anyway, or a mount of its own. */
function pathsToMount(container: ContainerSpec, paths: readonly string[] | undefined): readonly string[] {
  if (!paths || container.securityContext?.readOnlyRootFilesystem === false) return [];
  const mounted = new Set(
    (container.volumeMounts ?? []).map(({ mountPath }) => mountPath.replace(/\/+$/, '')),
  );
  return [...new Set(['/tmp', ...paths])].filter((path) => !mounted.has(path.replace(/\/+$/, '')));
}

const nonEmpty = (name: string, fields: Changes): Changes =>
  Object.keys(fields).length > 0 ? { [name]: fields } : {};
