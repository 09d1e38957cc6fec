// What we say of a pod under a policy, and how that differs from what the API server says.

import type { PodSecurityPolicy } from '../../src/model/pod-security.ts';
import { podManifestOf } from '../../src/platform/pod-manifest.ts';
import { policyText } from '../../src/platform/pod-security-labels.ts';
import { podSecurityViolations, violationsText } from '../../src/platform/pod-security.ts';
import type { Pod } from './pod-security-pod.ts';
import type { Answers } from './pod-security-recorded.ts';

/** The pod is read as any other, from the object that was sent. */
export function ourText(pod: Pod, policy: PodSecurityPolicy): string {
  return violationsText(podSecurityViolations(podManifestOf(pod), policy));
}

/** One line for each policy about which we disagree; what was not judged proves nothing. */
export function disagreements(
  pod: Pod,
  policies: readonly PodSecurityPolicy[],
  answers: Answers,
): readonly string[] {
  return policies.flatMap((policy, at) => {
    const [server, ours] = [answers[at], ourText(pod, policy)];
    if (server === undefined || server === ours) return [];
    return [`${policyText(policy)}: the API server says ${said(server)}, we say ${said(ours)}`];
  });
}

const said = (text: string): string => (text === '' ? 'nothing' : text);
