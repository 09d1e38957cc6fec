// Makes one finding of all that say the same.

import type { ReportedFailure } from '../../model/reported-failure.ts';
import { policyText } from '../../platform/pod-security/pod-security-labels.ts';

/**
 * Of two about the same matter, the one that says more stays, in the place of the first. Same is what no field
 * contradicts, where one has all that the other has.
 */
export function distinctFailures(all: readonly ReportedFailure[]): readonly ReportedFailure[] {
  const kept: { failure: ReportedFailure; parts: IdentityParts }[] = [];
  const seen = new Set<string>();
  for (const failure of all) {
    const parts = partsOf(failure);
    const identity = JSON.stringify(parts);
    if (seen.has(identity)) continue;
    seen.add(identity);
    const same = kept.find((other) => holds(other.parts, parts) || holds(parts, other.parts));
    if (!same && kept.length < maxFailures) kept.push({ failure, parts });
    else if (same && !holds(same.parts, parts)) Object.assign(same, { failure, parts });
  }
  return kept.map(({ failure }) => failure);
}

/** A log of a whole cluster has more than a person reads. */
const maxFailures = 1000;

type IdentityParts = readonly (string | number | boolean | undefined)[];

/** Whether one says all that the other says. */
const holds = (more: IdentityParts, less: IdentityParts): boolean =>
  less.every((part, index) => part === undefined || part === more[index]);

const partsOf = ({
  cause,
  container,
  image,
  pod,
  policy,
  violations,
  ...rest
}: ReportedFailure): IdentityParts => [
  cause,
  container.name,
  container.type,
  image.user,
  image.reference,
  cause === 'PodSecurityViolation' ? generatedFrom(pod.name) : pod.name,
  pod.namespace,
  rest.workload && JSON.stringify(rest.workload),
  rest.family,
  rest.path,
  rest.port,
  rest.enforced,
  policy && policyText(policy),
  violations && violations.length > 0 ? JSON.stringify(violations) : undefined,
];

/** A refused pod never was; the next attempt gives it another name, made from the same beginning. */
const generatedFrom = (name: string | undefined): string | undefined =>
  name?.replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}$/, '-');
