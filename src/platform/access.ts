// What a process may do with the files and directories of its image, by the owner and mode that they have there.

import type { Step } from '../model/image.ts';
import { ownerOf } from './image-path.ts';
import type { Found, Image, Owned } from './image-path.ts';
import { shown } from './shown.ts';
import { all, chain, map } from './step.ts';

/** As a process runs, all of its groups in one list. */
export type Process = { readonly uid: number; readonly groups: readonly number[] };

export type Access = 'read' | 'write' | 'execute';

const bits: Readonly<Record<Access, number>> = { read: 4, write: 2, execute: 1 };

/** The bits of the owner count for the owner, else those of the group for its members, else those for all others. */
export function allows(who: Process, { uid, gid, mode }: Owned, access: Access): boolean {
  if (who.uid === 0) return access !== 'execute' || (mode & 0o111) !== 0;
  const shift = who.uid === uid ? 6 : who.groups.includes(gid) ? 3 : 0;
  return ((mode >> shift) & bits[access]) !== 0;
}

export type Place = Extract<Found, { is: 'file' | 'directory' }>;

/** A sentence's end such as `is owned by 0:0 with mode 0755`, where a process may not do all of it; undefined where it may. */
export function obstacle(
  image: Image,
  who: Process,
  place: Place,
  wanted: readonly Access[],
): Step<string | undefined> {
  return chain(unreachable(image, who, place), (above) => {
    if (above !== undefined) return { is: 'answer', answer: above };
    const owned = place.is === 'file' ? place.entry : undefined;
    const step: Step<Owned> =
      place.is === 'file' ? { is: 'answer', answer: owned ?? place.entry } : ownerOf(image, place.directory);
    return map(step, (it) =>
      wanted.every((access) => allows(who, it, access)) ? undefined : `is ${ownedBy(it)}`,
    );
  });
}

/** The first directory on the way that the process may not pass. Root passes all of them. */
function unreachable(image: Image, who: Process, { passed }: Place): Step<string | undefined> {
  if (who.uid === 0) return { is: 'answer', answer: undefined };
  const owners = all(passed.map((directory) => ownerOf(image, directory)));
  return map(owners, (all_) => {
    const index = all_.findIndex((owned) => !allows(who, owned, 'execute'));
    const owned = all_[index];
    const path = shown(passed[index]?.names.join('/') ?? '');
    return owned && `lies in /${path}, which is ${ownedBy(owned)}`;
  });
}

const ownedBy = ({ uid, gid, mode }: Owned): string =>
  `owned by ${uid}:${gid} with mode ${(mode & 0o7777).toString(8).padStart(4, '0')}`;
