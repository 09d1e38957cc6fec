// Pod Security admission's own decision about a pod, in its own order and words, as Kubernetes 1.37 makes it.

import type { PodManifest } from '../../model/pod-manifest.ts';
import type { PodSecurityPolicy, Violation } from '../../model/pod-security.ts';
import { admitted } from './admitted.ts';
import { checksAt } from './checks.ts';

/**
 * What Pod Security refuses of a pod at a level and version, in the API server's own order and words; empty: admitted.
 *
 * The manifest may be the pod itself or the template that it is made from: what the API server fills in before it
 * judges is filled in here. Versions from the future are judged as the latest. Exemptions are not known here.
 */
export function podSecurityViolations(
  manifest: PodManifest,
  policy: PodSecurityPolicy,
): readonly Violation[] {
  const pod = admitted(manifest);
  return checksAt(policy).flatMap(({ level, check }) => {
    const refusal = check(pod);
    return refusal === undefined ? [] : [{ ...refusal, level }];
  });
}

/** `runAsNonRoot != true (pod or container "app" must set …), …`: the text behind `violates PodSecurity "…": `. */
export function violationsText(violations: readonly Violation[]): string {
  return violations
    .map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`))
    .join(', ');
}
