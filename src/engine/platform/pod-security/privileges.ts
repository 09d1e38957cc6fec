// What gives a single container more than others have: privileged, privilege escalation, an unmasked /proc.

import type { PodManifest } from '../../model/pod-manifest.ts';
import type { FailedCheck } from './check.ts';
import { containersOf } from '../kubernetes/pod-containers.ts';
import { containersText, containersThat } from './setters.ts';
import { quoted, sortedOnce } from './words.ts';

export function refusedPrivileged(pod: PodManifest): FailedCheck | undefined {
  const containers = containersThat(pod, ({ privileged }) => privileged === true);
  if (containers.length === 0) return undefined;
  const detail = `${containersText(containers)} must not set securityContext.privileged=true`;
  return { reason: 'privileged', detail, containers };
}

/** An absent field counts as true. */
export function refusedEscalation(pod: PodManifest): FailedCheck | undefined {
  const containers = containersThat(
    pod,
    ({ allowPrivilegeEscalation }) => allowPrivilegeEscalation !== false,
  );
  if (containers.length === 0) return undefined;
  const detail = `${containersText(containers)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: 'allowPrivilegeEscalation != false', detail, containers };
}

export function refusedProcMount(pod: PodManifest): FailedCheck | undefined {
  const isRefused = (procMount: string | undefined): procMount is string =>
    procMount !== undefined && procMount !== 'Default';
  const containers = containersThat(pod, ({ procMount }) => isRefused(procMount));
  if (containers.length === 0) return undefined;
  const types = containersOf(pod)
    .map(({ securityContext }) => securityContext?.procMount)
    .filter(isRefused);
  const detail = `${containersText(containers)} must not set securityContext.procMount to ${quoted(sortedOnce(types))}`;
  return { reason: 'procMount', detail, containers };
}
