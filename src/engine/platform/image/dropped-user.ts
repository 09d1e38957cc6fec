// The user that an image's own entrypoint runs its program as, once it has started as root.

import type { DroppedUser, InquiryStep } from '../../model/image.ts';
import type { Entrypoint } from './entrypoint.ts';
import { int64 } from './go-integer.ts';
import { readFile } from './image-file.ts';
import type { Image } from './image-path.ts';
import { groupPath, largestId, lookUp } from './image-user.ts';
import { findGroups } from './passwd.ts';
import type { PasswdEntry } from './passwd.ts';
import { shown } from './shown.ts';
import { answer, chain, map } from './join-inquiries.ts';
import { userSwitches } from './user-switch.ts';
import type { UserSwitch } from './user-switch.ts';

export type Switching = { readonly from: string; readonly found: UserSwitch };

/** How the entrypoint changes users. s6-overlay does it for its services, and says nothing of users itself. */
export function switchesOf({ texts }: Entrypoint): readonly Switching[] {
  return texts.flatMap(({ from, text }) => {
    const supervisor = from === '/init' && /\bs6-|\/s6\//.test(text) ? [{ tool: 's6-overlay', line: 1 }] : [];
    return [...userSwitches(text), ...supervisor].map((found) => ({ from, found }));
  });
}

/** Where a person finds it, such as `/entrypoint.sh line 51`. */
export const placeOf = ({ from, found }: Switching): string =>
  from.startsWith('/') ? `${shown(from)} line ${found.line}` : from;

/**
 * Who the entrypoint drops to, if all its switches to somebody other than root name the same user and passwd has it.
 * Of several users none is chosen.
 */
export function droppedUser(
  switches: readonly Switching[],
  image: Image,
): InquiryStep<DroppedUser | undefined> {
  const named = switches.filter(({ found }) => isNamed(found));
  const [first] = named;
  const written = first?.found.user;
  if (!first || written === undefined || named.some(({ found }) => found.user !== written))
    return answer(undefined);
  const [user = '', group] = written.split(':');
  const uid = int64(user);
  const fits = (entry: PasswdEntry): boolean => (uid === undefined ? entry.name === user : entry.uid === uid);
  return chain(lookUp(image, fits), (result): InquiryStep<DroppedUser | undefined> => {
    if (result.is !== 'found') return answer(undefined);
    const { entry, place } = result;
    const gid = group === undefined ? answer(entry.gid) : groupOf(image, group);
    const said = `${placeOf(first)} switches to ${shown(written)} with ${first.found.tool}`;
    const detail = `${said}; ${place} says ${shown(entry.name)} is ${entry.uid}:${entry.gid}`;
    return map(gid, (id) =>
      entry.uid > 0n && isId(entry.uid) && id !== undefined && isId(id)
        ? { name: shown(entry.name), uid: Number(entry.uid), gid: Number(id), detail }
        : undefined,
    );
  });
}

/** A switch to root is no drop. */
const isNamed = ({ user }: UserSwitch): boolean => user !== undefined && !/^(?:root|0+)(?::|$)/.test(user);

const isId = (id: bigint): boolean => id >= 0n && id <= largestId;

function groupOf(image: Image, group: string): InquiryStep<bigint | undefined> {
  const number = int64(group);
  if (number !== undefined) return answer(number);
  return map(readFile(image, groupPath), (file) => {
    if (file.is !== 'read') return undefined;
    const [found] = findGroups(file.content, ({ name }) => name === group);
    return found?.gid;
  });
}
