// What the runtime makes of an image, what we make of it, and whether these agree.

import type { ImageUser } from '../../src/engine/model/image.ts';

export type RuntimeSays =
  | { readonly is: 'ran'; readonly uid: number; readonly gid: number }
  /** It could not or would not be that user. */
  | { readonly is: 'refused'; readonly reason: string; readonly message: string }
  /** The question never came up: the image cannot be unpacked. */
  | { readonly is: 'notUnpacked'; readonly reason: string; readonly message: string };

/** Of an image: whether we may say that we do not know, and who it would be if its layers were in order. */
export type Terms = { readonly mayBeOpen: boolean; readonly inOrder: ImageUser };

/** One line that says what is wrong; undefined when they agree. */
export function disagreement(runtime: RuntimeSays, ours: ImageUser, terms: Terms): string | undefined {
  return agrees(runtime, ours, terms)
    ? undefined
    : `the runtime ${runtimeText(runtime)}, we ${ourText(ours)}`;
}

function agrees(runtime: RuntimeSays, ours: ImageUser, { mayBeOpen, inOrder }: Terms): boolean {
  if (mayBeOpen) return ours.is === 'unreadable' || hasUidOf(runtime, ours);
  switch (runtime.is) {
    case 'refused':
      return ours.is === 'notInImage' || ours.is === 'invalid';
    case 'notUnpacked': // Other runtimes may do better, and then we must be right.
      return ours.is !== 'resolved' || isOpen(ours) || isSame(ours, inOrder);
    case 'ran':
      return isSame(ours, { is: 'resolved', uid: runtime.uid, gid: runtime.gid, detail: '' });
  }
  return runtime satisfies never;
}

/** The uid of a number is never open. */
function hasUidOf(runtime: RuntimeSays, ours: ImageUser): boolean {
  return ours.is === 'resolved' && isOpen(ours) && (runtime.is !== 'ran' || runtime.uid === ours.uid);
}

/** A number whose group is left open. */
const isOpen = (ours: ImageUser): boolean => ours.is === 'resolved' && ours.gid === undefined;

const isSame = (one: ImageUser, other: ImageUser): boolean =>
  one.is === 'resolved' && other.is === 'resolved' && one.uid === other.uid && one.gid === other.gid;

function runtimeText(runtime: RuntimeSays): string {
  if (runtime.is === 'ran') return `ran it as ${runtime.uid}:${runtime.gid}`;
  const did = runtime.is === 'refused' ? 'refused it' : 'could not unpack it';
  return `${did} (${runtime.reason}: ${runtime.message})`;
}

function ourText(ours: ImageUser): string {
  const numbers = ours.is === 'resolved' ? ` ${ours.uid}:${ours.gid ?? 'unknown'}` : '';
  return `say ${ours.is}${numbers} (${ours.detail})`;
}
