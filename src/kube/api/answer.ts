// What an answer that is no success means: a KubeError with one clear sentence.

import type { IncomingHttpHeaders } from 'node:http';
import { codeOfCause, causeCode, codeOfStatus, inertText, KubeError, messageOf } from './error.ts';
import { fieldsOf, textOf } from './json.ts';

/** `list /api/v1/pods`, for messages. */
export type Asked = { readonly verb: string; readonly path: string };

/**
 * The error of an HTTP answer; `bytes` is its body, usually a Status. `nowMs` is the wall clock. Only a Status with the
 * reason NotFound is `notFound`: any proxy on the way can answer 404, and absence deletes what was recorded.
 */
export function errorOfAnswer(
  asked: Asked,
  answer: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly bytes: Buffer },
  nowMs: number,
): KubeError {
  const status = statusObjectOf(answer.bytes);
  const retryAfterMs = retryAfterOf(
    answer.headers['retry-after'],
    status.details['retryAfterSeconds'],
    nowMs,
  );
  const said = status.message || answer.bytes.subarray(0, 512).toString('utf8');
  const inert = inertText(said);
  const isUnsure = answer.status === 404 && status.reason !== 'NotFound';
  const hint = isUnsure
    ? ' (the API server did not say NotFound: a proxy, or an API that is not served)'
    : '';
  return new KubeError(
    isUnsure ? 'badResponse' : codeOfStatus(answer.status),
    `${sentence(asked)} failed with ${answer.status}${hint}${inert && `: ${inert}`}`,
    {
      status: answer.status,
      said,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(status.continueToken && { continueToken: status.continueToken }),
    },
  );
}

/** The error of an attempt that got no answer, or lost it half way. */
export function errorOfCause(asked: Asked, cause: unknown): KubeError {
  if (cause instanceof KubeError) return cause;
  const code = codeOfCause(cause);
  const why = causeCode(cause) || messageOf(cause);
  return new KubeError(code, `${sentence(asked)} ${outcomes[code] ?? 'failed'}: ${why}`, { cause });
}

const outcomes: Readonly<Record<string, string>> = {
  unreachable: 'could not reach the API server',
  timeout: 'took too long',
  tls: "does not trust the API server's certificate, or is not trusted",
  badResponse: 'got an answer that makes no sense',
};

/** `get /api/v1/pods`: hostile names are made inert too. */
export function sentence(asked: Asked): string {
  return `${asked.verb} ${inertText(asked.path)}`;
}

type StatusObject = {
  readonly reason: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly continueToken: string;
};

function statusObjectOf(bytes: Buffer): StatusObject {
  const { kind, reason, message, details, metadata } = fieldsOf(parsed(bytes));
  if (kind !== 'Status') return { reason: '', message: '', details: {}, continueToken: '' };
  return {
    reason: textOf(reason),
    message: textOf(message),
    details: fieldsOf(details),
    continueToken: textOf(fieldsOf(metadata)['continue']),
  };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Milliseconds from a Retry-After header (seconds or a date) or, without one, from the Status object's details. */
export function retryAfterOf(header: string | undefined, detail: unknown, nowMs: number): number | undefined {
  if (header !== undefined && /^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  // Date.parse takes a lone number for a year.
  const dateMs = header !== undefined && /[a-z]{3}/i.test(header) ? Date.parse(header) : Number.NaN;
  if (!Number.isNaN(dateMs)) return Math.max(0, dateMs - nowMs);
  return typeof detail === 'number' && detail > 0 && Number.isFinite(detail) ? detail * 1000 : undefined;
}

const maxWarnings = 16;

/** The texts of `Warning: 299 - "text"` headers, made inert: the first sixteen, of at most 512 characters each. */
export function warningsOf(header: string | readonly string[] | undefined): readonly string[] {
  const joined = header === undefined ? '' : [header].flat().join(', ');
  // The parser of HTTP takes each byte for a character; the API server writes UTF-8.
  const text = Buffer.from(joined, 'latin1').toString('utf8');
  const found = [...text.matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].slice(0, maxWarnings);
  return found.map((match) => inertText((match[1] ?? '').replaceAll(/\\(.)/g, '$1')));
}
