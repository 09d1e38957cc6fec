// Writes YAML for kubectl, which reads YAML 1.1: there a container called `on` is a boolean and one called `1e3` a number.

import { stringify } from 'yaml';
import type { ScalarTag } from 'yaml';

import { isPlaceholder, placeholderText } from '../model/placeholder.ts';

/**
 * YAML that kubectl reads back as exactly this value, whatever its strings look like.
 *
 * @param value plain data, as JSON can hold it; half a surrogate pair, which no file can hold, becomes U+FFFD; a
 *   Placeholder stands without quotes, for a person to replace
 */
export function yamlOf(value: unknown): string {
  return stringify(value, {
    customTags: (tags) => [text, placeholder, ...tags],
    aliasDuplicateObjects: false,
    lineWidth: 0,
  });
}

/** The same on one line, which is JSON as well unless a character in it is invisible and astral. */
export const yamlLineOf = (value: unknown): string =>
  escaped(JSON.stringify(value, (_, item) => (typeof item === 'string' ? item.toWellFormed() : item)));

/** Every string, keys too. */
const text: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => typeof value === 'string',
  resolve: (string) => string,
  // Never as a block of lines: one of them could be taken for a line of ours.
  stringify: ({ value }) => {
    const written = String(value).toWellFormed();
    return plain.test(written) && !words.test(written) ? written : quoted(written);
  },
};

const placeholder: ScalarTag = {
  tag: '!placeholder',
  default: true,
  identify: isPlaceholder,
  resolve: (string) => string,
  stringify: ({ value }) => (isPlaceholder(value) ? placeholderText(value).replaceAll(/\s+/g, ' ') : ''),
};

/**
 * What begins with a letter, a slash or a dollar sign can be no number and no date, and what holds nothing but these
 * characters can be no syntax. All else is quoted, though some of it need not be.
 */
const plain = /^[a-z/$][\w./@+=$%(),~-]*(?:[: ][\w./@+=$%(),~-]+)*$/i;

/** Booleans and null, in any case, and the exponent that some readers take for a number. */
const words = /^(?:y|n|yes|no|on|off|true|false|null|e[+-]?\d+)$/i;

/** As JSON quotes it, with every character that a terminal might obey, or YAML does not take, by its number. */
const quoted = (written: string): string => escaped(JSON.stringify(written));

const escaped = (json: string): string =>
  json.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffe\uffff]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    return code > 0xffff ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
