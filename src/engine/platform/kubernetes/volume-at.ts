// The volume that a path of a container lies on.

import type { ContainerSpec, PodManifest, Volume } from '../../model/pod-manifest.ts';

/** That of the deepest mount; undefined where the image itself has the path. */
export function volumeAt(
  path: string,
  { volumeMounts = [] }: ContainerSpec,
  { spec }: PodManifest,
): Volume | undefined {
  const mounts = volumeMounts.filter(
    ({ mountPath }) => path === mountPath || path.startsWith(`${mountPath.replace(/\/+$/, '')}/`),
  );
  const [deepest] = mounts.toSorted((a, b) => b.mountPath.length - a.mountPath.length);
  return (spec.volumes ?? []).find(({ name }) => name === deepest?.name);
}
