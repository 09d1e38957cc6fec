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
  'notAllowed', // a registry that nobody listed
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
}

const temporaryCodes = new Set<RegistryErrorCode>([
  'tooManyRequests',
  'serverError',
  'unreachable',
  'timeout',
  'tooSlow',
]);
