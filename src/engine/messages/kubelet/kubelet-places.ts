// Finds where in a text the sentences of the kubelet begin and end.

import { sentences, type Sentence } from './kubelet-sentences.ts';
import { originAt, squeeze, type Squeezed } from '../paste/squeeze.ts';

/** Where the head of a sentence stands in the squeezed text. */
export type KubeletSentence = { readonly sentence: Sentence; readonly at: number; readonly end: number };

type SentenceForm = { readonly sentence: Sentence; readonly head: RegExp };
const forms: readonly SentenceForm[] = sentences.map((sentence) => ({
  sentence,
  head: headForm(sentence.head),
}));

/** Hyphens come in several widths, and people leave them out. */
function headForm(head: string): RegExp {
  const escaped = squeeze(head).lower.replaceAll(/[()]/g, '\\$&');
  return new RegExp(escaped.replaceAll('-', '[-\u2010-\u2013]?'), 'g');
}

/** In the order of the text. */
export function kubeletSentencesIn(paste: Squeezed): readonly KubeletSentence[] {
  const places = forms.flatMap(({ sentence, head }) =>
    Array.from(paste.lower.matchAll(head), ({ index, 0: found }) => ({
      sentence,
      at: index,
      end: index + found.length,
    })),
  );
  return places.filter((place) => isApart(paste, place)).toSorted((a, b) => a.at - b.at);
}

/**
 * Where the next message begins. In one line there is only one: a second beginning in it is part of the user's name,
 * while on a later line it is a line of its own.
 */
export function endOfMessage(
  paste: Squeezed,
  { end }: KubeletSentence,
  places: readonly KubeletSentence[],
): number {
  const lineEnd = paste.raw.indexOf('\n', originAt(paste, end - 1));
  if (lineEnd < 0) return paste.text.length;
  return places.find((next) => originAt(paste, next.at) > lineEnd)?.at ?? paste.text.length;
}

/** False where the sentence is only a part of longer words; an `n` in front may be that of an escaped line break. */
function isApart(paste: Squeezed, { at, end }: KubeletSentence): boolean {
  const start = originAt(paste, at);
  const last = originAt(paste, end - 1);
  const before = paste.raw.slice(Math.max(0, start - 2), start);
  const goesOn = /^\w\w/.test(paste.raw.slice(last, last + 2));
  return !goesOn && (!/\w$/.test(before) || /\\[nrt]$/.test(before));
}
