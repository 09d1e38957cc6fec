// What we say of a pod under a policy, and how that differs from what the API server says.

import type { PodSecurityPolicy } from '../../src/engine/model/pod-security.ts';
import { podManifestOf } from '../../src/engine/platform/kubernetes/pod-manifest.ts';
import { policyAtServer, policyText } from '../../src/engine/platform/pod-security/pod-security-labels.ts';
import {
  podSecurityViolations,
  violationsText,
} from '../../src/engine/platform/pod-security/pod-security.ts';
import type { Pod } from './pod-security-pod.ts';
import type { Answers } from './pod-security-recorded.ts';

/**
 * One line for each policy about which we disagree; what was not judged proves nothing. The pod is read as any other,
 * from the object that was sent.
 *
 * @param version of the API server that answered, `v1.36.3`
 */
export function disagreements(
  pod: Pod,
  policies: readonly PodSecurityPolicy[],
  answers: Answers,
  version: string,
): readonly string[] {
  const manifest = podManifestOf(pod);
  const minor = Number(version.split('.')[1]);
  return policies.flatMap((policy, at) => {
    const ours = violationsText(podSecurityViolations(manifest, policyAtServer(policy, minor)));
    const server = answers[at];
    if (server === undefined || server === ours) return [];
    return [`${policyText(policy)}: the API server says ${said(server)}, we say ${said(ours)}`];
  });
}

const said = (text: string): string => (text === '' ? 'nothing' : text);
