// What Pod Security asks in the namespace, and what it would refuse of these pods if it asked for restricted.

import type { NamespaceAdvice } from '../../model/diagnosis.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import type { Namespace } from '../../model/snapshot.ts';
import { namespaceLevels, policyText } from '../../platform/pod-security/pod-security-labels.ts';
import { podSecurityViolations } from '../../platform/pod-security/pod-security.ts';

/** @param made the pod as the workload makes it now */
export function namespaceAdvice({ podSecurity }: Namespace, made: PodManifest): NamespaceAdvice {
  const { enforce, warn, audit } = namespaceLevels(podSecurity);
  const refused = podSecurityViolations(made, { level: 'restricted', version: 'latest' });
  return {
    ...(enforce && { enforce: policyText(enforce) }),
    ...(warn && { warn: policyText(warn) }),
    ...(audit && { audit: policyText(audit) }),
    refusedAtRestricted: refused.map(({ reason }) => reason),
  };
}
