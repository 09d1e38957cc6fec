// Makes one finding of all that say the same.

import type { Told } from '../../model/told.ts';

/**
 * Of two about the same matter, the one that says more stays, in the place of the first. Same is what no field
 * contradicts, where one has all that the other has.
 */
export function merged(all: readonly Told[]): readonly Told[] {
  const kept: Told[] = [];
  const byIdentity = new Set<string>();
  for (const told of all) {
    const identity = JSON.stringify(told);
    if (byIdentity.has(identity)) continue;
    byIdentity.add(identity);
    const same = kept.findIndex((other) => holds(other, told) || holds(told, other));
    const other = kept[same];
    if (!other) kept.push(told);
    else if (!holds(other, told)) kept[same] = told;
  }
  return kept;
}

/** Whether `more` says all that `less` says. */
function holds(more: Told, less: Told): boolean {
  const [has, wants] = [partsOf(more), partsOf(less)];
  return wants.every((part, index) => part === undefined || part === has[index]);
}

const partsOf = ({ cause, container, image, pod, family, path, port, enforced, violations }: Told) => [
  cause,
  container.name,
  container.type,
  image.user,
  image.reference,
  cause === 'PodSecurityViolation' ? generatedFrom(pod.name) : pod.name,
  pod.namespace,
  family,
  path,
  port,
  enforced,
  violations && violations.length > 0 ? JSON.stringify(violations) : undefined,
];

/** A refused pod never was; the next attempt gives it another name, made from the same beginning. */
const generatedFrom = (name: string | undefined): string | undefined =>
  name?.replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}$/, '-');
