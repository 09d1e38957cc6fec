// Capabilities: baseline lets containers add those that runtimes grant anyway, restricted one of them.

import type { ContainerSecurityContext, PodManifest } from '../../model/pod-manifest.ts';
import type { FailedCheck } from './check.ts';
import { containersOf } from '../kubernetes/pod-containers.ts';
import { containersText, containersThat } from './setters.ts';
import { quoted, sortedOnce } from './words.ts';

type CapabilityNames = ReadonlySet<string>;

/** What container runtimes give by default. */
export const capabilitiesAtBaseline: CapabilityNames = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

export const capabilitiesAtRestricted: CapabilityNames = new Set(['NET_BIND_SERVICE']);

export function refusedCapabilities(pod: PodManifest): FailedCheck | undefined {
  const containers = thatAddOthers(pod, capabilitiesAtBaseline);
  if (containers.length === 0) return undefined;
  return {
    reason: 'non-default capabilities',
    detail: addText(pod, containers, capabilitiesAtBaseline),
    containers,
  };
}

/** All must be dropped, by that name, even by a container that adds nothing. */
export function unrestrictedCapabilities(pod: PodManifest): FailedCheck | undefined {
  const keeping = containersThat(pod, ({ capabilities }) => !capabilities?.drop?.includes('ALL'));
  const adding = thatAddOthers(pod, capabilitiesAtRestricted);
  const details = [
    ...(keeping.length > 0 ? [`${containersText(keeping)} must set ${dropAll}`] : []),
    ...(adding.length > 0 ? [addText(pod, adding, capabilitiesAtRestricted)] : []),
  ];
  if (details.length === 0) return undefined;
  const containers = containersThat(pod, (_, { name }) => keeping.includes(name) || adding.includes(name));
  return { reason: 'unrestricted capabilities', detail: details.join('; '), containers };
}

const dropAll = 'securityContext.capabilities.drop=["ALL"]';

const othersIn = (context: ContainerSecurityContext, permitted: CapabilityNames): readonly string[] =>
  (context.capabilities?.add ?? []).filter((name) => !permitted.has(name));

const thatAddOthers = (pod: PodManifest, permitted: CapabilityNames): readonly string[] =>
  containersThat(pod, (context) => othersIn(context, permitted).length > 0);

function addText(pod: PodManifest, containers: readonly string[], permitted: CapabilityNames): string {
  const added = containersOf(pod).flatMap(({ securityContext }) =>
    othersIn(securityContext ?? {}, permitted),
  );
  return `${containersText(containers)} must not include ${quoted(sortedOnce(added))} in securityContext.capabilities.add`;
}
