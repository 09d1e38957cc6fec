// The KubeError of an answer that is not a success, with one clear sentence.

import { jsonIn, numberAt, objectAt, textOf } from '../../engine/platform/data/field.ts';
import { printableLine } from '../../engine/platform/data/printable.ts';
import { causeCode, troubleOf } from '../../net/cause-code.ts';
import type { IncomingHttpHeaders } from 'node:http';
import { retryAfterMs } from '../../net/retry-after.ts';
import { codeOfStatus, KubeError, messageOf } from './error.ts';

/** `list /api/v1/pods`, for messages. */
type Asked = { readonly verb: string; readonly path: string };

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
  const said = status.message || answer.bytes.subarray(0, 512).toString('utf8');
  const inert = printableLine(said);
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
      retryAfterMs: retryAfterMs(answer.headers['retry-after'], nowMs) ?? status.retryAfterMs,
      continueToken: status.continueToken || undefined,
    },
  );
}

/** The error of an attempt that got no answer, or lost it half way. */
export function errorOfCause(asked: Asked, cause: unknown): KubeError {
  if (cause instanceof KubeError) return cause;
  const trouble = troubleOf(cause);
  const code = trouble === 'garbled' ? 'badResponse' : trouble;
  // Of an exception in our own code, too, the message must not be lost.
  const why = trouble === 'garbled' ? [causeCode(cause), messageOf(cause)] : [causeCode(cause)];
  return new KubeError(code, `${sentence(asked)} ${outcomes[trouble]}: ${why.filter(Boolean).join(': ')}`, {
    cause,
  });
}

const outcomes: Readonly<Record<ReturnType<typeof troubleOf>, string>> = {
  unreachable: 'could not reach the API server',
  timeout: 'took too long',
  tls: "does not trust the API server's certificate, or is not trusted",
  garbled: 'failed',
};

/** `get /api/v1/pods`: hostile names are made inert too. */
export function sentence(asked: Asked): string {
  return `${asked.verb} ${printableLine(asked.path)}`;
}

function statusObjectOf(bytes: Buffer) {
  const body = objectAt(jsonIn(bytes));
  const status = body['kind'] === 'Status' ? body : {};
  const seconds = numberAt(status, 'details', 'retryAfterSeconds') ?? 0;
  return {
    reason: textOf(status, 'reason'),
    message: textOf(status, 'message'),
    retryAfterMs: seconds > 0 ? seconds * 1000 : undefined,
    continueToken: textOf(status, 'metadata', 'continue'),
  };
}

const maxWarnings = 16;

/** The texts of `Warning: 299 - "text"` headers, made inert: the first sixteen, of at most 512 characters each. */
export function warningsOf(header: string | readonly string[] | undefined): readonly string[] {
  const joined = header === undefined ? '' : [header].flat().join(', ');
  // The parser of HTTP takes each byte for a character; the API server writes UTF-8.
  const text = Buffer.from(joined, 'latin1').toString('utf8');
  const found = [...text.matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].slice(0, maxWarnings);
  return found.map((match) => printableLine((match[1] ?? '').replaceAll(/\\(.)/g, '$1')));
}
