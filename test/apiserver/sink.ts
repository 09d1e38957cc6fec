// Where an answer goes. Faults stand between the server and the socket by wrapping one of these.

import type { ServerResponse } from 'node:http';

export type Sink = {
  readonly head: (code: number, headers: Readonly<Record<string, string>>) => void;
  /** A whole body, or one line of a watch. */
  readonly write: (bytes: string | Buffer) => void;
  readonly end: () => void;
  /** Breaks the connection off, as a crash would. */
  readonly reset: () => void;
  /** Aborted when the connection is gone, whoever ended it. */
  readonly closed: AbortSignal;
};

/** A reader that takes nothing may hold this much back before it is cut off. */
const unreadLimitBytes = 256 * 1024 * 1024;

export function sinkTo(response: ServerResponse): Sink {
  const closing = new AbortController();
  response.once('close', () => closing.abort());
  const reset = (): void => void response.socket?.resetAndDestroy();
  return {
    head: (code, headers) => {
      response.writeHead(code, headers);
      // A watch without events must still be seen to have begun.
      response.flushHeaders();
    },
    write: (bytes) => {
      if (!response.writableEnded) response.write(bytes);
      if (response.writableLength > unreadLimitBytes) reset();
    },
    end: () => void response.end(),
    reset,
    closed: closing.signal,
  };
}
