// What we say of a pod under a policy, and how that differs from what the API server says.

import type { PodSecurityPolicy } from '../../src/engine/model/pod-security.ts';
import { podManifestOf } from '../../src/engine/platform/kubernetes/pod-manifest.ts';
import { policyText } from '../../src/engine/platform/pod-security/pod-security-labels.ts';
import {
  podSecurityViolations,
  violationsText,
} from '../../src/engine/platform/pod-security/pod-security.ts';
import type { Pod } from './pod-security-pod.ts';
import type { Answers } from './pod-security-recorded.ts';

/**
 * One line for each policy about which we disagree; what was not judged proves nothing. The pod is read as any other,
 * from the object that was sent.
 */
export function disagreements(
  pod: Pod,
  policies: readonly PodSecurityPolicy[],
  answers: Answers,
): readonly string[] {
  const manifest = podManifestOf(pod);
  return policies.flatMap((policy, at) => {
    const ours = violationsText(podSecurityViolations(manifest, policy));
    const server = answers[at];
    if (server === undefined || server === ours) return [];
    return [`${policyText(policy)}: the API server says ${said(server)}, we say ${said(ours)}`];
  });
}

const said = (text: string): string => (text === '' ? 'nothing' : text);
