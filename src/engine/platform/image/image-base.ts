// What an image is built on, as far as it decides which lines of a Dockerfile make a user in it.

import type { ImageBase, ImageUser, InquiryStep } from '../../model/image.ts';
import { readFile } from './image-file.ts';
import type { ImageFile } from './image-file.ts';
import { findPath, pathsTo } from './image-path.ts';
import type { FoundPath, Image } from './image-path.ts';
import { groupPath, largestId, passwdPath } from './image-user.ts';
import { findGroups, findUser, idOf } from './passwd.ts';
import type { GroupEntry, PasswdEntry } from './passwd.ts';
import { printable } from '../data/printable.ts';
import { all, both, map } from './join-inquiries.ts';

/** Ids of system users end far below, and those that clusters give out begin far above. */
const firstFreeId = 10_001;

const longestName = 128;

/** How much of an os-release is read, in bytes. */
const releaseBytes = 65_536;

const releasePaths = ['etc/os-release', 'usr/lib/os-release'];

/** What RUN runs its line with. */
const shellPath = 'bin/sh';
const busyboxPaths = ['bin/busybox', 'usr/bin/busybox'];

const tools = ['useradd', 'groupadd', 'adduser', 'addgroup'] as const;
const toolFolders = ['usr/sbin', 'sbin', 'usr/bin', 'bin'];
const toolPaths = tools.flatMap((tool) => toolFolders.map((folder) => `${folder}/${tool}`));

const programPaths = [shellPath, ...busyboxPaths, ...toolPaths];

/** Where the links of usual images lead, so that their layers are not read again for them. */
const usualTargets = ['dash', 'bash', 'sh'].flatMap((name) => [`usr/bin/${name}`, `bin/${name}`]);

/** Everything to ask layers for at once. */
export function basePaths(): readonly string[] {
  const paths = [...programPaths, ...usualTargets, ...releasePaths, passwdPath, groupPath];
  return [...new Set(paths.flatMap((path) => pathsTo(path)))];
}

/** The name of a new user and its group. Those of images are often called `app`, but not this. */
export const newUserName = (id: number): string => `app${id}`;

/** True where an image has no user of its own that may pass as non-root, as far as is known. */
export function needsUser(user: ImageUser): boolean {
  if (user.is === 'resolved') return user.uid === 0 || user.uid > largestId;
  return user.is === 'notInImage' || user.is === 'invalid';
}

/** Undefined where it is not known which ids are taken, or where a line for a user cannot simply be added to a file. */
export function imageBase(image: Image): InquiryStep<ImageBase | undefined> {
  const programs = all(programPaths.map((path) => findPath(image, path)));
  const users = both(readFile(image, passwdPath), readFile(image, groupPath));
  const releases = all(releasePaths.map((path) => readFile(image, path)));
  return map(both(both(programs, users), releases), ([[found, [passwd, group]], files]) => {
    const freeId = freeIdOf(passwd, group);
    const makesUsersWith = makerOf(programsOf(found), passwd, group);
    const isCut = makesUsersWith === 'shell' && [passwd, group].some(isCutOff);
    if (freeId === undefined || isCut) return undefined;
    const name = nameOf(files);
    return { ...(name !== undefined && { name }), makesUsersWith, freeId };
  });
}

/** By the path that was looked for; only what can be executed. */
type Programs = ReadonlyMap<string, BaseProgram>;
type BaseProgram = { readonly path: string; readonly sizeBytes: number };

function programsOf(found: readonly FoundPath[]): Programs {
  return new Map(
    found.flatMap((place, at) => {
      if (place.is !== 'file' || place.entry.is !== 'file' || (place.entry.mode & 0o111) === 0) return [];
      return [[programPaths[at] ?? '', { path: place.path, sizeBytes: place.entry.sizeBytes }] as const];
    }),
  );
}

/** The tools rewrite the files and want them to be there; without a shell there is no RUN. */
function makerOf(programs: Programs, passwd: ImageFile, group: ImageFile): ImageBase['makesUsersWith'] {
  if (!programs.has(shellPath)) return 'none';
  if (passwd.is !== 'read' || group.is !== 'read') return 'shell';
  const found = (tool: (typeof tools)[number]) =>
    toolFolders.flatMap((folder) => programs.get(`${folder}/${tool}`) ?? []).at(0);
  if (found('useradd') && found('groupadd')) return 'useradd';
  const isBusyBox = [found('adduser'), found('addgroup')].every((tool) => isOfBusyBox(tool, programs));
  return isBusyBox ? 'adduser' : 'shell';
}

/** Debian's adduser is a script with other options. BusyBox is reached by links, symbolic ones or hard ones. */
function isOfBusyBox(tool: BaseProgram | undefined, programs: Programs): boolean {
  if (!tool) return false;
  const isNamed = tool.path.slice(tool.path.lastIndexOf('/') + 1).startsWith('busybox');
  return isNamed || busyboxPaths.some((path) => programs.get(path)?.sizeBytes === tool.sizeBytes);
}

/** What is appended would become part of its last line. */
function isCutOff(file: ImageFile): boolean {
  return file.is === 'read' && file.content.length > 0 && file.content.at(-1) !== 10;
}

/** Undefined where one of the files is not known whole. */
function freeIdOf(passwd: ImageFile, group: ImageFile): number | undefined {
  const users = usersIn(passwd);
  const groups = groupsIn(group);
  if (!users || !groups) return undefined;
  const names = new Set([...users, ...groups].map(({ name }) => name));
  const written = [...users.flatMap(({ uid, gid }) => [uid, gid]), ...groups.map(({ gid }) => gid)];
  const ids = new Set(written.map(idOf));
  let id = firstFreeId;
  while (ids.has(id) || names.has(newUserName(id))) id += 1;
  return id;
}

function usersIn(passwd: ImageFile): readonly PasswdEntry[] | undefined {
  if (passwd.is !== 'read') return passwd.is === 'missing' ? [] : undefined;
  const users: PasswdEntry[] = [];
  const searched = findUser(passwd.content, (entry) => {
    users.push(entry);
    return false; // so that the search goes on to the next entry
  });
  return searched === 'tooLong' ? undefined : users;
}

function groupsIn(group: ImageFile): readonly GroupEntry[] | undefined {
  if (group.is !== 'read') return group.is === 'missing' ? [] : undefined;
  return [...findGroups(group.content, () => true)];
}

function nameOf(releases: readonly ImageFile[]): string | undefined {
  const release = releases.find((file) => file.is === 'read');
  if (release?.is !== 'read') return undefined;
  const lines = new TextDecoder().decode(release.content.subarray(0, releaseBytes)).split('\n');
  const said = lines.findLast((line) => line.startsWith('PRETTY_NAME='))?.slice('PRETTY_NAME='.length);
  const name = unquoted(said?.trim() ?? '');
  return name === '' ? undefined : printable(name, longestName);
}

/** As a shell reads the value of a variable. */
function unquoted(value: string): string {
  const [, quote = '', inner = ''] = /^(["'])(.*)\1$/.exec(value) ?? [];
  if (quote === '') return value;
  return quote === '"' ? inner.replaceAll(/\\(["$\\`])/g, '$1') : inner;
}
