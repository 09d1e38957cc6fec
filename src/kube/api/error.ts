// Trouble with the API server: a closed set of codes, and whether trying again may help.

import { printableLine } from '../../engine/platform/data/printable.ts';

export type KubeErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'gone'
  | 'invalid'
  | 'tooManyRequests'
  | 'serverError'
  | 'unreachable'
  | 'timeout'
  | 'tls'
  | 'badResponse'
  | 'aborted';

/**
 * Every failure of kube/ is one of these. `status` is the HTTP status, where there was an answer; `temporary` says
 * that the same request may succeed later; `retryAfterMs` is what the server asked for. The message is one sentence
 * with the verb, the path and what the server said, never a credential.
 */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: KubeErrorCode;
  readonly status: number | undefined;
  readonly temporary: boolean;
  readonly retryAfterMs: number | undefined;
  /** Where a list may go on after its page expired; only with `gone`. */
  readonly continueToken: string | undefined;
  /** What the server itself said, where it said anything: printable, one line, at most 700 characters. */
  readonly said: string | undefined;
  /** Where one API group is in trouble, and the API server itself is not. */
  readonly apiGroup: string | undefined;

  constructor(code: KubeErrorCode, message: string, { cause, ...details }: KubeErrorDetails = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.temporary = temporaryCodes.has(code) && !hopelessStatuses.has(details.status ?? 0);
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.continueToken = details.continueToken;
    this.apiGroup = details.apiGroup;
    this.said = details.said ? printableLine(details.said, saidLimit) : undefined;
  }
}

const saidLimit = 700;

type KubeErrorDetails = Partial<
  Pick<KubeError, 'status' | 'retryAfterMs' | 'continueToken' | 'said' | 'apiGroup' | 'cause'>
>;

const temporaryCodes = new Set<KubeErrorCode>([
  'tooManyRequests',
  'serverError',
  'unreachable',
  'timeout',
  'badResponse',
]);

/** Not implemented, HTTP version not supported: the server will say the same tomorrow. */
const hopelessStatuses = new Set([501, 505]);

const codesByStatus: Readonly<Record<number, KubeErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'notFound',
  408: 'timeout',
  409: 'conflict',
  410: 'gone',
  429: 'tooManyRequests',
  504: 'timeout',
};

/** The code of an HTTP status that is not a success; a redirect is a bad response, for none is followed. */
export function codeOfStatus(status: number): KubeErrorCode {
  const known = codesByStatus[status];
  if (known) return known;
  if (status >= 500) return 'serverError';
  return status >= 400 ? 'invalid' : 'badResponse';
}

/** The message of anything that was thrown, as one printable line. */
export function messageOf(error: unknown): string {
  return printableLine((error instanceof Error && error.message) || String(error));
}
