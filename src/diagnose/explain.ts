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
import { plainLines } from './explain/plain-lines.ts';
import { ranks, type Said } from './explain/said.ts';
import { unwrappedText } from './explain/unwrapped-text.ts';
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
  const lines = plainLines(safe.split('\n'));
  const objects = describedIn(lines);
  const findings = merged(toldIn(lines, objects));
  const refusedBy = findings.length === 0 ? refusingPolicy(safe) : undefined;
  const ended = endedIn(objects, findings);
  return { findings, ...(refusedBy && { refusedBy }), ...(ended.length > 0 && { ended }) };
}

/** What a message in several lines says, and what it says in one line: names may stand far from the words. */
function toldIn(lines: readonly string[], objects: readonly Described[]): readonly Told[] {
  const said = saidIn(lines, objects);
  const told = said.map((one) => completed(one, lines, objects));
  const whole = objects.length === 0 && said.length < 2 ? unwrappedText(lines) : undefined;
  if (whole === undefined) return told;
  const joined = saidIn([whole], []);
  const again = joined.map((one) => completed(one, [whole], []));
  // Lines of a log are messages of their own; a runtime's error is one.
  if (runtimesOwn.test(whole) && said.every(isOfLog)) return again;
  return [...told, ...again.filter((_, at) => joined[at] && !isOfLog(joined[at]))];
}

const runtimesOwn =
  /OCI runtime (?:create|exec) failed|runc create failed|container create failed|failed to (?:create|start) (?:containerd task|shim task|container)/;

const isOfLog = ({ rank }: Said): boolean => rank === ranks.log;

function saidIn(lines: readonly string[], objects: readonly Described[]): readonly Said[] {
  const sentences = sentencesIn(lines);
  const isTaken = takenBy(sentences);
  return [...sentences, ...deniedIn(lines, isTaken, objects)].toSorted(inOrderOf(objects));
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
