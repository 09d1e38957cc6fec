// Beyond what any Pod Security level asks for: a root file system that no program can change.

import type { Alternative } from '../../model/fix.ts';
import type { ContainerSpec } from '../../model/pod-manifest.ts';
import { containersOf } from '../../platform/kubernetes/pod-containers.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { patchedManifest } from '../../platform/kubernetes/strategic-merge.ts';
import type { FixInput, Pods } from '../fix-input.ts';
import { changedContainers, listed } from '../patch/changed-containers.ts';
import { emptyDirAt } from '../patch/empty-dir.ts';
import { objectPatch } from '../patch/object-patch.ts';
import { mergedPatch } from '../patch/patch-merge.ts';

/**
 * Of the containers whose image was read: each gets an empty directory at /tmp and at each VOLUME. What else a program
 * writes to is not known before it runs.
 */
export function readOnlyRoot(
  { images, isWindows }: FixInput,
  pods: Pods,
  patch: PodPatch,
): readonly Alternative[] {
  const manifest = patchedManifest(pods.template.manifest, patch);
  const isChanged = ({ name, securityContext }: ContainerSpec): boolean =>
    images.get(name)?.volumes !== undefined && securityContext?.readOnlyRootFilesystem === undefined;
  const dirsOf = (container: ContainerSpec) =>
    unmounted(['/tmp', ...(images.get(container.name)?.volumes ?? [])], container).map((path) =>
      emptyDirAt(container.name, path),
    );
  const lists = changedContainers(manifest, (container) =>
    isChanged(container)
      ? {
          securityContext: { readOnlyRootFilesystem: true },
          ...listed(
            'volumeMounts',
            dirsOf(container).map(({ mount }) => mount),
          ),
        }
      : {},
  );
  if (isWindows || Object.keys(lists).length === 0) return [];
  const dirs = containersOf(manifest).filter(isChanged).flatMap(dirsOf);
  const volumes = listed(
    'volumes',
    dirs.map(({ volume }) => volume),
  );
  const order = containersOf(manifest).map(({ name }) => name);
  const paths = [...new Set(dirs.map(({ mount }) => mount.mountPath))];
  return [
    {
      summary: `the same with a read-only root file system${hidden(paths)}; writes to other paths fail`,
      certainty: 'TestFirst',
      patch: objectPatch(mergedPatch(patch, { spec: { ...lists, ...volumes } }, order), pods),
    },
  ];
}

const hidden = (paths: readonly string[]): string =>
  paths.length === 0 ? '' : `, with an emptyDir that hides what the image has at ${paths.join(', ')}`;

/** Where the container has a mount of its own, it can write already, or is meant not to. */
function unmounted(paths: readonly string[], { volumeMounts = [] }: ContainerSpec): readonly string[] {
  const withoutSlash = (path: string): string => path.replace(/\/+$/, '');
  const mounted = new Set(volumeMounts.map(({ mountPath }) => withoutSlash(mountPath)));
  return [...new Set(paths)].filter((path) => !mounted.has(withoutSlash(path)));
}
