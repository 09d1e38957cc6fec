// Which names say that what stands behind them is a secret, and of what kind.

import type { SecretKind } from './marker.ts';

const telling: readonly (readonly [RegExp, SecretKind])[] = [
  [/cookie/i, 'cookie'],
  [/sess(?:ion)?[-_.]?id|(?:^|[-_.])sid$/i, 'session id'],
  [/passw(?:or)?d|passphrase|passcode|pwd|(?:^|[-_.a-z])Pass$|(?:^|[-_.])pass$/i, 'password'],
  [/authorization|credential|(?:^|[-_.])auth$/i, 'credentials'],
  [/private[-_.]?key/i, 'private key'],
  [/token|jwt|bearer|api[-_.]?key|csrf|xsrf/i, 'token'],
  [
    /secret|(?:access|account|encryption|signing|shared|master|license|storage|subscription|webhook)[-_.]?key|signature|(?:^|[-_.])(?:sig|psk|otp|salt)$/i,
    'secret',
  ],
];

/** Endings of names that speak about a secret and do not hold it: passwordFile, secretName, token_type. */
const about =
  /(?:name|names|file|files|path|dir|ref|refs?|types?|ur[il]|endpoint|count|used|limit|size|length|ttl|timeout|enabled|required|policy|provider|method|mount|volume|tokeniz(?:er|ation)|version|scope|expir[a-z]*|[-_.](?:at|in|id))$/i;
const exceptions = /(?:session|sess)[-_.]?id$/i;

/** No name that lacks all of these tells anything; most words of a text are done with here. */
const quick = /pass|pwd|secret|token|key|cred|auth|sess|sid|cookie|jwt|bearer|csrf|xsrf|sig|psk|otp|salt/i;

/** A longer name is judged by its end, where compound names say what they are. */
const maxNameLength = 80;

/** The kind of secret that a value of this name is; undefined: none. */
export function kindOf(name: string): SecretKind | undefined {
  const end = name.slice(-maxNameLength);
  if (!quick.test(end)) return undefined;
  if (about.test(end) && !exceptions.test(end)) return undefined;
  return telling.find(([pattern]) => pattern.test(end))?.[1];
}
