// What the runtime makes of an image, what we make of it, and whether these agree.

import type { ImageUser } from '../../src/model/image.ts';

export type RuntimeSays =
  | { readonly is: 'ran'; readonly uid: number; readonly gid: number }
  /** It could not or would not be that user, or the image is not one to it. */
  | { readonly is: 'refused'; readonly reason: string; readonly message: string };

/** One line that says what is wrong; undefined when they agree. */
export function disagreement(runtime: RuntimeSays, ours: ImageUser): string | undefined {
  return agrees(runtime, ours) ? undefined : `the runtime ${runtimeText(runtime)}, we ${ourText(ours)}`;
}

/** A number that the kubelet never lets pass is invalid whatever the runtime does with it. */
function agrees(runtime: RuntimeSays, ours: ImageUser): boolean {
  if (runtime.is === 'refused') return ours.is === 'notInImage' || ours.is === 'invalid';
  return ours.is === 'resolved' && ours.uid === runtime.uid && ours.gid === runtime.gid;
}

function runtimeText(runtime: RuntimeSays): string {
  return runtime.is === 'ran'
    ? `ran it as ${runtime.uid}:${runtime.gid}`
    : `refused it (${runtime.reason}: ${runtime.message})`;
}

function ourText(ours: ImageUser): string {
  const numbers = ours.is === 'resolved' ? ` ${ours.uid}:${ours.gid ?? 'unknown'}` : '';
  return `say ${ours.is}${numbers} (${ours.detail})`;
}
