// For tests: an HTTP server on loopback that plays one story, and what it was asked.

import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cluster } from '../../src/kube/auth/cluster.ts';

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
};

/** Plays the story: `nth` counts the requests from 1. */
export type Story = (asked: Asked, response: ServerResponse, nth: number) => void | Promise<void>;

export type ScriptedServer = AsyncDisposable & {
  readonly cluster: Cluster;
  readonly port: number;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
};

/** Starts to listen, on a free port unless one is named. */
export async function startServer(story: Story, port = 0): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void play(request, response);
  });
  const play = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const one = await askedOf(request);
    asked.push(one);
    await story(one, response, asked.length);
  };
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = portOf(server.address());
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { cluster: clusterAt(address), port: address, asked, close, [Symbol.asyncDispose]: close };
}

export function clusterAt(port: number, authorize?: Cluster['authorize']): Cluster {
  return {
    server: `http://127.0.0.1:${port}`,
    namespace: 'default',
    authorize: authorize ?? (async () => ({ headers: {}, tls: {} })),
  };
}

/** Answers with JSON. */
export function say(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function statusObject(code: number, message: string, more: object = {}): object {
  const reason = code === 404 ? { reason: 'NotFound' } : {};
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code, ...reason, ...more };
}

/** Resolves when the condition holds; rejects when it does not come true in ten seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2000; tries += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`never came true: ${condition.toString()}`);
}

async function askedOf(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const url = new URL(request.url ?? '/', 'http://localhost');
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: request.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
