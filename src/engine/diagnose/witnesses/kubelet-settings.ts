// Whether the settings of a container allow what an Event or a record says: neither is believed against them.

import type { KubeletFailure } from '../../messages/kubelet/kubelet-message.ts';
import type { Container, Pod } from '../../model/pod.ts';
import { effective, verifyRunAsNonRoot } from '../../platform/kubelet/kubelet-user.ts';

/** False where the settings alone let the container pass. Windows, which an account's name shows, ignores runAsUser. */
export function canFail(container: Container, pod: Pod): boolean {
  const settings = effective(pod.manifest, container);
  const isWindows = settings.runAsUserName !== undefined && settings.runAsNonRoot === true;
  return isWindows || verifyRunAsNonRoot(settings, undefined).passes !== true;
}

/** The failure, unless the settings rule it out. */
export function ifPossible(
  failure: KubeletFailure | undefined,
  container: Container,
  pod: Pod,
): KubeletFailure | undefined {
  const settings = effective(pod.manifest, container);
  // Windows ignores runAsUser
  if (failure?.cause === 'WindowsAdministrator') return settings.runAsNonRoot === true ? failure : undefined;
  const verdict = verifyRunAsNonRoot(settings, undefined);
  if (verdict.passes === true) return undefined;
  const isRunAsUser = failure?.cause === 'RunAsUserIsRoot';
  return isRunAsUser === (verdict.passes === false) ? failure : undefined;
}
