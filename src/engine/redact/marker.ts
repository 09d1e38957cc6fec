// The words that stand where a secret was. They are never taken for a secret themselves.

export type SecretKind =
  | 'card number'
  | 'cookie'
  | 'credentials'
  | 'e-mail address'
  | 'password'
  | 'private key'
  | 'secret'
  | 'session id'
  | 'token';

export const mark = (kind: SecretKind): string => `[redacted ${kind}]`;

const marker =
  /\[redacted (?:card number|cookie|credentials|e-mail address|password|private key|secret|session id|token)\]/y;

/** Where the marker ends that begins at `at`; undefined: none begins there. */
export function endOfMarker(text: string, at: number): number | undefined {
  marker.lastIndex = at;
  return marker.test(text) ? marker.lastIndex : undefined;
}

/** Whether something in the text was taken out. */
export const hasMarker = (text: string): boolean => text.includes('[redacted ');
