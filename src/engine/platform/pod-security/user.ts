// Who the containers run as: runAsNonRoot is demanded, uid 0 is refused.

import type { PodManifest } from '../../model/pod-manifest.ts';
import type { FailedCheck } from './check.ts';
import { containersText, containersThat, isNobody, namedIn, settersOf, settersText } from './setters.ts';

/** An explicit false hides the containers that merely lack the field. */
export function refusedRunAsNonRoot(pod: PodManifest): FailedCheck | undefined {
  const setters = settersOf(pod, ({ runAsNonRoot }) => runAsNonRoot === false);
  if (isNobody(setters)) return missingRunAsNonRoot(pod);
  return {
    reason: 'runAsNonRoot != true',
    detail: `${settersText(setters)} must not set securityContext.runAsNonRoot=false`,
    ...namedIn(setters),
  };
}

function missingRunAsNonRoot(pod: PodManifest): FailedCheck | undefined {
  if (pod.spec.securityContext?.runAsNonRoot === true) return undefined;
  const containers = containersThat(pod, ({ runAsNonRoot }) => runAsNonRoot === undefined);
  if (containers.length === 0) return undefined;
  return {
    reason: 'runAsNonRoot != true',
    detail: `pod or ${containersText(containers)} must set securityContext.runAsNonRoot=true`,
    containers,
  };
}

export function refusedRunAsUser(pod: PodManifest): FailedCheck | undefined {
  const setters = settersOf(pod, ({ runAsUser }) => runAsUser === 0);
  if (isNobody(setters)) return undefined;
  return {
    reason: 'runAsUser=0',
    detail: `${settersText(setters)} must not set runAsUser=0`,
    ...namedIn(setters),
  };
}
