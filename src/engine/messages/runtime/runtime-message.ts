// Recognises a container runtime's refusal of the image's user, in a pod's status and in whatever people paste.

import { printable } from '../../platform/data/printable.ts';
import { pasted } from '../pod-security/pasted.ts';
import { namesAround } from './names.ts';
import { placesIn, type Family, type RuntimeSentence } from './sentences.ts';
import { originAt, squeeze, type Squeezed } from '../paste/squeeze.ts';
import { unwrapped } from '../paste/unquoted.ts';

/** What one message of a runtime says. What it does not say stays unset. */
export type RuntimeRefusal = {
  /**
   * `user` or `group`: the image has no such name; `passwd-file`: it has no file to look it up in;
   * `userns-unmapped`: nothing is missing in the image, but the id is outside the pod's user namespace.
   */
  readonly family: Family;
  /** The name of the missing user or group, printable, at most 200 characters. */
  readonly user?: string;
  readonly container?: string;
  readonly pod?: string;
  readonly namespace?: string;
};

const maxUserLength = 200;

/** Reads the first refusal in a text that people or programs have handled. */
export function parseRuntimeMessage(text: string): RuntimeRefusal | undefined {
  const paste = pasted(text);
  const place = placesIn(paste)[0];
  return place && refusalAt(paste, place);
}

/** Where the message is the runtime's; for any other reason it may be an application's. */
const reasons = new Set(['CreateContainerError', 'RunContainerError', 'StartError', 'ContainerCannotRun']);

/**
 * Reads the message of a container that waits, or has terminated, for a reason of the runtime. The sentence must end
 * it: a command or a path that imitates one stands in quotes, with the runtime's own words behind.
 */
export function parseRuntimeStatus(reason: string, message: string): RuntimeRefusal | undefined {
  if (!reasons.has(reason)) return undefined;
  const paste = squeeze(message);
  const place = placesIn(paste).findLast((found) => isWholeEnd(paste, found));
  return place && refusalAt(paste, place);
}

function isWholeEnd({ lower, text }: Squeezed, { start, end }: RuntimeSentence): boolean {
  return /^["']*(?::unknown)?$/.test(lower.slice(end, end + 20)) && !/[^:"'=\]]/.test(text[start - 1] ?? ':');
}

function refusalAt(paste: Squeezed, { family, start, name }: RuntimeSentence): RuntimeRefusal {
  const user = name === undefined ? '' : nameBetween(paste, name);
  return {
    family,
    ...(user !== '' && { user }),
    ...namesAround(paste.raw, originAt(paste, start)),
  };
}

function nameBetween(paste: Squeezed, [start, end]: readonly [number, number]): string {
  const raw = paste.raw.slice(originAt(paste, start - 1) + 1, originAt(paste, end));
  return printable(unwrapped(raw).trim(), maxUserLength);
}
