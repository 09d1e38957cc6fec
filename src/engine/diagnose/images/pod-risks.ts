// What the pod itself adds to the risks of its image's user: what it starts instead, where, and on which volumes.

import type { Risk } from '../../model/image.ts';
import type { PodManifest, Volume, VolumeMount } from '../../model/pod-manifest.ts';
import type { Container } from '../../model/pod.ts';

const notChecked = (detail: string): Risk => ({ code: 'NotChecked', detail });

/** What the layers of the image cannot say. */
export function podRisks(container: Container, { spec }: PodManifest): readonly Risk[] {
  const { command, args, workingDir, ports = [], volumeMounts = [], securityContext } = container;
  const low = spec.securityContext?.sysctls?.some(({ name }) => name === unprivilegedPorts)
    ? []
    : ports.filter(({ containerPort = 0 }) => containerPort > 0 && containerPort < 1024);
  const own = command ? 'command' : args && 'args';
  return [
    ...(own ? [notChecked(`the pod's own ${own}: only what the image starts is checked`)] : []),
    ...(workingDir === undefined ? [] : [notChecked("the pod's own workingDir")]),
    ...(securityContext?.readOnlyRootFilesystem ? [notChecked('what is written to a read-only root')] : []),
    ...low.slice(0, 1).map(({ containerPort }) => lowPort(containerPort)),
    ...volumeMounts.flatMap((mount) => volumeRisk(mount, spec)).slice(0, mostVolumes),
  ];
}

const unprivilegedPorts = 'net.ipv4.ip_unprivileged_port_start';
const mostVolumes = 3;

const lowPort = (port: number | undefined): Risk => ({
  code: 'PrivilegedPort',
  detail: `containerPort ${port} is below 1024, where some nodes let only root listen`,
});

/** Volumes that all may write to, or none; of others the storage decides, and a group helps where the kubelet sets it. */
const known = new Set(['emptyDir', 'configMap', 'secret', 'projected', 'downwardAPI', 'image']);
const withGroup = new Set(['persistentVolumeClaim', 'ephemeral', 'csi']);

function volumeRisk(
  { name, readOnly }: VolumeMount,
  { volumes = [], securityContext }: PodManifest['spec'],
): readonly Risk[] {
  const volume = volumes.find((one) => one.name === name);
  if (!volume || readOnly === true || sourceOf(volume) === undefined) return [];
  const isGiven = securityContext?.fsGroup !== undefined && withGroup.has(sourceOf(volume) ?? '');
  return isGiven ? [] : [notChecked(`who may write to volume ${name}`)];
}

/** Of what is not known; undefined for the others. */
const sourceOf = (volume: Volume): string | undefined =>
  Object.keys(volume).find((field) => field !== 'name' && !known.has(field));
