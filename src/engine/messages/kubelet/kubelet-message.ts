// Recognises the sentences of the kubelet, in a pod's status and in whatever people paste.

import type { Cause } from '../../model/cause.ts';
import { endOfMessage, kubeletSentencesIn, type KubeletSentence } from './kubelet-places.ts';
import { sentences, write } from './kubelet-sentences.ts';
import { readSuffix } from './kubelet-suffix.ts';
import { namesAroundSentence } from './names-around.ts';
import { printable } from '../../platform/data/printable.ts';
import { readUser } from './printed-user.ts';
import { originAt, squeeze, type Squeezed } from '../paste/squeeze.ts';
import { unquoted, unwrapped } from '../paste/quoting.ts';

/** What one message of the kubelet says. What it does not say, or not to the end, stays unset. */
export type KubeletFailure = {
  readonly cause: Cause;
  /** The image's user or the Windows account, printable, at most 200 characters. */
  readonly user?: string;
  readonly container?: string;
  readonly pod?: string;
  readonly namespace?: string;
  /** The sentence as a kubelet writes it, without pod and container: printable, at most 512 characters. */
  readonly message: string;
};

const maxUserLength = 200;
/** Beginnings of a sentence that are read in one text; all but Windows' decide at the first. */
const maxTries = 16;

/**
 * Reads the first failure in a text that people or programs have handled: wrapped, quoted, escaped, with something in
 * front or behind, or cut. Half a sentence in the midst of other words is none.
 */
export function parseKubeletMessage(text: string): KubeletFailure | undefined {
  const paste = squeeze(text);
  const places = kubeletSentencesIn(paste);
  for (const place of places.slice(0, maxTries)) {
    const failure = readAt(paste, place, endOfMessage(paste, place, places), unwrapped);
    if (failure) return { ...namesAroundSentence(paste.raw, originAt(paste, place.at)), ...failure };
  }
  return cutShort(paste);
}

/**
 * Reads a message from a pod's status or from an Event, where the sentence begins the text. So words of an application
 * or of another error never match, even if they quote the kubelet, and a user's name that imitates a sentence is only
 * a name.
 */
export function parseKubeletStatus(text: string): KubeletFailure | undefined {
  const paste = squeeze(text);
  const start = lengthOfWrapper(paste.lower);
  const place = kubeletSentencesIn(paste).find(({ at }) => at === start);
  return place && readAt(paste, place, paste.text.length, (user) => user);
}

const lengthOfWrapper = (lower: string): number =>
  /^(?:\(combinedfromsimilarevents\):)?(?:error:)?/.exec(lower)?.[0].length ?? 0;

function readAt(
  paste: Squeezed,
  { sentence, at, end }: KubeletSentence,
  until: number,
  joined: (user: string) => string,
): KubeletFailure | undefined {
  const user = readUser(paste, sentence, end, until);
  if (!user) return undefined;
  const { backslashes, ...names } = readSuffix(paste, user.end, user.isWhole);
  const said =
    user.text === undefined ? undefined : unquoted(joined(user.text), beforeOf(paste, at), backslashes);
  const shown = said === undefined ? undefined : printable(said, maxUserLength);
  const isLost = shown === undefined || (sentence.cause === 'InvalidImageUID' && !/^-?\d+$/.test(shown));
  return {
    cause: sentence.cause,
    ...(!isLost && shown !== '' && { user: shown }),
    ...names,
    message: write(sentence, isLost ? '…' : shown),
  };
}

/** A text that is nothing but the beginning of a sentence was cut there. */
function cutShort({ lower }: Squeezed): KubeletFailure | undefined {
  const said = lower.slice(lengthOfWrapper(lower)).replace(/(?:\.{3}|…)$/, '');
  const sentence = sentences.find(
    ({ head, stem }) => stem && said.startsWith(squeeze(stem).lower) && squeeze(head).lower.startsWith(said),
  );
  return sentence && { cause: sentence.cause, message: write(sentence, '…') };
}

function beforeOf(paste: Squeezed, at: number): string {
  const start = originAt(paste, at);
  return paste.raw.slice(Math.max(0, start - 40), start);
}
