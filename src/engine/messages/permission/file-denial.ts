// The file that an error of a program is about, wherever languages and tools put it.

import type { Denial } from './sign.ts';
import { familyOf, type Mounts } from './mounts.ts';
import { type ErrorWords, errorWordsIn } from './error-words.ts';

/** A path in quotes, or one that begins with a slash or dots and ends at a blank or a mark. */
const pathIn =
  /(?<quoted>["'])(?<inner>\.{0,2}\/(?:(?!: )[^"'\n]){0,512}|[^\s"'\n]{1,512})\k<quoted>|(?<![\w:/.~@%-])(?<bare>(?:~|\.{0,2})\/(?:\[redacted [a-z -]{5,20}\]|[^\s"'<>|,;()[\]{}]){0,512})/g;

/** What is done to files. */
const verb =
  /\b(?:f?open(?:at|ing|ed|dir)?|creat(?:e|ing|eFile)?|mk(?:s?temp|dirs?|dirat|fifo|nod)|touch|writ(?:e|ing|able|ten)|read(?:ing|dir|link)?|access(?:ing)?|l?stat|[fl]?chown(?:at)?|f?chmod(?:at)?|chgrp|utimes?|unlink(?:at)?|remov(?:e|ing)|renam(?:e|ing)|mov(?:e|ing)|copy(?:ing)?|(?:sym)?link|lock(?:ing)?|truncate|scandir|load(?:ing)?|sav(?:e|ing)|delet(?:e|ing)|changing|change|ownership|permissions|initiali[sz]e|make|install|extract|dump|persist|tee|cat|ls|cp|mv|rm|ln|tar|sed|find|install)\b/i;
const numbered =
  /\(13[:)]|\(1[:)]|errcode: 13|errno:? ?-?(?:13|1)\b|os error (?:13|1)\b|errno 13|code: (?:13|1),|system:13|\(13\)/i;
const exception =
  /AccessDeniedException|UnauthorizedAccessException|PermissionError|\bE(?:ACCES|PERM)\b|\beacces\b|Errno::E|FileNotFoundException|FileSystemException|filesystem[_ ]error|IOException|\bIOError\b|\bOSError\b|kind: PermissionDenied|@ (?:rb|dir|io|fptr|apply)\w{0,24} - /;
const reading = /\b(?:open(?:ing)?|load(?:ing)?|read(?:ing)?|cat|fopen|stat|access|certificate|key|trust)\b/i;
const writing =
  /\b(?:creat\w{0,4}|mkdir\w?|mk\w{0,4}temp|touch|writ\w{1,4}|chown|chmod|chgrp|chang\w{1,3}|renam\w{1,3}|unlink|remov\w{1,3}|lock\w{0,3})\b/i;

/** Errors of one language that are clear without a file. */
const unnamed: readonly RegExp[] = [
  /\bOs \{ code: (?:13|1), kind: PermissionDenied|\bpermission denied \(os error 13\)|operation not permitted \(os error 1\)/i,
  /^(?:[\w.$ -]{0,60}: )?(?:caused by: )?java\.io\.IOException: permission denied\s*$|System\.IO\.IOException: permission denied/i,
  /\b(?:mkdir|chmod|chown|f?open|touch|rename|unlink|fchown|tempnam|copy|realpath|move_uploaded_file)\(\): (?:permission denied|operation not permitted)/i,
  /\b(?:f?chown|mkdir|utimes?): (?:operation not permitted|permission denied)\s*$/i,
  /\bPermissionError\(13, /,
  /\b(?:cant|cannot|could ?nt|could not|unable to|failed to|failed|error) (?:open|create|write|read|access|mkdir|lock|opening|creating|writing)\b[^\n:]{0,80}\b(?:file|dir|directory|folder|socket|log|pid|appendonlydir|rdb)\b[^\n:]{0,60}: (?:permission denied|operation not permitted)/i,
];
const ofVolumes = /append-?only|\bRDB\b|\bibdata|innodb|data ?dir|kafka|raft|\bwal\b|database (?:file|dir)/i;

/** A dialogue with another machine, whose files are meant. */
const isRemote = /^sftp>|\bsftp>/m;
/** A line of a program: `/app/main.js:46:9`, `Handler.php(97)`, `setup.py", line 8`, `index.php on line 5`. */
const codePlace =
  /\.[A-Za-z]{1,5}(?::\d{1,6}(?::\d{1,6})?[)\s,]|:\d{1,6}(?::\d{1,6})?$|\(\d{1,6}\)|["']?,? (?:on |at )?line \d)/;

/** The paths of services, which no mode protects. */
const ofService =
  /^\/(?:apis?|v\d{1,2}|rest|graphql|oauth2?|auth|login|rpc|healthz|metrics)(?:\/|$)|^\/\w+(?:\.\w+)+\/[A-Z]\w*$/;

type CandidatePath = {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
};

/** The file that a line says was denied; `around`: the line and its neighbours, which show what a line without a path is about. */
export function fileDenial(line: string, around: string, places: Mounts): Denial | undefined {
  const errors = errorWordsIn(line);
  if (errors.length === 0 || isRemote.test(around)) return undefined;
  const path = dotNetPath(line) ?? deniedPath(line, errors);
  if (path !== undefined) return { family: familyOf(path, places, isRead(line, path)), path };
  if (!unnamed.some((pattern) => pattern.test(line))) return undefined;
  return { family: ofVolumes.test(around) ? 'volume-ownership' : 'image-dir-ownership' };
}

const isRead = (line: string, path: string): boolean =>
  (reading.test(line) || /^\/(?:var\/)?run\/secrets\//.test(path)) && !writing.test(line);

const dotNetPath = (line: string): string | undefined =>
  /access to the path ["'](?<path>[^"']{1,512})["'] is denied(?! by)/i.exec(line)?.groups?.['path'];

function deniedPath(line: string, errors: readonly ErrorWords[]): string | undefined {
  const candidates = candidatesIn(line);
  const isNamed = exception.test(line) || numbered.test(line);
  for (const words of errors.toReversed()) {
    const path = pathBeside(line, candidates, words, isNamed);
    if (path !== undefined) return path;
  }
  return goPath(line) ?? toolPath(line) ?? haskellPath(line);
}

function pathBeside(
  line: string,
  candidates: readonly CandidatePath[],
  words: ErrorWords,
  isNamed: boolean,
): string | undefined {
  const before = candidates.findLast(({ end }) => end <= words.start);
  const after = candidates.find(({ start }) => start >= words.end);
  const between = before ? line.slice(before.end, words.start) : '';
  const isBeside = before !== undefined && isAdjacent(between, before);
  if (isBeside && isWhole(before)) return before.path;
  if (
    after &&
    (isNamed || verb.test(line.slice(words.end, after.start))) &&
    leadsTo(line.slice(words.end, after.start))
  )
    return after.path;
  if (isBeside && /^['"]?:? /.test(between)) return before.path;
  const isDone = isNamed || verb.test(line.slice(0, words.start));
  if (before && isDone && isWhole(before) && isOneMatter(between, isNamed)) return before.path;
  return after && isNamed && isWhole(after) && (verb.test(line) || /\beacces\b/.test(line))
    ? after.path
    : undefined;
}

/** Whether a path and the error words behind it belong together: no other party that denies is named in between. */
const isOneMatter = (between: string, isNamed: boolean): boolean =>
  (isNamed || !/[.!?]\s/.test(between)) &&
  /^[^;]{0,200}$/.test(between) &&
  !/\b(?:user|role|token|polic(?:y|ies)|account|bucket|remote|peer|request|tenant|client)\b/i.test(between);

function candidatesIn(line: string): readonly CandidatePath[] {
  return Array.from(line.matchAll(pathIn), ({ index, 0: found, groups }) => {
    const isCode = codePlace.test(line.slice(index, index + found.length + 16));
    const written = groups?.['inner'] === undefined ? found.replace(/[.:!?]{1,8}$/, '') : found;
    return {
      path: groups?.['inner'] ?? written,
      start: index,
      end: index + written.length,
      isQuoted: groups?.['inner'] !== undefined,
      isCode,
    };
  }).filter(
    ({ path, isQuoted, isCode }) =>
      !isCode &&
      !/:\/\/|^[\s:,]*$|^.?\s/.test(path) &&
      !ofService.test(path) &&
      (isQuoted ? /^[^\s]+$|^\.{0,2}\//.test(path) : path.length > 1),
  );
}

/** A whole path, or a file that only its quotes make one. */
const isWhole = ({ path }: CandidatePath): boolean =>
  /^(?:~|\.{0,2})\/./.test(path) || /^\w[\w.-]*\/\w/.test(path);

/** PATH: permission denied · PATH failed (13: … · PATH (Permission denied) · PATH' for writing: … */
const isAdjacent = (between: string, { path, isQuoted }: CandidatePath): boolean =>
  /^[\s:'"\]]{0,4}(?:failed:? ?)?(?:for (?:writing|reading|error logging)[:.]? )?(?:due to |cannot \w{1,8}: |\w{1,24}: )?[\s:([{]{0,4}(?:\(?(?:OS )?(?:errno|errcode|error)[: =-]{0,3})?\d{0,3}[:)]?[\s:"'-]{0,4}$/i.test(
    between,
  ) &&
  (isQuoted || path.includes('/'));

/** Permission denied: PATH · EACCES: permission denied, open PATH · Permission denied @ rb_sysopen - PATH · [PATH] */
const leadsTo = (between: string): boolean =>
  /^: (?:[\w.-]{1,24}: ){0,2}(?:could ?not|couldnt|cannot|cant|unable to|failed to) (?:open|create|write|read|access)\b[^/]{0,60}$/i.test(
    between,
  ) || /^[\s:,"'\])(@[-]{0,6}(?:\w{1,24}[ -]{1,3}){0,2}["'[(]{0,2}$/.test(between);

/** Go writes the call, the name and the reason, and the name may be relative. */
const goPath = (line: string): string | undefined =>
  /\b(?:open|openat|mkdir|mkdirat|stat|lstat|unlinkat|remove|rename|chmod|chown|lchown|chdir|readlink|symlink|truncate|create) (?<path>[^\s:"'()]{1,512}[./][^\s:"'()]{1,512}|\.): (?:permission denied|operation not permitted)/.exec(
    line,
  )?.groups?.['path'] ??
  /\b(?:mkdir|unlinkat|chmod|chown|lstat|remove|open) (?<path>[\w-]{1,128}): (?:permission denied|operation not permitted)/.exec(
    line,
  )?.groups?.['path'] ??
  /^tar: (?<path>[^\s:"']{1,512}): Cannot \w{1,12}: Permission denied/.exec(line)?.groups?.['path'];

/** A tool names itself, its argument, which may be relative, and the reason. */
const toolPath = (line: string): string | undefined =>
  /(?<![\w.-])(?:chown|chmod|chgrp|mkdir|rmdir|touch|rm|mv|cp|ln|ls|cat|tee|find): (?<path>[^\s:"'()]{1,512}): (?:permission denied|operation not permitted)/i.exec(
    line,
  )?.groups?.['path'];

/** Haskell writes the program, the name as it was given, the function, and the reason twice. */
const haskellPath = (line: string): string | undefined =>
  /(?<![\w.-])[\w.-]{1,64}: (?<path>[^\s:"'()]{1,512}): [a-z]\w{0,32}(?:File|Dir|Fd|Link|Path)\w{0,24}(?::\w{1,48}){0,3}: permission denied \((?:permission denied|operation not permitted)\)/i.exec(
    line,
  )?.groups?.['path'];
