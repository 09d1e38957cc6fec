// Who a container of an image runs as on Kubernetes: the kubelet's cut of USER, then the runtime's lookup in the image.

import type { ImageConfig, ImageUser, InquiryStep } from '../../model/image.ts';
import { int64 } from './go-integer.ts';
import { readFile } from './image-file.ts';
import type { ImageFile } from './image-file.ts';
import { pathsTo } from './image-path.ts';
import type { Image } from './image-path.ts';
import { findGroups, findUser, idOf } from './passwd.ts';
import type { GroupEntry, PasswdEntry } from './passwd.ts';
import { shown } from './shown.ts';
import { answer, chain, map } from './join-inquiries.ts';

type Resolved = Extract<ImageUser, { is: 'resolved' }>;
type Unresolved = Exclude<ImageUser, Resolved>;

/** Kubernetes and the runtimes take no greater number from a USER. */
export const largestId = 2_147_483_647;

/** The id that means none. */
const noId = 4_294_967_295;

/** What to ask layers for first. */
export function userPaths(): readonly string[] {
  return [passwdPath, groupPath].flatMap((path) => pathsTo(path));
}

export const passwdPath = 'etc/passwd';
export const groupPath = 'etc/group';

/**
 * The user that the config's USER means in an image.
 *
 * The uid is the number in USER, or that of the first passwd entry with its name. The gid is that of the passwd entry
 * either way, 0 for a number without one: the group part of USER never reaches the runtime. What it means is `userGroup`.
 *
 * @param wantsGid without it a number needs no layer
 */
export function userOf(config: ImageConfig, wantsGid: boolean, image: Image): InquiryStep<ImageUser> {
  if (config.os === 'windows')
    return unresolved('notNeeded', 'this is a Windows image, where users have no numbers');
  const [user = '', ...groups] = config.user.split(':');
  const group = groups.length === 1 ? groups[0] : undefined;
  return chain(userPart(user, config.user, wantsGid, image), (who) =>
    who.is === 'resolved' && group ? withGroup(who, group, wantsGid, image) : answer(who),
  );
}

/** What stands before the first colon. Nothing is root; a number of 64 bits is a number; all else is a name. */
function userPart(user: string, written: string, wantsGid: boolean, image: Image): InquiryStep<ImageUser> {
  const uid = user === '' ? 0n : int64(user);
  if (uid === undefined) return byName(user, image);
  const said = user === '' ? withoutUser(written) : `USER is the number ${uid}`;
  if (uid < 0n || uid > largestId)
    return unresolved('invalid', `${said}, which is not between 0 and ${largestId}`);
  return wantsGid ? byNumber(Number(uid), said, image) : resolved({ uid: Number(uid), detail: said });
}

const withoutUser = (written: string): string =>
  written === '' ? 'USER is not set, which is root' : `USER ${shown(written)} names no user, which is root`;

function byNumber(uid: number, said: string, image: Image): InquiryStep<ImageUser> {
  const lookup = lookUp(image, (entry) => entry.uid === BigInt(uid));
  return chain(lookup, (result): InquiryStep<ImageUser> => {
    switch (result.is) {
      case 'found':
        return withIds(result.entry, result.place, image);
      case 'missing':
        return resolved({ uid, gid: 0, detail: `${said}; ${result.because}, so its group is 0` });
      case 'broken':
        return unresolved('notInImage', refusal(result.because));
      case 'unclear':
        return resolved({ uid, detail: `${said}; its group is not known: ${result.because}` });
    }
    return result satisfies never;
  });
}

function byName(name: string, image: Image): InquiryStep<ImageUser> {
  if (name.includes('\uFFFD'))
    return unresolved('unreadable', `USER ${shown(name)} is not text, so it cannot be compared`);
  const lookup = lookUp(image, (entry) => entry.name === name);
  return chain(lookup, (result): InquiryStep<ImageUser> => {
    switch (result.is) {
      case 'found':
        return withIds(result.entry, result.place, image);
      case 'missing':
        return unresolved('notInImage', `there is no user ${shown(name)}: ${result.because}`);
      case 'broken':
        return unresolved('notInImage', refusal(result.because));
      case 'unclear':
        return unresolved('unreadable', result.because);
    }
    return result satisfies never;
  });
}

const resolved = (who: Omit<Resolved, 'is'>): InquiryStep<ImageUser> => answer({ is: 'resolved', ...who });

const unresolved = (is: Unresolved['is'], detail: string): InquiryStep<ImageUser> => answer({ is, detail });

const refusal = (because: string): string => `a runtime refuses to look users up: ${because}`;

export type LookedUp =
  | { readonly is: 'found'; readonly entry: PasswdEntry; readonly place: string }
  | Exclude<ImageFile, { is: 'read' }>;

/** The first entry of the image's passwd file that fits. */
export function lookUp(image: Image, fits: (entry: PasswdEntry) => boolean): InquiryStep<LookedUp> {
  return map(readFile(image, passwdPath), (file): LookedUp => {
    if (file.is !== 'read') return file;
    const entry = findUser(file.content, fits);
    if (entry === 'none') return { is: 'missing', because: `${passwdPath} has no entry for it` };
    if (entry === 'tooLong') return { is: 'broken', because: `a line of ${passwdPath} is too long` };
    return { is: 'found', entry, place: file.place(entry.line) };
  });
}

/** The numbers of an entry, unless no process can have them. */
function withIds(entry: PasswdEntry, place: string, image: Image): InquiryStep<ImageUser> {
  const uid = idOf(entry.uid);
  const gid = idOf(entry.gid);
  const said = `${place} says ${shown(entry.name)} is ${entry.uid}:${entry.gid}`;
  const cut = entry.uid === BigInt(uid) && entry.gid === BigInt(gid) ? '' : `, taken as ${uid}:${gid}`;
  const refused = unresolved('notInImage', `${said}, which no process can be`);
  if (uid === noId || (uid > largestId && entry.uid !== BigInt(uid))) return refused;
  const trouble = groupTrouble(entry.name, image);
  if (trouble !== undefined) return unresolved('notInImage', trouble);
  return chain(hasGroup(gid, image), (isPossible) =>
    isPossible ? resolved({ uid, gid, name: entry.name, detail: `${said}${cut}` }) : refused,
  );
}

/** A gid that is beyond the usual range must be in the group file, or runc refuses it. */
function hasGroup(gid: number, image: Image): InquiryStep<boolean> {
  if (gid <= largestId) return answer(true);
  if (gid === noId) return answer(false);
  return map(readFile(image, groupPath), (file) => {
    const groups = file.is === 'read' ? findGroups(file.content, (group) => group.gid === BigInt(gid)) : [];
    return [...groups].length > 0;
  });
}

/**
 * Why a runtime stumbles over the further groups of a user. It reads the group file for everyone who has a passwd entry;
 * here it is checked only where it has been read anyway, since damage of this kind is not worth a layer.
 */
function groupTrouble(name: string, image: Image): string | undefined {
  const step = readFile(image, groupPath);
  const file = step.is === 'answer' ? step.answer : undefined;
  if (file?.is === 'broken') return `a runtime refuses to look groups up: ${file.because}`;
  if (file?.is !== 'read') return undefined;
  const large = new Set([...findGroups(file.content, ({ gid }) => gid > largestId)].map(({ gid }) => gid));
  const isMember = (group: GroupEntry): boolean => group.name !== name && group.members.includes(name);
  for (const { gid: written, line } of findGroups(file.content, isMember)) {
    const gid = idOf(written);
    if (gid === noId || (gid > largestId && !large.has(BigInt(gid))))
      return `${file.place(line)} has ${shown(name)} in group ${written}, in which no process can be`;
  }
  return undefined;
}

/** Adds what USER's own group means. One that means nothing takes nothing away, since Kubernetes ignores it. */
function withGroup(who: Resolved, group: string, wantsGid: boolean, image: Image): InquiryStep<ImageUser> {
  const number = int64(group);
  if (number !== undefined) {
    const isId = number >= 0n && number <= largestId;
    return answer(isId ? { ...who, userGroup: Number(number) } : who);
  }
  if (!wantsGid) return answer(who);
  return map(readFile(image, groupPath), (file) => {
    const found = file.is === 'read' ? firstGroup(file.content, group) : undefined;
    const because = file.is === 'read' ? `${groupPath} does not name it` : file.because;
    if (file.is !== 'read' || !found)
      return { ...who, detail: `${who.detail}; USER's group ${shown(group)} is not known: ${because}` };
    const said = `${file.place(found.line)} says group ${shown(group)} is ${found.gid}`;
    return { ...who, userGroup: found.gid, detail: `${who.detail}; ${said}` };
  });
}

function firstGroup(content: Uint8Array, name: string): { gid: number; line: number } | undefined {
  for (const { gid, line } of findGroups(content, (group) => group.name === name))
    return gid >= 0n && gid <= largestId ? { gid: Number(gid), line } : undefined;
  return undefined;
}
