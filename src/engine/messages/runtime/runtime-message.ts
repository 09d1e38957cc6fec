// Recognises a container runtime's failure of the image's user, in a pod's status and in whatever people paste.

import { printable } from '../../platform/data/printable.ts';
import { pastedText } from '../paste/pasted-text.ts';
import { runtimeNamesAround } from './runtime-names.ts';
import { runtimeSentencesIn, type RuntimeFamily, type RuntimeSentence } from './runtime-sentences.ts';
import { originAt, squeeze, type Squeezed } from '../paste/squeeze.ts';
import { unwrapped } from '../paste/quoting.ts';

/** What one message of a runtime says. What it does not say stays unset. */
export type RuntimeFailure = {
  /**
   * `user` or `group`: the image has no such name; `passwd-file`: it has no file to look it up in;
   * `userns-unmapped`: nothing is missing in the image, but the id is outside the pod's user namespace.
   */
  readonly family: RuntimeFamily;
  /** The name of the missing user or group, printable, at most 200 characters. */
  readonly user?: string;
  readonly container?: string;
  readonly pod?: string;
  readonly namespace?: string;
};

const maxUserLength = 200;

/** Reads the first failure in a text that people or programs have handled. */
export function parseRuntimeMessage(text: string): RuntimeFailure | undefined {
  const paste = pastedText(text);
  const place = runtimeSentencesIn(paste)[0];
  return place && failureAt(paste, place);
}

/** Where the message is the runtime's; for any other reason it may be an application's. */
const reasons = new Set(['CreateContainerError', 'RunContainerError', 'StartError', 'ContainerCannotRun']);

/**
 * Reads the message of a container that waits, or has terminated, for a reason of the runtime. The sentence must end
 * it: a command or a path that imitates one stands in quotes, with the runtime's own words behind.
 */
export function parseRuntimeStatus(reason: string, message: string): RuntimeFailure | undefined {
  if (!reasons.has(reason)) return undefined;
  const paste = squeeze(message);
  const place = runtimeSentencesIn(paste).findLast((found) => isWholeEnd(paste, found));
  return place && failureAt(paste, place);
}

function isWholeEnd({ lower, text }: Squeezed, { start, end }: RuntimeSentence): boolean {
  return /^["']*(?::unknown)?$/.test(lower.slice(end, end + 20)) && !/[^:"'=\]]/.test(text[start - 1] ?? ':');
}

function failureAt(paste: Squeezed, { family, start, name }: RuntimeSentence): RuntimeFailure {
  const user = (name && nameBetween(paste, name)) || undefined;
  return {
    family,
    ...(user !== undefined && { user }),
    ...runtimeNamesAround(paste.raw, originAt(paste, start)),
  };
}

/** The same words whatever the runtime, without the paths that change with every attempt. */
export const runtimeSentence = ({ family, user }: Pick<RuntimeFailure, 'family' | 'user'>): string =>
  sentences[family](user);

const sentences: Readonly<Record<RuntimeFamily, (user: string | undefined) => string>> = {
  user: (user) =>
    `unable to find user${user === undefined ? '' : ` ${user}`}: no matching entries in passwd file`,
  group: (group) =>
    `unable to find group${group === undefined ? '' : ` ${group}`}: no matching entries in group file`,
  'passwd-file': () => 'unable to find user: the image has no /etc/passwd',
  'userns-unmapped': () => "the id is not mapped in the pod's user namespace",
};

function nameBetween(paste: Squeezed, [start, end]: readonly [number, number]): string {
  const raw = paste.raw.slice(originAt(paste, start - 1) + 1, originAt(paste, end));
  return printable(unwrapped(raw).trim(), maxUserLength);
}
