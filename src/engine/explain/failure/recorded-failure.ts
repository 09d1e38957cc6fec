// A reported failure as a finding is printed: the policy of Pod Security is text.

import type { ReportedFailure } from '../../model/reported-failure.ts';
import { policyText } from '../../platform/pod-security/pod-security-labels.ts';

export type RecordedFailure = Omit<ReportedFailure, 'policy'>;

export function recordedFailure(failure: ReportedFailure): RecordedFailure {
  const { cause, container, image, pod, message, policy, ...rest } = failure;
  const family = policy && policyText(policy);
  return { cause, container, image, pod, message, ...(family !== undefined && { family }), ...rest };
}
