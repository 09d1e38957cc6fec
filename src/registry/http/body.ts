// The body of an answer, with a bound on every wait.

import { printableLine } from '../../engine/platform/data/printable.ts';
import { finished, type Readable } from 'node:stream';
import { codeOfCause, RegistryError } from '../error.ts';
import type { Limits } from '../limits.ts';
import type { TokenBucket } from './throttle.ts';

type BodyOptions = {
  readonly host: string;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly bucket: TokenBucket;
};

/** Its errors are RegistryErrors; `tooSlow` when bytes come too slowly. */
export async function* readBody(
  body: Readable,
  { limits, host, signal, bucket }: BodyOptions,
): AsyncGenerator<Uint8Array> {
  const pace = new ProgressGuard(limits);
  try {
    pace.startWaiting();
    for await (const piece of piecesOf(body)) {
      if (!pace.hasBrought(piece.length))
        throw new RegistryError('tooSlow', `${host} sends too slowly: it can be asked again later`);
      await bucket.take(piece.length, signal);
      yield piece;
      pace.startWaiting();
    }
  } catch (cause) {
    throw cause instanceof RegistryError ? cause : errorOf(host, cause, signal);
  }
}

/**
 * The pieces as they came from the socket. A stream's own iterator joins those that have gathered into new ones, and then
 * the memory of the old ones cannot be given back.
 */
async function* piecesOf(body: Readable): AsyncGenerator<Uint8Array> {
  const came: Uint8Array[] = [];
  let next = Promise.withResolvers<void>();
  const end: { isReached: boolean; error?: Error | null | undefined } = { isReached: false };
  body.on('data', (piece: Uint8Array) => {
    came.push(piece);
    body.pause();
    next.resolve();
  });
  finished(body, (error) => {
    Object.assign(end, { isReached: true, error });
    next.resolve();
  });
  while (!end.isReached) {
    body.resume();
    await next.promise;
    next = Promise.withResolvers();
    yield* came.splice(0);
  }
  if (end.error) throw end.error;
}

/** At least so many bytes for so much waiting. Our own time between pieces does not count. */
class ProgressGuard {
  readonly #limits: Limits;
  #startMs = 0;
  #waitedMs = 0;
  #bytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  startWaiting(): void {
    this.#startMs = performance.now();
  }

  hasBrought(bytes: number): boolean {
    this.#waitedMs += performance.now() - this.#startMs;
    this.#bytes += bytes;
    if (this.#waitedMs < this.#limits.progressMs) return true;
    const isEnough = this.#bytes >= this.#limits.progressBytes;
    this.#waitedMs = 0;
    this.#bytes = 0;
    return isEnough;
  }
}

function errorOf(host: string, cause: unknown, signal: AbortSignal): RegistryError {
  if (signal.aborted) return new RegistryError('aborted', `${host}: aborted`);
  const code = codeOfCause(cause);
  const text = cause instanceof Error ? printableLine(cause.message) : '';
  const message = `${host} broke off its answer (${text})`;
  return new RegistryError(code === 'badAnswer' ? 'unreachable' : code, message, { cause });
}
