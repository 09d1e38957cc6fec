// What reaches out of the pod into its node: namespaces, ports, Windows host processes, probes of other hosts.

import type { ContainerSpec, HostHandler, PodManifest } from '../../model/pod-manifest.ts';
import type { FailedCheck } from './check.ts';
import { containersOf } from '../kubernetes/pod-containers.ts';
import { containersText, containersThat, isNobody, namedIn, settersOf, settersText } from './setters.ts';
import { plural, quoted, sortedOnce, verb } from './words.ts';

export function refusedNamespaces({ spec }: PodManifest): FailedCheck | undefined {
  const fields = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
  if (fields.length === 0) return undefined;
  const detail = fields.map((field) => `${field}=true`).join(', ');
  return { reason: 'host namespaces', detail, pod: true };
}

export function refusedHostPorts(pod: PodManifest): FailedCheck | undefined {
  const containers = containersThat(pod, (_, container) => hostPortsOf(container).length > 0);
  if (containers.length === 0) return undefined;
  const ports = sortedOnce(containersOf(pod).flatMap(hostPortsOf));
  return {
    reason: 'hostPort',
    detail: `${containersText(containers)} ${verb('use', containers)} ${plural('hostPort', ports)} ${ports.join(', ')}`,
    containers,
  };
}

const hostPortsOf = ({ ports = [] }: ContainerSpec): readonly string[] =>
  ports.flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []));

export function refusedHostProcess(pod: PodManifest): FailedCheck | undefined {
  const setters = settersOf(pod, ({ windowsOptions }) => windowsOptions?.hostProcess === true);
  if (isNobody(setters)) return undefined;
  return {
    reason: 'hostProcess',
    detail: `${settersText(setters)} must not set securityContext.windowsOptions.hostProcess=true`,
    ...namedIn(setters),
  };
}

/** The one check that sorts the containers by name. */
export function refusedProbeHosts(pod: PodManifest): FailedCheck | undefined {
  const containers = sortedOnce(containersThat(pod, (_, container) => hostsCalledBy(container).length > 0));
  if (containers.length === 0) return undefined;
  const hosts = sortedOnce(containersOf(pod).flatMap(hostsCalledBy));
  return {
    reason: 'probe or lifecycle host',
    detail: `${containersText(containers)} ${verb('use', containers)} ${plural('probe or lifecycle host', hosts)} ${quoted(hosts)}`,
    containers,
  };
}

function hostsCalledBy(container: ContainerSpec): readonly string[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  return [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(
    hostsOf,
  );
}

const hostsOf = (handler: HostHandler | undefined): readonly string[] =>
  [handler?.httpGet?.host, handler?.tcpSocket?.host].flatMap((host) => (host ? [host] : []));
