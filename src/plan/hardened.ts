// Everything that Pod Security level restricted asks for, added to a patch that makes a workload start.

import type { ContainerSecurityContext, ContainerSpec, PodManifest } from '../model/pod-manifest.ts';
import { containersOf } from '../platform/kubelet-user.ts';
import type { PodPatch } from '../platform/strategic-merge.ts';
import { patchedManifest } from '../platform/strategic-merge.ts';
import { sha256Hex } from './diagnosis-name.ts';

type Changes = Record<string, unknown>;

/** Paths that an image is known to write to, by container; a container that is not in it keeps a writable root. */
export type WrittenPaths = ReadonlyMap<string, readonly string[]>;

/**
 * The smallest patch and what restricted asks beyond it, of the containers that the template lists. What is already as
 * restricted wants it is left as it is.
 */
export function hardened(
  smallest: PodPatch,
  template: PodManifest,
  written: WrittenPaths,
  isWindows: boolean,
): PodPatch {
  const patched = patchedManifest(template, smallest);
  const pod = podChanges(patched, isWindows);
  const containers = isWindows ? [] : containersOf(patched).map((one) => containerChanges(one, written));
  const ours = new Map(containers.map((change) => [change['name'], change]));
  const listed = (list: 'initContainers' | 'containers'): Changes => {
    const changes = (patched.spec[list] ?? []).flatMap(({ name }) => ours.get(name) ?? []);
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
  return merged(smallest, extra);
}

const allowedProfiles: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost']);

function podChanges({ spec }: PodManifest, isWindows: boolean): Changes {
  const { runAsNonRoot, seccompProfile } = spec.securityContext ?? {};
  const isConfined = isWindows || (seccompProfile && allowedProfiles.has(seccompProfile.type));
  return {
    ...(runAsNonRoot !== true && { runAsNonRoot: true }),
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
    securityContext: {
      ...(context.runAsNonRoot === false && { runAsNonRoot: true }),
      ...(context.privileged === true && { privileged: false }),
      ...(context.allowPrivilegeEscalation !== false && { allowPrivilegeEscalation: false }),
      ...capabilityChanges(context),
      ...(context.seccompProfile &&
        !allowedProfiles.has(context.seccompProfile.type) && { seccompProfile: { type: 'RuntimeDefault' } }),
      ...(paths && context.readOnlyRootFilesystem === undefined && { readOnlyRootFilesystem: true }),
    },
    ...(mounts.length > 0 && { volumeMounts: mounts }),
  };
}

/** Restricted lets a container keep NET_BIND_SERVICE, and nothing else that it adds. */
function capabilityChanges({ capabilities = {} }: ContainerSecurityContext): Changes {
  const { add = [], drop = [] } = capabilities;
  const kept = add.filter((name) => name === 'NET_BIND_SERVICE');
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
  const mounted = (container.volumeMounts ?? []).map(({ mountPath }) => mountPath.replace(/\/+$/, ''));
  return [...new Set(['/tmp', ...paths])].filter((path) => !mounted.includes(path.replace(/\/+$/, '')));
}

/** A DNS label that says what it is for: `app-var-cache`. */
function volumeName(container: string, path: string): string {
  const words = `${container}-${path}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return words.length <= 63 ? words : `${words.slice(0, 54)}-${sha256Hex(words).slice(0, 8)}`;
}

/** Two patches of one pod as one; what both say, the second one decides. */
function merged(first: PodPatch, second: PodPatch): PodPatch {
  return { spec: mergedMaps(first.spec ?? {}, second.spec ?? {}) };
}

type Fields = Readonly<Record<string, unknown>>;

function mergedMaps(first: Fields, second: Fields): Changes {
  const keys = [...new Set([...Object.keys(first), ...Object.keys(second)])];
  return Object.fromEntries(keys.map((key) => [key, mergedValues(first[key], second[key])]));
}

function mergedValues(first: unknown, second: unknown): unknown {
  if (second === undefined) return first;
  if (isNamedList(first) && isNamedList(second)) return mergedLists(first, second);
  return isFields(first) && isFields(second) ? mergedMaps(first, second) : second;
}

function mergedLists(first: readonly Fields[], second: readonly Fields[]): readonly Changes[] {
  const names = [...new Set([...second, ...first].map(({ name }) => name))];
  const find = (list: readonly Fields[], name: unknown): Fields =>
    list.find((one) => one['name'] === name) ?? {};
  return names.map((name) => mergedMaps(find(first, name), find(second, name)));
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNamedList = (value: unknown): value is readonly Fields[] =>
  Array.isArray(value) && value.every((item) => isFields(item) && typeof item['name'] === 'string');
