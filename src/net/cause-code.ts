// What went wrong below HTTP: the code that a socket, TLS or a parser gave, and what it comes to.

import { listAt, objectAt } from '../engine/platform/data/field.ts';

const unreachableCodes =
  /^(E(CONN|HOST|NET)[A-Z]+|EPIPE|ENOTFOUND|EAI_AGAIN|EADDRNOTAVAIL|UND_ERR_(SOCKET|CLOSED|DESTROYED))$/;
const timeoutCodes = /^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/;
const tlsCodes =
  /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|EPROTO$|HOSTNAME_MISMATCH$)/;

/** `garbled` is everything else: an answer that is not HTTP, say. */
export function troubleOf(cause: unknown): 'unreachable' | 'timeout' | 'tls' | 'garbled' {
  const code = causeCode(cause);
  if (unreachableCodes.test(code)) return 'unreachable';
  if (timeoutCodes.test(code)) return 'timeout';
  return tlsCodes.test(code) ? 'tls' : 'garbled';
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED` …; empty without one. Errors that wrap another are opened, at most five deep. */
export function causeCode(cause: unknown): string {
  let current = cause;
  for (let depth = 0; depth < 5; depth += 1) {
    const { code, errors, cause: inner } = objectAt(current);
    if (typeof code === 'string') return code;
    current = listAt(errors)[0] ?? inner;
  }
  return '';
}
