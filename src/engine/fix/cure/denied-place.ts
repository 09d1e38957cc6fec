// What a denied path is to an image: which directory a program may be given there, and what is not the program's own.

import type { Attempt } from '../../model/permission.ts';

export type DeniedPlace =
  /** A device of the node. */
  | { readonly is: 'device'; readonly path: string }
  /** A socket of a service on the node. */
  | { readonly is: 'nodeSocket'; readonly path: string }
  /** The output of the process itself, under another name. */
  | { readonly is: 'output'; readonly path: string }
  /** Of the system: no program writes there. */
  | { readonly is: 'system'; readonly path: string }
  /** A file directly below the root directory. */
  | { readonly is: 'rootFile'; readonly path: string }
  /** A file in a directory that programs share. */
  | { readonly is: 'sharedFile'; readonly path: string; readonly directory: string }
  /** A directory for what a program writes; an empty one in its place hides nothing that it needs. */
  | { readonly is: 'scratch'; readonly directory: string }
  /** A directory or file among those of the program, or below the working directory. */
  | { readonly is: 'ofProgram'; readonly path: string; readonly isDirectory: boolean };

/** Directories that the image shares among programs. Their owner is never changed, and none is replaced but a few. */
const shared = new Set(
  [
    '/',
    '/tmp',
    '/run',
    '/home',
    '/opt',
    '/srv',
    '/mnt',
    '/media',
    '/etc',
    '/usr',
    '/dev',
    '/root',
    '/usr/local',
  ].concat(
    ['/usr/src', '/usr/share', '/usr/local/share', '/usr/local/etc', '/usr/local/lib', '/usr/lib'],
    [
      '/var',
      '/var/cache',
      '/var/lib',
      '/var/lock',
      '/var/log',
      '/var/run',
      '/var/spool',
      '/var/tmp',
      '/var/www',
    ],
  ),
);

/** Those that may be an empty directory in a pod. */
const replaceable = new Set(['/tmp', '/var/tmp', '/run', '/var/run', '/var/lock', '/var/log']);

/** The system's own programs, libraries and databases; a program has nothing to write there. */
const ofSystem =
  /^\/(?:bin|boot|lib\w{0,3}|proc|sbin|sys|run\/secrets|var\/run\/secrets)(?:\/|$)|^\/usr\/(?:local\/)?(?:bin|sbin|include|libexec)(?:\/|$)|^\/usr\/lib\w{0,3}\/(?:x86_64|aarch64|locale|ssl|systemd|[^/]*$)|^\/usr\/share\/(?:ca-certificates|doc|info|locale|man|zoneinfo)(?:\/|$)|^\/etc\/(?:(?:group|g?shadow|hosts|hostname|passwd|resolv\.conf|sudoers|fstab|localtime|timezone|mtab|nsswitch\.conf|profile|environment|ld\.so[^/]*)[^/]{0,16}$|(?:pam\.d|sudoers\.d|security|skel|ssl\/certs|alternatives|ca-certificates|init\.d|systemd|profile\.d|cron[^/]*)(?:\/|$))|^\/root(?:\/|$)/;

/** Names of directories that programs fill themselves, and of those that an image may have filled. */
const emptyName =
  /^(?:\.?cache|caches|locks?|logs?|pids?|run|sessions?|sockets?|spool|tmp|temp|uploads?|[\w-]{1,40}[-_](?:cache|logs?|te?mp|lock|run|uploads?))$/i;
const filledName = /^(?:data|db|downloads?|queue|state|work|[\w-]{1,40}[-_](?:data|state))$/i;

const belowScratch = /^\/(?:run|tmp|var\/(?:backups?|cache|lib|lock|log|run|spool|tmp))\/[^/]/;

/** Names directly below the root that are directories for data, by their use in most images. */
const dataRoot = /^\/(?:data|cache|logs?|uploads?|storage|state|work|backups?|spool)$/i;

/** Of a container runtime, which is mounted from the node and belongs to its groups. */
export const isNodeSocket = (path: string): boolean =>
  /^\/(?:var\/)?run\/(?:docker|containerd|crio|podman)[\w/.-]{0,40}\.sock$/.test(path);

/** The output of the process itself, as files. */
const output =
  /^\/dev\/(?:std(?:in|out|err)|fd\/|termination-log$|pts\/|tty$|console$)|^\/proc\/(?:self|\d{1,8})\/fd\//;

/** Undefined for a path of which no part can be used: one that climbs up, or is not of plain characters. */
export function deniedPlace(written: string, attempt: Attempt | undefined): DeniedPlace | undefined {
  const { path, isCut } = plainPart(written);
  if (path === undefined) return undefined;
  if (output.test(path)) return { is: 'output', path };
  if (/^\/dev\/./.test(path)) return { is: 'device', path };
  if (isNodeSocket(path)) return { is: 'nodeSocket', path };
  if (ofSystem.test(path)) return { is: 'system', path };
  if (isCut) return placeOfRest(path, attempt);
  const isDirectory = attempt === 'makeDirectory';
  return path.startsWith('/') ? placeOf(path, isDirectory, attempt) : { is: 'ofProgram', path, isDirectory };
}

/** Of something in that directory whose name cannot be used. */
function placeOfRest(path: string, attempt: Attempt | undefined): DeniedPlace | undefined {
  if (!path.startsWith('/') || shared.has(path)) return undefined;
  if (attempt === 'read') return { is: 'ofProgram', path, isDirectory: true };
  return placeOf(`${path}/x`, false, attempt && 'write');
}

function placeOf(path: string, isDirectory: boolean, attempt: Attempt | undefined): DeniedPlace {
  if (shared.has(path))
    return replaceable.has(path) ? { is: 'scratch', directory: path } : { is: 'system', path };
  if (isDirectory) return { is: 'scratch', directory: scratchAbove(path, true) ?? path };
  if (attempt !== 'read' && dataRoot.test(path)) return { is: 'scratch', directory: path };
  const above = path.slice(0, path.lastIndexOf('/')) || '/';
  if (above === '/') return { is: 'rootFile', path };
  if (replaceable.has(above)) return { is: 'sharedFile', path, directory: above };
  if (attempt === 'read') return { is: 'ofProgram', path, isDirectory: false };
  const directory = scratchAbove(path, attempt !== undefined);
  if (directory !== undefined) return { is: 'scratch', directory };
  if (hasExtension.test(path) || /^\/etc$/.test(above)) return { is: 'ofProgram', path, isDirectory: false };
  if (!shared.has(above)) return { is: 'ofProgram', path: above, isDirectory: true };
  return belowScratch.test(path)
    ? { is: 'scratch', directory: path }
    : { is: 'ofProgram', path, isDirectory: true };
}

/** A name with an extension is a file; others may be either, or the directory above is what is not the program's. */
const hasExtension = /[^/]\.\w{1,10}$|\/\.[\w.-]+$/;

/** The deepest directory on the way that only holds what programs write. */
function scratchAbove(path: string, isWritten: boolean): string | undefined {
  const names = path.split('/').slice(1, -1);
  const isScratch = (name: string, at: number): boolean =>
    at > 0 && (emptyName.test(name) || (isWritten && filledName.test(name)));
  const deepest = names.findLastIndex(isScratch);
  const directory = `/${names.slice(0, deepest + 1).join('/')}`;
  if (deepest >= 0 && !shared.has(directory) && !directory.startsWith('/etc/')) return directory;
  const parent = `/${names.join('/')}`;
  return belowScratch.test(parent) || dataRoot.test(parent) ? parent : undefined;
}

/** The path as lines for an image may have it, from the root or the working directory on; undefined: not as a whole. */
export function usablePath(written: string): string | undefined {
  const { path, isCut } = plainPart(written);
  return isCut ? undefined : path;
}

type PlainPart = { readonly path?: string; readonly isCut: boolean };

/** A program wrote it into its log: only what no shell or builder would take for more than a path is used. */
function plainPart(written: string): PlainPart {
  if (/^(?:~|$)/.test(written)) return { isCut: false };
  const parts = normalized(written.replace(/\/+$/, '').split('/'));
  if (!parts) return { isCut: false };
  const odd = parts.findIndex((part) => !/^[\w.@+-]*$/.test(part) || part.startsWith('-'));
  const plain = odd < 0 ? parts : parts.slice(0, odd);
  const path = plain.join('/');
  return path === '' ? { isCut: false } : { path, isCut: odd >= 0 };
}

/** Without `.` and with each `..` taken back; undefined where it would climb out. */
function normalized([first = '', ...rest]: readonly string[]): readonly string[] | undefined {
  const parts: string[] = first === '.' ? [] : [first];
  for (const part of rest) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length < 2) return undefined;
    else parts.pop();
  }
  return parts[0] === '..' ? undefined : parts;
}
