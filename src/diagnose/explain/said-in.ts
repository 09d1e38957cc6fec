// Everything that our readers recognise in a text, in order.

import { deniedIn } from './denied.ts';
import type { Described } from './described.ts';
import { kubeletSaid } from './kubelet-said.ts';
import { podSecuritySaid } from './pod-security-said.ts';
import { runtimeSaid } from './runtime-said.ts';
import type { Said } from './said.ts';
import { type Part, windowsOf } from './windows.ts';

/** By the object that is described around it, then by rank, then by line. */
export function saidIn(lines: readonly string[], objects: readonly Described[]): readonly Said[] {
  const sentences = sentencesIn(lines);
  const isTaken = takenBy(sentences);
  return [...sentences, ...deniedIn(lines, isTaken, objects)].toSorted(inOrderOf(objects));
}

const readers: readonly ((window: Part) => readonly Said[])[] = [kubeletSaid, podSecuritySaid, runtimeSaid];

/** Of what stands in one line, only what ranks first. */
function sentencesIn(lines: readonly string[]): readonly Said[] {
  const windows = windowsOf(lines);
  const said = readers.flatMap((read) => windows.flatMap(read));
  const best = new Map<number, number>();
  for (const one of said)
    for (const line of linesOf(one)) best.set(line, Math.min(one.rank, best.get(line) ?? one.rank));
  return said.filter((one) => linesOf(one).every((line) => best.get(line) === one.rank));
}

const linesOf = ({ from, to }: Said): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

function takenBy(said: readonly Said[]): (line: number) => boolean {
  const taken = new Set(said.flatMap(linesOf));
  return (line) => taken.has(line);
}

function inOrderOf(objects: readonly Described[]): (a: Said, b: Said) => number {
  const objectOf = ({ from }: Said): number => objects.findIndex((one) => one.from <= from && from < one.to);
  return (a, b) => objectOf(a) - objectOf(b) || a.rank - b.rank || a.from - b.from;
}
