// Reads what `kubectl describe` prints of an object: whose it is, and its containers with their states.

import type { ContainerType } from '../../model/pod.ts';
import { isLabel, isSubdomain } from '../../messages/kubelet/kubelet-suffix.ts';

export type Described = {
  /** Lines, up to the next object or the end of the text. */
  readonly from: number;
  readonly to: number;
  /** Where the table of Events is over, and with it what kubectl printed. */
  readonly end: number;
  readonly isPod: boolean;
  /** Absent where what was pasted begins below it. */
  readonly name?: string;
  readonly namespace?: string;
  readonly containers: readonly DescribedContainer[];
};

type DescribedContainer = {
  readonly name: string;
  /** Absent for one of the init containers, among which kubectl does not mark the sidecars. */
  readonly type?: ContainerType;
  readonly image?: string;
  readonly volumeMounts: readonly string[];
  /** Of its state and its last state. */
  readonly reasons: readonly string[];
  /** It runs and is ready, so that whatever Events say is over. */
  readonly isWell: boolean;
  /** How it last ended, where that was no success. */
  readonly exitCode?: number;
  /** Lines. */
  readonly from: number;
  readonly to: number;
};

/** Objects that are read in one text. */
const maxObjects = 1000;
/** Of one object: init containers, containers, ephemeral containers. */
const maxLists = 3;

/** In front of each line there may stand what quotes it. */
const nameLine = /^([ \t>|]*)Name:[ \t]+(\S{1,253})[ \t]*$/;

export function describedIn(lines: readonly string[]): readonly Described[] {
  const starts = lines
    .map((line, from) => ({ from, found: nameLine.exec(line) }))
    .filter(({ from, found }) => found !== null && namespaceNear(lines, from) !== undefined)
    .slice(0, maxObjects);
  const whole = starts.flatMap(({ from, found }, at) => {
    const [, prefix = '', name = ''] = found ?? [];
    const to = starts[at + 1]?.from ?? lines.length;
    return isSubdomain(name) ? describedAt(lines, from, to, prefix, name) : [];
  });
  return [...headless(lines.slice(0, starts[0]?.from)), ...whole];
}

/** A description that was pasted from its containers on. */
function headless(lines: readonly string[]): readonly Described[] {
  const from = lines.findIndex((line) => listLine.test(line));
  if (from < 0) return [];
  const own = lines.slice(from);
  const containers = containersIn(own, from).filter(({ image }) => image !== undefined);
  if (containers.length === 0) return [];
  const { to } = containers[containers.length - 1] ?? { to: from };
  const hasEvents = own.some((line) => line.startsWith('Events:'));
  const end = hasEvents ? from + endOfEvents(own) : to + 1;
  return [{ from, to: lines.length, end, isPod: true, containers }];
}

/** kubectl prints it right behind the name, and nothing else prints both in this way. */
function namespaceNear(lines: readonly string[], from: number): string | undefined {
  for (const line of lines.slice(from + 1, from + 3)) {
    const namespace = /^[ \t>|]*Namespace:[ \t]+(\S{1,63})[ \t]*$/.exec(line)?.[1];
    if (namespace !== undefined) return namespace;
  }
  return undefined;
}

function describedAt(
  lines: readonly string[],
  from: number,
  to: number,
  prefix: string,
  name: string,
): Described {
  const own = lines
    .slice(from, to)
    .map((line) => (line.startsWith(prefix) ? line.slice(prefix.length) : line));
  const namespace = namespaceNear(lines, from) ?? '';
  return {
    from,
    to,
    end: from + endOfEvents(own),
    isPod: own.some((line) => /^(?:(?:Init |Ephemeral )?Containers|Node):/.test(line)),
    name,
    ...(isLabel(namespace) && { namespace }),
    containers: containersIn(own, from),
  };
}

/** Its rows are indented; what follows an empty line, or has no indent and no key, is another text. */
function endOfEvents(lines: readonly string[]): number {
  const events = next(lines, 0, (line) => line.startsWith('Events:'));
  return next(lines, events + 1, (line) => !/^\s+\S/.test(line));
}

/** The number of the first line from here on that is such a line; behind the last where there is none. */
function next(lines: readonly string[], from: number, isIt: (line: string) => boolean): number {
  const at = lines.slice(from).findIndex(isIt);
  return at < 0 ? lines.length : from + at;
}

const listLine = /^([ \t]*)(Init Containers|Containers|Ephemeral Containers):[ \t]*$/;
const typeOfList: Readonly<Record<string, ContainerType>> = {
  Containers: 'Container',
  'Ephemeral Containers': 'EphemeralContainer',
};

/** @param first the number of the first of these lines in the whole text */
function containersIn(lines: readonly string[], first: number): readonly DescribedContainer[] {
  const lists = lines.flatMap((line, at) => (listLine.test(line) ? [at] : []));
  return lists.slice(0, maxLists).flatMap((list) => containersOf(lines, list, first));
}

function containersOf(lines: readonly string[], list: number, first: number): readonly DescribedContainer[] {
  const [, indent = '', title = ''] = listLine.exec(lines[list] ?? '') ?? [];
  const end = next(lines, list + 1, (line) => line.trim() !== '' && indentOf(line) <= indent.length);
  const depth = indentOf(lines[list + 1] ?? '');
  const names = lines.slice(list + 1, end).flatMap((line, at) => {
    const name = /^[ \t]+([a-z0-9-]{1,63}):[ \t]*$/.exec(line)?.[1];
    return name !== undefined && isLabel(name) && indentOf(line) === depth
      ? [{ name, from: list + 1 + at }]
      : [];
  });
  return names.map(({ name, from }, index) => {
    const to = (names[index + 1]?.from ?? end) - 1;
    const own = lines.slice(from + 1, to + 1);
    return containerAt({ name, from: first + from, to: first + to }, typeOfList[title], own);
  });
}

function containerAt(
  place: Pick<DescribedContainer, 'name' | 'from' | 'to'>,
  type: ContainerType | undefined,
  lines: readonly string[],
): DescribedContainer {
  const image = lines.map((line) => /^\s+Image:[ \t]+(\S{1,1024})/.exec(line)?.[1]).find(Boolean);
  return {
    ...place,
    ...(type && { type }),
    ...(image !== undefined && { image }),
    volumeMounts: lines.flatMap((line) => /^\s+(\/\S{0,511}) from \S+ \(/.exec(line)?.[1] ?? []),
    reasons: lines.flatMap((line) => /^\s+Reason:[ \t]+([A-Za-z]{1,64})/.exec(line)?.[1] ?? []),
    isWell: lines.some((line) => /^\s+State:\s+Running\b/.test(line)) && lines.some(isReady),
    ...exitCodeIn(lines),
  };
}

const isReady = (line: string): boolean => /^\s+Ready:\s+True\b/.test(line);

function exitCodeIn(lines: readonly string[]): { readonly exitCode?: number } {
  const codes = lines.flatMap((line) => /^\s+Exit Code:[ \t]+(\d{1,3})\b/.exec(line)?.[1] ?? []);
  const exitCode = codes.map(Number).find((code) => code !== 0);
  return exitCode === undefined ? {} : { exitCode };
}

const indentOf = (line: string): number => /^[ \t]*/.exec(line)?.[0].length ?? 0;
