// Lists a collection once and hands out only the objects whose bytes hold one of some phrases.

import { ByteBuffer } from '../api/byte-buffer.ts';
import { KubeError, messageOf } from '../api/error.ts';
import { answerLimitBytes } from '../api/transport.ts';
import type { Transport } from '../api/transport.ts';
import { readPage } from './watch-lines.ts';
import { WireError } from './wire-error.ts';

export type Matching = {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** An object without any of these in its JSON is not parsed; plain ASCII that JSON does not escape. */
  readonly needles: readonly string[];
  readonly pageSize: number;
  /** Called with every page that is in. */
  readonly onPage?: () => void;
};

/** When a page has expired (410) the list goes on as `KubeClient.list` does. Throws KubeErrors. */
export async function* listMatching(
  transport: Transport,
  { path, query = {}, needles, pageSize, onPage }: Matching,
  signal: AbortSignal,
): AsyncGenerator<unknown, void> {
  const into = new ByteBuffer(answerLimitBytes);
  for (let token = ''; ;) {
    const paged = { ...query, limit: String(pageSize), ...(token && { continue: token }) };
    const hits: unknown[] = [];
    try {
      const { bytes } = await transport.request({ verb: 'list', path, query: paged, into }, signal);
      token = readPage(bytes, needles, (item) => hits.push(item)).continueToken;
    } catch (error) {
      token = offeredAfter(token, error, path);
    }
    onPage?.();
    yield* hits;
    if (!token) return;
  }
}

/** Where the server offers to go on; any other trouble is thrown. */
function offeredAfter(token: string, error: unknown, path: string): string {
  if (error instanceof WireError)
    throw new KubeError('badResponse', `list ${path} got an answer that makes no sense: ${messageOf(error)}`);
  const offered = token && error instanceof KubeError ? error.continueToken : undefined;
  if (!offered || offered === token) throw error;
  return offered;
}
