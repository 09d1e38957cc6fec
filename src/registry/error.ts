// Trouble with a registry or an image: a closed set of codes, and whether trying again may help.

import { troubleOf } from '../net/cause-code.ts';

export type RegistryErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'notFound'
  | 'tooManyRequests'
  | 'serverError'
  | 'unreachable'
  | 'timeout'
  | 'tls'
  | 'badReference' // not the name of an image
  | 'badOptions' // the options file, a CA file, a credential source
  | 'badCredentials' // a source of credentials failed
  | 'badDigest' // the bytes are not those that the digest names
  | 'badAnswer' // not what the protocol or the format says
  | 'tooLarge'
  | 'tooDeep'
  | 'tooMany'
  | 'tooSlow'
  | 'unsupported' // schema 1, foreign layers, artifacts, other platforms
  | 'refusedAddress' // a realm or redirect to an internal address
  | 'aborted';

type Details = { readonly retryAfterMs?: number | undefined; readonly cause?: unknown };

/**
 * Every failure of registry/ is one of these. The message is one sentence with the host or the file and what to do,
 * never a credential; `temporary` says that the same may succeed later; `retryAfterMs` is what the registry asked for.
 */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: RegistryErrorCode;
  readonly temporary: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: RegistryErrorCode, message: string, { retryAfterMs, cause }: Details = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.temporary = temporaryCodes.has(code);
    this.retryAfterMs = retryAfterMs;
  }

  /** The same error with another message. */
  withMessage(message: string): RegistryError {
    return new RegistryError(this.code, message, { retryAfterMs: this.retryAfterMs, cause: this });
  }
}

const temporaryCodes = new Set<RegistryErrorCode>([
  'tooManyRequests',
  'serverError',
  'unreachable',
  'timeout',
  'tooSlow',
]);

const codesByStatus: Readonly<Record<number, RegistryErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'notFound',
  408: 'timeout',
  429: 'tooManyRequests',
  504: 'timeout',
};

/** The code of an HTTP status that is not a success. */
export function codeOfStatus(status: number): RegistryErrorCode {
  return codesByStatus[status] ?? (status >= 500 && status !== 501 ? 'serverError' : 'badAnswer');
}

/** The code of what a socket, TLS or the HTTP parser threw. */
export function codeOfCause(cause: unknown): RegistryErrorCode {
  const trouble = troubleOf(cause);
  return trouble === 'garbled' ? 'badAnswer' : trouble;
}
