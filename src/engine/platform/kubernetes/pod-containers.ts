// The containers of a pod manifest: listed with their types, or each replaced by another.

import type { ContainerList, ContainerSpec, PodManifest } from '../../model/pod-manifest.ts';
import type { ContainerType, Listed } from '../../model/pod.ts';
import { present } from '../data/field.ts';

/** Init containers, then containers, then ephemeral ones, each as the spec orders them. */
export const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

export const listOf: Readonly<Record<ContainerType, ContainerList>> = {
  InitContainer: 'initContainers',
  Sidecar: 'initContainers',
  Container: 'containers',
  EphemeralContainer: 'ephemeralContainers',
};

export function containersOf<C extends ContainerSpec>({ spec }: PodManifest<C>): readonly Listed<C>[] {
  return containerLists.flatMap((list) => (spec[list] ?? []).map((container) => listed(container, list)));
}

const listed = <C extends ContainerSpec>(container: C, list: ContainerList): Listed<C> => ({
  ...container,
  type: typeOf(list, container),
  image: container.image ?? '',
});

function typeOf(list: ContainerList, { restartPolicy }: ContainerSpec): ContainerType {
  if (list === 'initContainers') return restartPolicy === 'Always' ? 'Sidecar' : 'InitContainer';
  return list === 'containers' ? 'Container' : 'EphemeralContainer';
}

export const containerNamed = <C extends ContainerSpec>(manifest: PodManifest<C>, name: string) =>
  containersOf(manifest).find((container) => container.name === name);

/** The manifest with each of its containers replaced. */
export function mapContainers<C extends ContainerSpec, D extends ContainerSpec>(
  { spec, ...rest }: PodManifest<C>,
  change: (container: C, list: ContainerList) => D,
): PodManifest<D> {
  const { initContainers, containers, ephemeralContainers, ...pod } = spec;
  return {
    ...rest,
    spec: present({
      ...pod,
      initContainers: initContainers?.map((one) => change(one, 'initContainers')),
      containers: containers.map((one) => change(one, 'containers')),
      ephemeralContainers: ephemeralContainers?.map((one) => change(one, 'ephemeralContainers')),
    }),
  };
}
