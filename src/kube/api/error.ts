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
  readonly status?: number;
  readonly temporary: boolean;
  readonly retryAfterMs?: number;
  /** Where a list may go on after its page expired; only with `gone`. */
  readonly continueToken?: string;
  /** What the server itself said, where it said anything: printable, one line, at most 700 characters. */
  readonly said?: string;
  /** Where one API group is in trouble, and the API server itself is not. */
  readonly apiGroup?: string;

  constructor(code: KubeErrorCode, message: string, details: KubeErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.temporary = temporaryCodes.has(code) && !hopelessStatuses.has(details.status ?? 0);
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.continueToken !== undefined) this.continueToken = details.continueToken;
    if (details.apiGroup !== undefined) this.apiGroup = details.apiGroup;
    if (details.said) this.said = printableLine(details.said, saidLimit);
  }
}

const saidLimit = 700;

type KubeErrorDetails = {
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly continueToken?: string;
  readonly said?: string;
  readonly apiGroup?: string;
  readonly cause?: unknown;
};

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
