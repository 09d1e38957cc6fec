// What a process may do with the files and directories of its image, by the owner and mode that they have there.

import type { InquiryStep } from '../../model/image.ts';
import { ownerOf } from './image-path.ts';
import type { FoundPath, Image, PathOwner } from './image-path.ts';
import { shown } from './shown.ts';
import { all, answer, chain, map } from './join-inquiries.ts';

/** As a process runs, all of its groups in one list. */
export type Process = { readonly uid: number; readonly groups: readonly number[] };

export type AccessKind = 'read' | 'write' | 'execute';

const bits: Readonly<Record<AccessKind, number>> = { read: 4, write: 2, execute: 1 };

/** The bits of the owner count for the owner, else those of the group for its members, else those for all others. */
function allows(who: Process, { uid, gid, mode }: PathOwner, access: AccessKind): boolean {
  const shift = who.uid === uid ? 6 : who.groups.includes(gid) ? 3 : 0;
  return ((mode >> shift) & bits[access]) !== 0;
}

export type ImagePlace = Extract<FoundPath, { is: 'file' | 'directory' }>;

/**
 * Why a process may not do all of it, as the end of a sentence such as `is owned by 0:0 with mode 0755`. Undefined where
 * it may. Root may do everything but execute a file without any execute bit.
 */
export function obstacle(
  image: Image,
  who: Process,
  place: ImagePlace,
  wanted: readonly AccessKind[],
): InquiryStep<string | undefined> {
  if (who.uid === 0) return answer(place.is === 'file' ? notForRoot(place.entry, wanted) : undefined);
  return chain(unreachable(image, who, place), (above) =>
    above === undefined ? forbidden(image, who, place, wanted) : answer(above),
  );
}

const notForRoot = (entry: PathOwner, wanted: readonly AccessKind[]): string | undefined =>
  wanted.includes('execute') && (entry.mode & 0o111) === 0 ? `is ${ownedBy(entry)}` : undefined;

function forbidden(
  image: Image,
  who: Process,
  place: ImagePlace,
  wanted: readonly AccessKind[],
): InquiryStep<string | undefined> {
  const owner: InquiryStep<PathOwner> =
    place.is === 'file' ? answer(place.entry) : ownerOf(image, place.directory);
  return map(owner, (owned) =>
    wanted.every((access) => allows(who, owned, access)) ? undefined : `is ${ownedBy(owned)}`,
  );
}

/** The first directory on the way that the process may not pass. */
function unreachable(image: Image, who: Process, { passed }: ImagePlace): InquiryStep<string | undefined> {
  return map(all(passed.map((directory) => ownerOf(image, directory))), (owners) => {
    const at = owners.findIndex((owned) => !allows(who, owned, 'execute'));
    const owned = owners[at];
    const path = shown(passed[at]?.names.join('/') ?? '');
    return owned && `lies in /${path}, which is ${ownedBy(owned)}`;
  });
}

const ownedBy = ({ uid, gid, mode }: PathOwner): string =>
  `owned by ${uid}:${gid} with mode ${(mode & 0o7777).toString(8).padStart(4, '0')}`;
