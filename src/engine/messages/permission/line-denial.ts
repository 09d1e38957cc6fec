// What one line says, asked family by family: first the families that have words of their own.

import { denialBy, type Denial } from './sign.ts';
import { executions } from './execution.ts';
import { attemptAt } from './attempt.ts';
import { familyOf, type Mounts } from './mounts.ts';
import { fileDenial } from './file-denial.ts';
import { isOtherDenial, isOfService } from './other-denials.ts';
import { hasErrorWords } from './error-words.ts';
import { missingEntries } from './no-passwd-entry.ts';
import { privilegeDrops } from './privilege-drop.ts';
import { rawSocketDenial } from './raw-socket.ts';
import { rootNeeds } from './root-needs.ts';
import { socketDenial } from './socket-denial.ts';
import { unwritable } from './unwritable-directory.ts';

/** Lines before and behind that show what a short line is about. */
const neighbours = 8;

export function denialIn(lines: readonly string[], at: number, places: Mounts): Denial | undefined {
  const line = lines[at] ?? '';
  if (isOtherDenial(line)) return undefined;
  const denial =
    denialBy([...privilegeDrops, ...missingEntries, ...executions], line) ??
    rawSocketDenial(line) ??
    denialBy(rootNeeds, line) ??
    unwritableIn(lines, at, places) ??
    (hasErrorWords(line) && !isOfService(line) ? deniedIn(lines, at, places) : undefined);
  return denial && withoutVolume(withAttempt(denial, lines, at), places);
}

/** Files of which a program is made are the image's, wherever they are. */
const ofProgram =
  /\.(?:py|pyc|m?js|cjs|ts|rb|pl|pm|php|jar|war|class|so)$|(?:^|\/)(?:package|package-lock|composer)\.json$|(?:^|\/)(?:Gemfile|yarn|poetry|Pipfile|Cargo|composer)(?:\.lock)?$/;

function withoutVolume(denial: Denial, { volumeMounts }: Mounts): Denial {
  const { family, attempt, path = '' } = denial;
  if (family !== 'volume-ownership' || attempt !== 'read' || volumeMounts) return denial;
  return ofProgram.test(path) ? { ...denial, family: 'image-dir-ownership' } : denial;
}

const fileFamilies = new Set(['image-dir-ownership', 'volume-ownership', 'home-missing', 'secret-mode']);

/** Whether a file could not be read, written or made. */
export const isOfFiles = ({ family }: Denial): boolean => fileFamilies.has(family);

function withAttempt(denial: Denial, lines: readonly string[], at: number): Denial {
  if (denial.attempt !== undefined || !isOfFiles(denial)) return denial;
  const attempt = attemptAt(lines, at, denial.path);
  return attempt === undefined ? denial : { ...denial, attempt };
}

function unwritableIn(lines: readonly string[], at: number, places: Mounts): Denial | undefined {
  const denial = denialBy(unwritable, lines[at] ?? '');
  if (denial?.path === undefined) return denial;
  const { path } = denial;
  return isReadOnly(path, lines) ? undefined : { family: familyOf(path, places, false), path };
}

/** Whether the text says of a directory, or of something in it, that its file system is read-only. */
const isReadOnly = (path: string, lines: readonly string[]): boolean =>
  lines.some((line) => /read-?only file ?system|\bEROFS\b/i.test(line) && line.includes(path));

function deniedIn(lines: readonly string[], at: number, places: Mounts): Denial | undefined {
  const line = lines[at] ?? '';
  const around = lines.slice(Math.max(0, at - neighbours), at + neighbours).join('\n');
  const socket = socketDenial(line);
  if (socket) return socket === 'none' ? undefined : socket;
  return (
    fileDenial(line, around, places) ??
    npmDenial(lines, at, places) ??
    redisDenial(lines, at, places) ??
    denialAbove(lines, at, places) ??
    pythonDenial(line, lines, at)
  );
}

/** npm spreads an error over lines: code EACCES, syscall mkdir, path /.npm. */
function npmDenial(lines: readonly string[], at: number, places: Mounts): Denial | undefined {
  if (!/\bcode ["']?EACCES|code: ["']EACCES/.test(lines[at] ?? '')) return undefined;
  for (const line of lines.slice(at + 1, at + neighbours)) {
    const path = /\bpath:? ["']?(?<path>\/[^\s"']{1,512})/.exec(line)?.groups?.['path'];
    if (path !== undefined) return { family: familyOf(path, places, false), path };
  }
  return undefined;
}

/** A line that says no more than that it was denied, below one that names the file. */
const bare =
  /^\W{0,4}(?:\d{1,16}: )?(?:error|fatal|reason)?:? ?permission denied\.?\s*$|\bpermissions? [^\n]{0,40}\b(?:denied|not allowed)\b[^\n]{0,20}\bthe (?:file|directory)\b/i;
const failedOn =
  /\b(?:unable to|cannot|cant|could ?not|couldnt|failed to) (?:open|load|read|write|create|access)\b[^\n]{0,80}?[\s["'](?<path>\/[^\s"'\],;:]{1,512}?)[\s"'\].]*$/i;

function denialAbove(lines: readonly string[], at: number, places: Mounts): Denial | undefined {
  if (!bare.test(lines[at] ?? '')) return undefined;
  for (const line of lines.slice(Math.max(0, at - 2), at).toReversed()) {
    const path = failedOn.exec(line)?.groups?.['path'];
    if (path !== undefined) return withAttempt({ family: familyOf(path, places, false), path }, [line], 0);
  }
  return undefined;
}

/** redis quotes the line of its configuration that it could not follow, and then says why. */
function redisDenial(lines: readonly string[], at: number, places: Mounts): Denial | undefined {
  if (!/^\s*permission denied\s*$/i.test(lines[at] ?? '')) return undefined;
  const path = /^>>> '(?:dir|logfile|pidfile|include|unixsocket) ["']?(?<path>\/[^\s"']{1,512})/.exec(
    lines[at - 1] ?? '',
  )?.groups?.['path'];
  return path === undefined ? undefined : { family: familyOf(path, places, false), path };
}

/** Python names the file it could not open, so what has no name is a socket. */
function pythonDenial(line: string, lines: readonly string[], at: number): Denial | undefined {
  if (!/\b(?:PermissionError|OSError|error): \[Errno 13\] Permission denied\s*$/.test(line)) return undefined;
  const port = /'(?:\d{1,3}\.){3}\d{1,3}', (\d{1,5})\)/.exec(
    lines.slice(Math.max(0, at - neighbours), at).join('\n'),
  )?.[1];
  if (port === undefined) return { family: 'bind-privileged-port' };
  return Number(port) < 1024 ? { family: 'bind-privileged-port', port: Number(port) } : undefined;
}
