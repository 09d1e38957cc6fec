// Text for a POSIX shell in which a value can be nothing but a word.

import type { Placeholder } from '../model/placeholder.ts';
import { isPlaceholder, placeholderText } from '../model/placeholder.ts';

export type Shell = { readonly sh: string };

type Value = string | number | Placeholder | Shell | readonly Value[];

/**
 * Writes a command: the literal parts stand as they are, each value becomes one word and each list as many. A
 * placeholder is left for a person to replace, with the quotes off where the name in it is plain.
 */
export function shell(parts: TemplateStringsArray, ...values: readonly Value[]): Shell {
  return { sh: String.raw({ raw: parts }, ...values.map(wordsOf)) };
}

function wordsOf(value: Value): string {
  if (typeof value === 'string' || typeof value === 'number') return shellWord(String(value));
  if ('sh' in value) return value.sh;
  return isPlaceholder(value) ? placeholderWord(value) : value.map(wordsOf).join(' ');
}

/** One word, whatever it holds; NUL, which no word can hold, is left out. */
const shellWord = (text: string): string => (/^[\w@%+:,./-]+$/.test(text) ? text : quoted(text).sh);

export const quoted = (text: string): Shell => ({
  sh: `'${text.replaceAll('\0', '').replaceAll("'", `'\\''`)}'`,
});

function placeholderWord(placeholder: Placeholder): string {
  const text = placeholderText(placeholder);
  return /^<[\w .-]*>$/.test(text) ? text : shellWord(text);
}
