// Trouble with the API server: a closed set of codes, and whether trying again may help.

import { elementsOf, fieldsOf, textOf } from './json.ts';

export const kubeErrorCodes = [
  'unauthorized',
  'forbidden',
  'notFound',
  'conflict',
  'gone',
  'invalid',
  'tooManyRequests',
  'serverError',
  'unreachable',
  'timeout',
  'tls',
  'badResponse',
  'aborted',
] as const;

export type KubeErrorCode = (typeof kubeErrorCodes)[number];

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

  constructor(code: KubeErrorCode, message: string, details: KubeErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.temporary = temporaryCodes.has(code) && !hopelessStatuses.has(details.status ?? 0);
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.continueToken !== undefined) this.continueToken = details.continueToken;
    if (details.said) this.said = inertText(details.said, saidLimit);
  }
}

type KubeErrorDetails = {
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly continueToken?: string;
  readonly said?: string;
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

const unreachableCauses = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
]);

const timeoutCauses = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

const tlsCauses =
  /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|EPROTO$|HOSTNAME_MISMATCH$)/;

/** The code of what a socket, TLS or the HTTP parser threw. */
export function codeOfCause(cause: unknown): KubeErrorCode {
  const code = causeCode(cause);
  if (unreachableCauses.has(code)) return 'unreachable';
  if (timeoutCauses.has(code)) return 'timeout';
  if (tlsCauses.test(code)) return 'tls';
  return 'badResponse';
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED` …; what wraps another error is looked through, five deep at most. */
export function causeCode(cause: unknown): string {
  let current = cause;
  for (let depth = 0; depth < 5; depth += 1) {
    const { code, errors, cause: inner } = fieldsOf(current);
    if (typeof code === 'string') return code;
    current = elementsOf(errors)[0] ?? inner;
  }
  return '';
}

/** What an error says, whatever was thrown, made inert. */
export function messageOf(error: unknown): string {
  const message = textOf(fieldsOf(error)['message']);
  return inertText(message === '' ? String(error) : message);
}

const textLimit = 512;
const saidLimit = 700;
// oxlint-disable-next-line no-control-regex -- control characters are what is taken out
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** Somebody else's text for one of our sentences: printable, one line, at most `limit` characters. */
export function inertText(text: string, limit = textLimit): string {
  const clean = text
    .slice(0, 4 * limit)
    .replace(unprintable, ' ')
    .trim();
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}
