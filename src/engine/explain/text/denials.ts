// What a text says of permissions that a process lacked: in Events, in states of containers, and in logs.

import { denialSentence } from '../../messages/permission/denial-sentence.ts';
import type { ReportedFailure } from '../../model/reported-failure.ts';
import type { PermissionDenial } from '../../model/permission.ts';
import { parsePermissionDenial, type PermissionHints } from '../../messages/permission/permission-denial.ts';
import { present } from '../../platform/data/field.ts';
import { runtimeNamesAround } from '../../messages/runtime/runtime-names.ts';
import type { PastedCommand } from './commands.ts';
import { writerOf, type Reading } from './context.ts';
import type { Described } from './description.ts';
import { messageOfRow } from './event-rows.ts';
import { reportedFailure, type Mention } from './mention.ts';
import { statusItemAt } from './status-item.ts';
import { saysRoot } from './root-statement.ts';

/** @param isTaken lines in which something else was recognised */
export function deniedIn(reading: Reading, isTaken: (line: number) => boolean): readonly Mention[] {
  const { lines, objects, commands, hintsFor } = reading;
  const uses = usesOf(lines, objects, commands);
  const messages = statusMessagesIn(lines, (at) => uses[at] === 'text' && !isTaken(at));
  for (const { from, to } of messages) for (const at of numbers(from, to)) uses[at] = 'described';
  const rows = uses.flatMap((use, at) => (use === 'row' && !isTaken(at) ? rowAt(lines, uses, at) : []));
  const inRows = new Set(rows.flatMap(({ from, to }) => numbers(from, to)));
  const isLog = (at: number): boolean => uses[at] === 'text' && !isTaken(at) && !inRows.has(at);
  return [...rows, ...messages, ...messagesIn(lines, objects), ...logsIn(reading, isLog)].flatMap((one) =>
    saidIn(one, hintsFor),
  );
}

/** Lines that belong together, of one container as far as they name it. */
type Passage = {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly names?: { readonly container?: string; readonly pod?: string; readonly namespace?: string };
  readonly hints?: PermissionHints;
};

function saidIn(
  { text, from, to, names = {}, hints = {} }: Passage,
  hintsFor: Reading['hintsFor'],
): readonly Mention[] {
  const known = { ...hintsFor(names), ...hints };
  const denial = parsePermissionDenial(text, saysRoot(text) ? { ...known, uid: 0 } : known);
  return denial ? [{ failure: failureOf(denial, names), from, to }] : [];
}

type Use = 'row' | 'described' | 'command' | 'text';

function usesOf(
  lines: readonly string[],
  objects: readonly Described[],
  commands: readonly PastedCommand[],
): Use[] {
  const uses = lines.map((line): Use => (messageOfRow(line) === undefined ? 'text' : 'row'));
  for (const { from, end } of objects)
    for (const at of numbers(from, end - 1)) if (uses[at] === 'text') uses[at] = 'described';
  for (const { at } of commands) uses[at] = 'command';
  return uses;
}

const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

/** A row goes on in the lines below where a terminal or a person has wrapped it. */
function rowAt(lines: readonly string[], uses: readonly Use[], from: number): readonly Passage[] {
  let to = from;
  while (uses[to + 1] === 'text' && lines[to + 1]?.trim() !== '') to += 1;
  const below = lines.slice(from + 1, to + 1);
  const message = messageOfRow(lines[from] ?? '') ?? '';
  const text = [message, ...below].join('\n');
  return [{ text, from, to, names: runtimesNames(lines.slice(from, to + 1).join('\n')) }];
}

const endOfMessage = /^\s+(?:Exit Code|Signal|Started|Finished|Ready|Last State|State):/;

/** What a state of a container says: a runtime's words, or the last of a log. */
function messagesIn(lines: readonly string[], objects: readonly Described[]): readonly Passage[] {
  return objects.flatMap(({ containers }) =>
    containers.flatMap(({ name, from, to, volumeMounts }) =>
      numbers(from, to).flatMap((at) => {
        const first = /^\s+Message:[ \t]+(\S.*)$/.exec(lines[at] ?? '')?.[1];
        if (first === undefined) return [];
        const rest = lines.slice(at + 1, to + 1);
        const end = rest.findIndex((line) => endOfMessage.test(line));
        const below = end < 0 ? [] : rest.slice(0, end);
        const text = [first, ...below].join('\n');
        return [
          { text, from: at, to: at + below.length, names: { container: name }, hints: { volumeMounts } },
        ];
      }),
    ),
  );
}

/** The same in a piece of YAML: `message:` in the status of a container, over several lines where it is a block. */
function statusMessagesIn(lines: readonly string[], isText: (at: number) => boolean): readonly Passage[] {
  return lines.flatMap((line, at) => {
    const [, indent = '', first] = /^(\s+)message:[ \t]+(\S.*)$/.exec(line) ?? [];
    if (first === undefined || !isText(at)) return [];
    const { container } = statusItemAt(lines, at) ?? {};
    if (container === undefined) return [];
    const rest = lines.slice(at + 1);
    const end = rest.findIndex((next) => next.trim() !== '' && !/^\s/.test(next.slice(indent.length)));
    const below = end < 0 ? rest : rest.slice(0, end);
    const text = [first.replaceAll(/^["'|>][-+]?|["']$/g, ''), ...below].join('\n').replaceAll('\\n', '\n');
    return [{ text, from: at, to: at + below.length, names: { container } }];
  });
}

/** `kubectl logs --prefix` */
const prefix = /^\[pod\/([a-z0-9.-]{1,253})\/([a-z0-9-]{1,63})\] ?/;

/** One log below each command, or one of each container that the lines begin with. */
function logsIn({ lines, objects, commands }: Reading, isLog: (at: number) => boolean): readonly Passage[] {
  const starts = new Map(commands.map((command) => [command.at, command]));
  let section: PastedCommand | undefined;
  const logged = lines.flatMap((line, at) => {
    section = starts.get(at) ?? section;
    return isLog(at) ? [{ line, at, section }] : [];
  });
  const logs = Map.groupBy(logged, ({ line, section: own }) => `${own?.at} ${prefix.exec(line)?.[0] ?? ''}`);
  return Array.from(logs.values(), (log) => {
    const key = prefix.exec(log[0]?.line ?? '')?.[0] ?? '';
    const text = log.map(({ line }) => line.slice(key.length)).join('\n');
    const [, pod, container] = prefix.exec(key) ?? [];
    const own =
      pod !== undefined && container !== undefined
        ? { pod, container }
        : { ...namesOf(log[0]?.section), ...runtimesNames(text) };
    const { object, writer } = writerOf(own, objects) ?? {};
    const names = { ...own, ...present({ container: writer?.name, pod: object?.name }) };
    const hints = writer && { volumeMounts: writer.volumeMounts };
    return { text, from: log[0]?.at ?? 0, to: log.at(-1)?.at ?? 0, names, ...(hints && { hints }) };
  });
}

const namesOf = ({ pod, container, namespace }: Partial<PastedCommand> = {}) =>
  present({ pod, container, namespace });

const denied = /permission denied|operation not permitted/gi;
/** What only runtimes, kubelets and Events write in front of such words; an application may print any name. */
const runtimesOwn =
  /failed to (?:start|create) container|"StartContainer|ContainerMetadata\{|spec\.(?:containers|initContainers|ephemeralContainers)\{|\bWarning[ \t]{2,}Failed[ \t]{2,}/;

/** How much of a line is read in front of such words, and how many of them, from the last. */
const reach = 8000;
const maxDenials = 16;

function runtimesNames(text: string): NonNullable<Passage['names']> {
  const found = Array.from(text.matchAll(denied), ({ index }) => index);
  for (const index of found.slice(-maxDenials).toReversed()) {
    const line = text.slice(Math.max(index - reach, text.lastIndexOf('\n', index) + 1), index);
    if (runtimesOwn.test(line)) return runtimeNamesAround(text, index);
  }
  return {};
}

function failureOf(denial: PermissionDenial, names: NonNullable<Passage['names']>): ReportedFailure {
  const { family, path, paths, attempt, port } = denial;
  const message = denialSentence(denial);
  return reportedFailure(
    { cause: 'NonRootPermissionDenied', message, family, ...present({ path, paths, attempt, port }) },
    names,
  );
}
