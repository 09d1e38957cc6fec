// Takes secrets out of text, before anything else sees it. This is the list of what is looked for, in order.

import { bearerTokens, commandCredentials, environmentValues } from './spoken-values.ts';
import { cardNumbers } from './card-numbers.ts';
import { emailAddresses } from './email-addresses.ts';
import { knownTokens } from './known-tokens.ts';
import { namedValues } from './named-values.ts';
import { privateKeys } from './private-keys.ts';
import { randomText } from './random-text.ts';
import { urlPasswords } from './url-passwords.ts';
import { visibleText } from './visible-text.ts';

const passes: readonly ((text: string) => string)[] = [
  privateKeys, // first: their lines would otherwise go one by one
  urlPasswords,
  environmentValues, // name: DB_PASSWORD, value: …
  namedValues, // password=…, "token": "…", Cookie: …
  bearerTokens,
  commandCredentials,
  knownTokens, // by what they begin with
  emailAddresses,
  cardNumbers,
  randomText, // last: whatever nothing else has named
];

/**
 * The text with every secret in it replaced by a word that says what it was: `password=[redacted password]`. Colours and
 * what is invisible go too, since they may stand in the middle of a secret; all else stays as it was, so that paths,
 * ports and what failed can still be read. In doubt a word goes. Takes time in proportion to the text; a second time changes
 * nothing.
 */
export function redacted(text: string): string {
  let rest = visibleText(text);
  for (let round = 0; round < maxRounds; round += 1) {
    const less = passes.reduce((before, pass) => pass(before), rest);
    if (less === rest) break;
    rest = less;
  }
  return rest;
}

/** What one pass takes out may set free what stood too close to it. */
const maxRounds = 4;
