// A change of some containers of a pod, as the lists of a patch.

import type { ContainerSpec, PodManifest } from '../../model/pod-manifest.ts';
import { present } from '../../platform/data/field.ts';

export type Changes = Readonly<Record<string, unknown>>;

/** With the init containers first, as a pod is written; a container for which nothing changes is left out. */
export function changedContainers(
  { spec }: PodManifest,
  changesOf: (container: ContainerSpec) => Changes,
): Changes {
  const changed = (list: readonly ContainerSpec[] = []): readonly Changes[] | undefined => {
    const items = list.flatMap((one) => {
      const changes = changesOf(one);
      return Object.keys(changes).length > 0 ? [{ name: one.name, ...changes }] : [];
    });
    return items.length > 0 ? items : undefined;
  };
  return present({ initContainers: changed(spec.initContainers), containers: changed(spec.containers) });
}

export const nonEmpty = (name: string, value: object): Changes =>
  Object.keys(value).length > 0 ? { [name]: value } : {};

export const listed = (name: string, items: readonly object[]): Changes =>
  items.length > 0 ? { [name]: items } : {};
