// Volumes: baseline refuses the node's paths, restricted all types but those that lead to nothing outside.

import type { PodManifest, Volume } from '../../model/pod-manifest.ts';
import type { FailedCheck } from './check.ts';
import { plural, quoted, sortedOnce, verb } from './words.ts';

export function refusedHostPaths({ spec }: PodManifest): FailedCheck | undefined {
  const names = (spec.volumes ?? []).filter((volume) => 'hostPath' in volume).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${plural('volume', names)} ${quoted(names)}`, pod: true };
}

const permitted = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** In the order in which they are looked for; a volume of any other type is called `unknown`. */
const refused = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
];

export function refusedVolumes({ spec }: PodManifest): FailedCheck | undefined {
  const volumes = (spec.volumes ?? []).filter((volume) => !isPermitted(volume));
  if (volumes.length === 0) return undefined;
  const names = volumes.map(({ name }) => name);
  const types = sortedOnce(volumes.map(typeOf));
  return {
    reason: 'restricted volume types',
    detail: `${plural('volume', names)} ${quoted(names)} ${verb('use', names)} ${plural('restricted volume type', types)} ${quoted(types)}`,
    pod: true,
  };
}

/** A volume that does not say what it is becomes an emptyDir. */
const isPermitted = (volume: Volume): boolean =>
  Object.keys(volume).length === 1 || permitted.some((type) => type in volume);

const typeOf = (volume: Volume): string => refused.find((type) => type in volume) ?? 'unknown';
