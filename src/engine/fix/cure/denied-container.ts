// A container whose program lacks a permission, as its cures see it.

import type { Finding } from '../../model/finding.ts';
import type { ContainerList, ContainerSpec, PodManifest } from '../../model/pod-manifest.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';

export type DeniedContainer = {
  readonly finding: Finding;
  readonly container: ContainerSpec;
  readonly list: ContainerList;
  readonly manifest: PodManifest;
  readonly uid?: number;
  readonly gid?: number;
  /** Nothing is known of the pod but what a text says, not even the image, so that there may be volumes. */
  readonly isFromText: boolean;
};

/** The log alone does not say which it is. */
export const uidWords = ({ uid }: DeniedContainer): string => (uid === undefined ? 'its uid' : `uid ${uid}`);

export const inContainer = ({ list, container }: DeniedContainer, fields: object): PodPatch => ({
  spec: { [list]: [{ name: container.name, ...fields }] },
});

export const pathsOf = ({ finding: { path, paths } }: DeniedContainer): readonly string[] =>
  paths ?? (path === undefined ? [] : [path]);

/** The image's own group, which Kubernetes drops from USER, or that of the process; never root's. */
export const groupOf = ({ finding, gid, uid }: DeniedContainer): number | undefined =>
  [finding.image.uid === uid ? finding.image.userGroup : undefined, gid].find(
    (id) => id !== undefined && id > 0,
  );
