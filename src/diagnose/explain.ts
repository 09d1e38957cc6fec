// Reads whatever people paste: one message, the output of kubectl, Events, the end of a log; and says what failed in it.

import type { Told } from '../model/told.ts';
import { redacted } from '../redact/redacted.ts';
import { completed } from './explain/completed.ts';
import { deniedIn } from './explain/denied.ts';
import { describedIn, type Described } from './explain/described.ts';
import { kubeletSaid } from './explain/kubelet-said.ts';
import { merged } from './explain/merged.ts';
import { podSecuritySaid } from './explain/pod-security-said.ts';
import { runtimeSaid } from './explain/runtime-said.ts';
import type { Said } from './explain/said.ts';
import { type Part, windowsOf } from './explain/windows.ts';
import { refusingPolicy, type RefusingPolicy } from './other-admission.ts';

/** What a text says. */
export type Heard = {
  /** In the order of the objects that it describes; of each, what the kubelet says first, then the others. */
  readonly findings: readonly Told[];
  /** Where it tells of no failure of ours, but another policy refused a pod because it might run as root. */
  readonly refusedBy?: RefusingPolicy;
  /** Containers that ended in failure, of which the text does not say why. */
  readonly ended?: readonly Ended[];
};

export type Ended = {
  readonly container: string;
  readonly pod?: string;
  readonly namespace?: string;
  readonly exitCode: number;
};

/**
 * Everything in a text that one of our readers recognises. Half a sentence in the midst of other words is nothing, and
 * what the text does not say is not filled in. No part of the text is kept but names, paths and the words of kubelets
 * and API servers; secrets are taken out first.
 */
export function explainText(text: string): Heard {
  const safe = redacted(text).replaceAll(/\r\n?/g, '\n');
  const lines = safe.split('\n');
  const objects = describedIn(lines);
  const sentences = sentencesIn(lines);
  const isTaken = takenBy(sentences);
  const said = [...sentences, ...deniedIn(lines, isTaken, objects)].toSorted(inOrderOf(objects));
  const findings = merged(said.map((one) => completed(one, lines, objects)));
  const refusedBy = findings.length === 0 ? refusingPolicy(safe) : undefined;
  const ended = endedIn(objects, findings);
  return { findings, ...(refusedBy && { refusedBy }), ...(ended.length > 0 && { ended }) };
}

/** Ended containers that are told of, one by one. */
const maxEnded = 20;

function endedIn(objects: readonly Described[], findings: readonly Told[]): readonly Ended[] {
  const explained = new Set(findings.map(({ pod, container }) => `${pod.name}/${container.name}`));
  return objects
    .filter(({ isPod }) => isPod)
    .flatMap(({ name: pod, namespace, containers }) =>
      containers.flatMap(({ name, exitCode }) =>
        exitCode === undefined || explained.has(`${pod}/${name}`)
          ? []
          : [{ container: name, pod, ...(namespace !== undefined && { namespace }), exitCode }],
      ),
    )
    .slice(0, maxEnded);
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
