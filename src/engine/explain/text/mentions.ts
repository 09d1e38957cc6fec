// Everything that our readers recognise in a text, in order.

import type { Cause } from '../../model/cause.ts';
import type { Reading } from './context.ts';
import { deniedIn } from './denials.ts';
import type { Described } from './description.ts';
import type { Mention } from './mention.ts';
import { sentencesIn } from './sentences.ts';

/** By the object that is described around it, then by rank, then by line. */
export function mentionsIn(reading: Reading): readonly Mention[] {
  const { lines, objects } = reading;
  const sentences = bestOfLines(sentencesIn(lines));
  const taken = new Set(sentences.flatMap(linesOf));
  const denials = deniedIn(reading, (line) => taken.has(line));
  return [...sentences, ...denials].toSorted(inOrderOf(objects));
}

/** A kubelet's sentence says more than a refusal of Pod Security, and that more than a runtime or a log. */
const ranks: Readonly<Record<Cause, number>> = {
  RunAsUserIsRoot: 0,
  NonNumericUser: 0,
  ImageRunsAsRoot: 0,
  InvalidImageUID: 0,
  WindowsAdministrator: 0,
  PodSecurityViolation: 1,
  UserNotInImage: 3,
  NonRootPermissionDenied: 4,
};

/** A warning of Pod Security comes behind a refusal. */
const rankOf = ({ failure: { cause, enforced } }: Mention): number =>
  ranks[cause] + (enforced === false ? 1 : 0);

/** What stands in one line is one message: only what ranks first counts. */
function bestOfLines(said: readonly Mention[]): readonly Mention[] {
  const best = new Map<number, number>();
  for (const one of said)
    for (const line of linesOf(one)) best.set(line, Math.min(rankOf(one), best.get(line) ?? rankOf(one)));
  return said.filter((one) => linesOf(one).every((line) => best.get(line) === rankOf(one)));
}

const linesOf = ({ from, to }: Mention): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

function inOrderOf(objects: readonly Described[]): (a: Mention, b: Mention) => number {
  const objectOf = ({ from }: Mention): number =>
    objects.findIndex((one) => one.from <= from && from < one.to);
  return (a, b) => objectOf(a) - objectOf(b) || rankOf(a) - rankOf(b) || a.from - b.from;
}
