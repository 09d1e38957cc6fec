// Lists a collection once, one object after another; only those whose bytes hold one of some phrases, if any are given.

import { defaultBackoff, delayOf, pause } from '../../net/backoff.ts';
import { KubeError, messageOf } from '../api/error.ts';
import type { KubeRequest, Transport } from '../api/transport.ts';
import { PageReader, type PageReaderOptions } from './page-reader.ts';
import { WireError } from './wire-error.ts';

export type ListOptions = {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** An object without any of these in its JSON is not parsed; plain ASCII that JSON does not escape. Called for each page. */
  readonly needles?: readonly string[] | (() => readonly string[]);
  /** Of an object that is not parsed its metadata is handed out, and nothing else. */
  readonly keepsMetadata?: boolean;
  readonly pageSize?: number;
  /** No more objects than this. */
  readonly max?: number;
  /** Called with every page that is in. */
  readonly onPage?: () => void;
};

const attempts = 4;

/**
 * When a page has expired (410) the list goes on from the same place with the newer state that the server offers: what was
 * handed out already cannot be taken back, so starting again would say things twice. An object that is too large is
 * left out, and reported to the transport. Throws KubeErrors.
 */
export async function* listObjects(
  transport: Transport,
  { max = Infinity, pageSize = 250, ...options }: ListOptions,
  signal: AbortSignal,
): AsyncGenerator<unknown, void> {
  let left = max;
  const limit = String(Math.min(pageSize, max));
  for await (const item of itemsOf(transport, options, limit, signal)) {
    if (left > 0) yield item;
    left -= 1;
    if (left <= 0) return;
  }
}

async function* itemsOf(
  transport: Transport,
  {
    query = {},
    onPage,
    needles = [],
    keepsMetadata = false,
    ...options
  }: Omit<ListOptions, 'max' | 'pageSize'>,
  limit: string,
  signal: AbortSignal,
): AsyncGenerator<unknown, void> {
  for (let token = ''; ;) {
    const page = { ...options, query: { ...query, limit, ...(token && { continue: token }) } };
    try {
      const phrases = typeof needles === 'function' ? needles() : needles;
      token = yield* itemsOfPage(transport, page, { needles: phrases, keepsMetadata }, signal);
    } catch (error) {
      token = offeredAfter(token, error, options.path);
    }
    onPage?.();
    if (token === '') return;
  }
}

/** A page that breaks off is read again unless something of it was handed out: that cannot be taken back. */
async function* itemsOfPage(
  transport: Transport,
  page: Pick<KubeRequest, 'path' | 'query' | 'accept'>,
  reading: Pick<PageReaderOptions, 'needles' | 'keepsMetadata'>,
  signal: AbortSignal,
): AsyncGenerator<unknown, string> {
  for (let failures = 1; ; failures += 1) {
    const reader = new PageReader({
      ...reading,
      onSkipped: (object) => transport.skipped(page.path, object),
    });
    const { stream } = await transport.request({ verb: 'list', ...page, isStreamed: true }, signal);
    let isUntouched = true;
    try {
      for await (const item of reader.items(stream)) {
        isUntouched = false;
        yield item;
      }
      return reader.end.continueToken;
    } catch (error) {
      const isBroken = error instanceof KubeError && error.temporary;
      if (!isBroken || !isUntouched || failures >= attempts) throw error;
      await pause(delayOf(defaultBackoff.baseMs, defaultBackoff.capMs, failures, Math.random()), signal);
    }
  }
}

/** Where the server offers to go on; any other trouble is thrown. */
function offeredAfter(token: string, error: unknown, path: string): string {
  if (error instanceof WireError) throw new KubeError('badResponse', `list ${path}: ${messageOf(error)}`);
  const offered = token && error instanceof KubeError ? error.continueToken : undefined;
  if (!offered || offered === token) throw error;
  return offered;
}
