// Takes out secrets that are introduced by other words than their own name: schemes, options of commands, lists of
// variables.

import { mark } from './marker.ts';
import { kindOf } from './telling-names.ts';

/** `Bearer …` or `Basic …` without a header in front. A word that follows in a sentence has no digit. */
const bearer = /\b(Bearer|Basic)([ \t]|%20)(?=[A-Za-z0-9+/_.=~-]{0,512}\d)[A-Za-z0-9+/_.=~-]{8,}/gi;

export const bearerTokens = (text: string): string =>
  text.replace(bearer, (_found, scheme: string, gap: string) => `${scheme}${gap}${mark('credentials')}`);

/** curl -u user:password, IDENTIFIED BY 'password'. */
const userOption = /(\s(?:-u|--user|--proxy-user)[ =]?["']?[^\s:"'[]{1,64}:)([^\s"'[]{1,256})/g;
const identifiedBy =
  /(\bIDENTIFIED (?:WITH [\w"']{1,40} )?BY (?:PASSWORD )?\\*["'])((?!\[redacted )[^"'\r\n\\]{1,256})/gi;

export const commandCredentials = (text: string): string =>
  [userOption, identifiedBy].reduce(
    (rest, pattern) => rest.replace(pattern, (_found, before: string) => `${before}${mark('password')}`),
    text,
  );

/** `name: DB_PASSWORD` with `value: …` behind it, as pods list their environment, in YAML or JSON. */
const variable =
  /(\bname\\{0,3}["']?:[ \t]{0,8}\\{0,3}["']?([\w.-]{1,80})\\{0,3}["']?[\s,]{1,64}\\{0,3}["']?value\\{0,3}["']?:[ \t]{0,8})(?:(\\{0,3}["'])((?!\[redacted )[^"'\r\n\\]{1,1024})|((?!\[redacted )[^\s"'\\,}]{1,1024}))/g;

export const environmentValues = (text: string): string =>
  text.replace(variable, (found: string, before: string, name: string, quote: string | undefined) => {
    const kind = kindOf(name);
    return kind ? `${before}${quote ?? ''}${mark(kind)}` : found;
  });
