// What gives a process that is not root the files on its volumes: a group, and for Secrets a mode.

import type { Volume } from '../../model/pod-manifest.ts';
import { volumeAt } from '../../platform/kubernetes/volume-at.ts';
import { manualCure, patchCure, type Cure } from './change.ts';
import type { DeniedContainer } from './denied-container.ts';
import { uidWords } from './denied-container.ts';

export function volumeCure(patient: DeniedContainer): Cure {
  const volume = volumeUnder(patient);
  return volume && hasOwnOwners(volume)
    ? manualCure(
        `give volume ${volume.name} to ${uidWords(patient)} on the storage side: fsGroup has no effect on it`,
      )
    : groupForVolumes(patient);
}

/** Any group would do; that of the process, if it has one of its own. Root's group is no way around permissions. */
export function groupForVolumes({ uid, gid, manifest }: DeniedContainer): Cure {
  const fsGroup = [gid, uid].find((id) => id !== undefined && id > 0);
  if (fsGroup === undefined || manifest.spec.securityContext?.fsGroup !== undefined)
    return manualCure('give the files on the volume to the group of the process on the storage side');
  return patchCure({
    summary: `fsGroup ${fsGroup}`,
    more: [{ spec: { securityContext: { fsGroup, fsGroupChangePolicy: 'OnRootMismatch' } } }],
    why: [
      `is in group ${fsGroup}, and the kubelet gives the files on the pod's volumes to that group; this takes long ` +
        'for many files, and NFS and some drivers ignore it',
    ],
  });
}

/** Files of a Secret belong to root; a group gets to read them by fsGroup and a mode. */
export function secretReadableByGroup(patient: DeniedContainer): Cure {
  const volume = volumeUnder(patient);
  const source = mountedFiles.find((kind) => volume && kind in volume);
  const group = groupForVolumes(patient);
  if (!volume || !source || !group.more)
    return manualCure(
      'let the group of the process read the files of the Secret: fsGroup, and defaultMode 0440',
    );
  const readable = { spec: { volumes: [{ name: volume.name, [source]: { defaultMode: 0o440 } }] } };
  return { ...group, summary: `${group.summary}, defaultMode 0440`, more: [...group.more, readable] };
}

/** Volumes of which the pod sets the modes. */
const mountedFiles = ['secret', 'projected', 'configMap'] as const;

export const isOfModes = (volume: Volume): boolean => mountedFiles.some((kind) => kind in volume);

/** The kubelet changes nothing on these. */
const hasOwnOwners = (volume: Volume): boolean => 'nfs' in volume || 'hostPath' in volume;

export const volumeUnder = (
  { finding, container, manifest }: DeniedContainer,
  path = finding.path ?? '',
): Volume | undefined => volumeAt(path, container, manifest);
