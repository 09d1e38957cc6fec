// A TCP proxy before the API server whose connections can be cut.

import { createServer, connect } from 'node:net';
import type { Socket } from 'node:net';

export type Cutter = {
  readonly port: number;
  /** Cuts every connection, with a reset or with an orderly end; returns how many there were. */
  cut(how: 'reset' | 'end'): number;
  close(): void;
};

/** Listens on a loopback port; `host` and `port` are those of the API server. */
export function startCutter(target: { readonly host: string; readonly port: number }): Promise<Cutter> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((inner) => join(inner, connect(target), pairs));
  const cut = (how: 'reset' | 'end') => {
    const open = [...pairs];
    for (const sockets of open) for (const socket of sockets) sever(socket, how);
    return open.length;
  };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({ port, cut, close: () => (cut('reset'), void server.close()) });
    });
  });
}

function join(inner: Socket, outer: Socket, pairs: Set<readonly [Socket, Socket]>): void {
  const pair = [inner, outer] as const;
  pairs.add(pair);
  inner.pipe(outer).pipe(inner);
  for (const socket of pair) {
    socket.on('error', () => {}); // what the other side sees is what counts
    socket.once('close', () => {
      pairs.delete(pair);
      for (const one of pair) one.destroy();
    });
  }
}

function sever(socket: Socket, how: 'reset' | 'end'): void {
  if (how === 'reset') socket.resetAndDestroy();
  else socket.destroySoon();
}
