// What an image starts: the files that its entrypoint and command name, and the text of a script among them.

import type { ImageConfig, InquiryStep } from '../../model/image.ts';
import { findPath, pathsTo } from './image-path.ts';
import type { Image } from './image-path.ts';
import type { ImagePlace } from './access.ts';
import { absolutePath } from './named-places.ts';
import { all, answer, both, chain, map } from './join-inquiries.ts';

export type StartedProgram = {
  /** After all links. */
  readonly path: string;
  readonly place: Extract<ImagePlace, { is: 'file' }>;
  /** A script is read by its interpreter, besides being executed. */
  readonly isRead: boolean;
};

export type Entrypoint = {
  /** What is executed to get to the image's own program: init, script, interpreters. Only what was found. */
  readonly programs: readonly StartedProgram[];
  /** Text that says what is run: the words of the config first, then a script. */
  readonly texts: readonly StartedText[];
  /** Other files that its words name: what an interpreter runs, what a script starts. */
  readonly named: readonly StartedProgram[];
  /** The programs that it starts with and that are not there. */
  readonly missing: readonly string[];
};

export type StartedText = { readonly from: string; readonly text: string };

/** Programs that do nothing but start the one behind them, with their options that take a value. */
const starters: ReadonlyMap<string, readonly string[]> = new Map([
  ['tini', ['-p', '-e']],
  ['tini-static', ['-p', '-e']],
  ['docker-init', ['-p', '-e']],
  ['catatonit', ['-P']],
  ['dumb-init', ['-r', '--rewrite']],
]);

const shells = new Set(['sh', 'bash', 'ash', 'dash', 'ksh', 'zsh']);

/** How much of a script is read, in bytes. */
const scriptBytes = 65_536;

/** The directories that runc searches if the image has no PATH. */
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Words of the command that are looked up as files beside the program itself, at most. */
const mostNamed = 12;

/** Directories of PATH, at most. */
const mostDirectories = 16;

/** Where the first lines of scripts lead most often. */
const usualInterpreters = ['/bin/sh', '/usr/bin/sh', '/bin/bash', '/usr/bin/bash', '/usr/bin/env'];

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Everything that the config lets one ask for at once, so that layers are not read again for each. */
export function entrypointPaths(config: ImageConfig): readonly string[] {
  const command = commandOf(config);
  const words = [...namedIn(command), ...otherWords(command)];
  const named = words.flatMap((word) => candidates(config, word));
  return [...named, ...usualInterpreters].flatMap((path) => pathsTo(path));
}

export function entrypointOf(config: ImageConfig, image: Image): InquiryStep<Entrypoint> {
  const command = commandOf(config);
  const said = { from: 'the entrypoint', text: command.own.join(' ') };
  const find = (names: readonly string[]) => all(names.map((name) => programOf(config, image, name)));
  return chain(both(find(namedIn(command)), find(otherWords(command))), ([found, others]) => {
    const known = found.filter((program) => program !== undefined);
    const named = others.filter((program) => program !== undefined);
    const missing = namedIn(command).filter((name, at) => !found[at] && name !== command.operand);
    const called = find(calledBy([...known, ...named]));
    const interpreted = all(known.map((program) => withInterpreter(config, image, program)));
    return map(both(interpreted, called), ([pairs, further]) => ({
      programs: pairs.flat(),
      texts: [said, ...known.flatMap(scriptOf)],
      named: [...named, ...further.filter((program) => program !== undefined)],
      missing,
    }));
  });
}

/** What scripts name by absolute paths, and all that stands behind `exec`: programs and scripts as well, mostly. */
function calledBy(programs: readonly StartedProgram[]): readonly string[] {
  const own = new Set(programs.map(({ path }) => path));
  const texts = programs.flatMap(scriptOf).map(({ text }) => text);
  const lines = texts.flatMap((text) => text.split('\n'));
  const started = lines.flatMap((line) => fileWords(/^[ \t]{0,64}exec[ \t]+(.*)$/.exec(line)?.[1] ?? ''));
  const words = [...started, ...texts.flatMap((text) => text.match(absolutePath) ?? [])];
  return [...new Set(words)].filter((word) => !own.has(word)).slice(0, mostNamed);
}

/** Words of the command and of a text for the shell that may name files. */
function otherWords(command: CommandLine): readonly string[] {
  const own = new Set(namedIn(command));
  const words = new Set(command.own.flatMap(fileWords));
  return [...words].filter((word) => !own.has(word)).slice(0, mostNamed);
}

const fileWords = (text: string): readonly string[] =>
  text
    .split(/[\s;&|<>()"'`]+/)
    .filter((word) => /^[\w./@+-]{2,255}$/.test(word) && !/^-|^[\d.]+$/.test(word));

const namedIn = ({ first, script }: CommandLine): readonly string[] =>
  [...new Set([first, script])].filter((word) => word !== undefined);

type CommandLine = {
  readonly first: string | undefined;
  /** The image's own command, behind what only starts it; for `sh -c` the text that the shell reads. */
  readonly own: readonly string[];
  /** The word that names the image's own program or script. */
  readonly script: string | undefined;
  /** The same, where a shell reads it from WORKDIR on. */
  readonly operand?: string | undefined;
};

function commandOf({ entrypoint, cmd }: ImageConfig): CommandLine {
  const words = [...entrypoint, ...cmd];
  const own = behindStarter(words);
  const [first = '', ...rest] = own;
  if (!shells.has(baseName(first))) return { first: words[0], own, script: own[0] };
  const option = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  if (option !== -1) return { first: words[0], own: [rest[option + 1] ?? ''], script: undefined };
  const operand = rest.find((word) => !word.startsWith('-'));
  return { first: words[0], own, script: operand, operand };
}

function behindStarter(words: readonly string[]): readonly string[] {
  const [first = '', ...rest] = words;
  const valued = starters.get(baseName(first));
  if (!valued) return words;
  let at = 0;
  while (rest[at]?.startsWith('-') === true && rest[at] !== '--')
    at += valued.includes(rest[at] ?? '') ? 2 : 1;
  return rest.slice(rest[at] === '--' ? at + 1 : at);
}

/**
 * A word with a slash is a path, from WORKDIR on; one without is looked for in the directories of PATH, and in WORKDIR where
 * it looks like the name of a file.
 */
function candidates({ workingDir, path = usualPath }: ImageConfig, word: string): readonly string[] {
  if (word.startsWith('/')) return [word];
  if (word.includes('/')) return [`${workingDir}/${word}`];
  const directories = path.split(':').filter((directory) => directory.startsWith('/'));
  const inPath = directories.slice(0, mostDirectories).map((directory) => `${directory}/${word}`);
  return word.includes('.') ? [...inPath, `${workingDir}/${word}`] : inPath;
}

/** The first candidate that is a file which anybody may execute. */
function programOf(
  config: ImageConfig,
  image: Image,
  named: string,
): InquiryStep<StartedProgram | undefined> {
  let fallback: StartedProgram | undefined;
  for (const path of candidates(config, named)) {
    const step = findPath(image, path);
    if (step.is !== 'answer') return lacking(image, config, named);
    const place = step.answer;
    if (place.is !== 'file') continue;
    const program = { path: `/${place.path}`, place, isRead: headOf(place).startsWith('#!') };
    if ((place.entry.mode & 0o111) !== 0) return answer(program);
    fallback ??= program;
  }
  return answer(fallback);
}

/** What any of the candidates lacks. */
function lacking(image: Image, config: ImageConfig, named: string): InquiryStep<StartedProgram | undefined> {
  return map(all(candidates(config, named).map((path) => findPath(image, path))), () => undefined);
}

/** A program, and behind it what its first line names. An interpreter that is not there is not spoken of. */
function withInterpreter(
  config: ImageConfig,
  image: Image,
  program: StartedProgram,
): InquiryStep<readonly StartedProgram[]> {
  const named = /^#![ \t]*([^ \t\r\n]{1,255})/.exec(headOf(program.place))?.[1];
  if (named === undefined) return answer([program]);
  return map(programOf(config, image, named.includes('/') ? named : `./${named}`), (interpreter) =>
    interpreter ? [program, interpreter] : [program],
  );
}

/** The start of a file that is text. */
export function scriptOf({ path, place }: StartedProgram): readonly StartedText[] {
  const text = headOf(place);
  const isText = text !== '' && !text.slice(0, 512).includes('\0');
  return isText ? [{ from: path, text }] : [];
}

function headOf({ entry }: StartedProgram['place']): string {
  if (entry.is !== 'file' || entry.content === undefined) return '';
  return new TextDecoder().decode(entry.content.subarray(0, scriptBytes));
}
