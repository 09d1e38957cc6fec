// Trouble with a registry or an image: a closed set of codes, and whether trying again may help.

export const registryErrorCodes = [
  'unauthorized',
  'forbidden',
  'notFound',
  'tooManyRequests',
  'serverError',
  'unreachable',
  'timeout',
  'tls',
  'badReference', // not the name of an image
  'badOptions', // the options file, a CA file, a credential source
  'badCredentials', // a source of credentials failed
  'badDigest', // the bytes are not those that the digest names
  'badAnswer', // not what the protocol or the format says
  'tooLarge',
  'tooDeep',
  'tooMany',
  'tooSlow',
  'unsupported', // schema 1, foreign layers, artifacts, other platforms
  'refusedAddress', // a realm or redirect that leads inside
  'aborted',
] as const;

export type RegistryErrorCode = (typeof registryErrorCodes)[number];

type Details = { readonly status?: number; readonly retryAfterMs?: number; readonly cause?: unknown };

/**
 * Every failure of registry/ is one of these. The message is one sentence that names the host or the file and the way
 * out, never a credential; `temporary` says that the same may succeed later; `retryAfterMs` is what the registry asked for.
 */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: RegistryErrorCode;
  readonly temporary: boolean;
  readonly status?: number;
  readonly retryAfterMs?: number;

  constructor(code: RegistryErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.temporary = temporaryCodes.has(code);
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
  }

  /** The same trouble in other words, for who knows more of what it is about. */
  withMessage(message: string): RegistryError {
    return new RegistryError(this.code, message, { ...this.#details(), cause: this });
  }

  #details(): Details {
    const { status, retryAfterMs } = this;
    return { ...(status !== undefined && { status }), ...(retryAfterMs !== undefined && { retryAfterMs }) };
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

const tlsCauses =
  /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|EPROTO$|HOSTNAME_MISMATCH$)/;
const timeoutCauses = /^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/;
const unreachableCauses =
  /^(E(CONN|HOST|NET)[A-Z]+|EPIPE|ENOTFOUND|EAI_AGAIN|EADDRNOTAVAIL|UND_ERR_(SOCKET|CLOSED|DESTROYED))$/;

/** The code of what a socket, TLS or the HTTP parser threw. */
export function codeOfCause(cause: unknown): RegistryErrorCode {
  const code = causeCode(cause);
  if (tlsCauses.test(code)) return 'tls';
  if (timeoutCauses.test(code)) return 'timeout';
  return unreachableCauses.test(code) ? 'unreachable' : 'badAnswer';
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED` …; what wraps another error is looked through, five deep at most. */
export function causeCode(cause: unknown): string {
  let current = cause;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth += 1) {
    if ('code' in current && typeof current.code === 'string') return current.code;
    const errors: unknown = 'errors' in current ? current.errors : undefined;
    current = Array.isArray(errors) && errors.length > 0 ? errors[0] : 'cause' in current && current.cause;
  }
  return '';
}

const textLimit = 300;
// oxlint-disable-next-line no-control-regex -- control characters are what is taken out
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** Somebody else's text for one of our sentences: printable, one line, at most 300 characters. */
export function inertText(text: string): string {
  const clean = text
    .slice(0, 4 * textLimit)
    .replace(unprintable, ' ')
    .trim();
  return clean.length > textLimit ? `${clean.slice(0, textLimit)}…` : clean;
}
