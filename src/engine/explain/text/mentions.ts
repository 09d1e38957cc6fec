// Everything that our readers recognise in a text, in order.

import { deniedIn } from './denials.ts';
import type { Described } from './description.ts';
import { kubeletMentions } from './kubelet-mentions.ts';
import { podSecurityMentions } from './pod-security-mentions.ts';
import { runtimeMentions } from './runtime-mentions.ts';
import type { Mention } from './mention.ts';
import { type Part, windowsOf } from './windows.ts';

/** By the object that is described around it, then by rank, then by line. */
export function mentionsIn(lines: readonly string[], objects: readonly Described[]): readonly Mention[] {
  const sentences = sentencesIn(lines);
  const isTaken = takenBy(sentences);
  return [...sentences, ...deniedIn(lines, isTaken, objects)].toSorted(inOrderOf(objects));
}

const readers: readonly ((window: Part) => readonly Mention[])[] = [
  kubeletMentions,
  podSecurityMentions,
  runtimeMentions,
];

/** Of what stands in one line, only what ranks first. */
function sentencesIn(lines: readonly string[]): readonly Mention[] {
  const windows = windowsOf(lines);
  const said = readers.flatMap((read) => windows.flatMap(read));
  const best = new Map<number, number>();
  for (const one of said)
    for (const line of linesOf(one)) best.set(line, Math.min(one.rank, best.get(line) ?? one.rank));
  return said.filter((one) => linesOf(one).every((line) => best.get(line) === one.rank));
}

const linesOf = ({ from, to }: Mention): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

function takenBy(said: readonly Mention[]): (line: number) => boolean {
  const taken = new Set(said.flatMap(linesOf));
  return (line) => taken.has(line);
}

function inOrderOf(objects: readonly Described[]): (a: Mention, b: Mention) => number {
  const objectOf = ({ from }: Mention): number =>
    objects.findIndex((one) => one.from <= from && from < one.to);
  return (a, b) => objectOf(a) - objectOf(b) || a.rank - b.rank || a.from - b.from;
}
