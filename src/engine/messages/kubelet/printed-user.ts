// Finds the user that a sentence of the kubelet prints in parentheses, where the user's name may hold anything.

import type { Sentence } from './kubelet-sentences.ts';
import { originAt, squeeze, type Squeezed } from '../paste/squeeze.ts';

/** A name whose sentence is damaged is read up to this length, in characters. */
const maxUserLength = 200;

/** A user as a sentence prints it. */
type PrintedUser = {
  /** Exactly as it stands there; absent where none is printed or it is cut. */
  readonly text?: string;
  /** Where the sentence, as far as it was recognised, is over. */
  readonly end: number;
  readonly isWhole: boolean;
};

/**
 * The author of the image chooses the user's name, and it may imitate the rest of the sentence. The kubelet's own
 * words come last, so the last tail is the true one.
 */
export function readUser(
  paste: Squeezed,
  { tail, proof }: Sentence,
  from: number,
  until: number,
): PrintedUser | undefined {
  if (tail === undefined) return { end: from, isWhole: true };
  const whole = closedBy(tail, paste, from, until);
  if (whole) return whole;
  if (proof === undefined) return closedByParenthesis(paste, from);
  const cut = closedBy(proof, paste, from, until);
  return cut && { ...cut, isWhole: false };
}

function closedBy(closing: string, paste: Squeezed, from: number, until: number): PrintedUser | undefined {
  const { lower } = squeeze(closing);
  const at = paste.lower.lastIndexOf(lower, until - lower.length);
  if (at < from) return undefined;
  const text = paste.raw.slice(originAt(paste, from - 1) + 1, originAt(paste, at));
  return { text, end: at + lower.length, isWhole: true };
}

/** Where the tail is cut or was typed by hand: a name without blanks, if its parenthesis is closed. */
function closedByParenthesis(paste: Squeezed, from: number): PrintedUser {
  const start = originAt(paste, from - 1) + 1;
  const found = /^[^\s()]*(?=\))/.exec(paste.raw.slice(start, start + maxUserLength));
  if (!found) return { end: from, isWhole: false };
  return { text: found[0], end: paste.text.indexOf(')', from) + 1, isWhole: false };
}
