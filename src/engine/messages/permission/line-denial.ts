// What one line says, asked family by family: first the families that have words of their own.

import { denialBy, type Denial } from './sign.ts';
import { executions } from './execution.ts';
import { familyOf, type Mounts } from './mounts.ts';
import { fileDenial } from './file-denial.ts';
import { isOtherDenial, isOfService } from './other-denials.ts';
import { hasErrorWords } from './error-words.ts';
import { missingEntries } from './no-passwd-entry.ts';
import { privilegeDrops } from './privilege-drop.ts';
import { rootNeeds } from './root-needs.ts';
import { socketDenial } from './socket-denial.ts';
import { unwritable } from './unwritable-directory.ts';

/** Lines before and behind that show what a short line is about. */
const neighbours = 8;

export function denialIn(lines: readonly string[], at: number, places: Mounts): Denial | undefined {
  const line = lines[at] ?? '';
  if (isOtherDenial(line)) return undefined;
  return (
    denialBy([...privilegeDrops, ...missingEntries, ...executions, ...rootNeeds], line) ??
    unwritableIn(line, places) ??
    (hasErrorWords(line) && !isOfService(line) ? deniedIn(lines, at, places) : undefined)
  );
}

function unwritableIn(line: string, places: Mounts): Denial | undefined {
  const denial = denialBy(unwritable, line);
  return denial?.path === undefined
    ? denial
    : { family: familyOf(denial.path, places, false), path: denial.path };
}

function deniedIn(lines: readonly string[], at: number, places: Mounts): Denial | undefined {
  const line = lines[at] ?? '';
  const around = lines.slice(Math.max(0, at - neighbours), at + neighbours).join('\n');
  const socket = socketDenial(line);
  if (socket) return socket === 'none' ? undefined : socket;
  return (
    fileDenial(line, around, places) ??
    npmDenial(lines, at, places) ??
    redisDenial(lines, at, places) ??
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
