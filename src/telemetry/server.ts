// Serves /metrics, /healthz and /readyz, and nothing else.

import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Registry } from 'prom-client';

export type Readiness = {
  /** A sentence for each thing that keeps it from being ready. */
  readonly problems: readonly string[];
  /** Ready to take over from the replica that leads. */
  readonly isStandby: boolean;
};

type ServerOptions = {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly readiness: () => Readiness;
};

/** Listens until it is stopped. Slow and idle clients are cut off: they cannot use up its sockets. */
export class TelemetryServer {
  readonly #options: ServerOptions;
  readonly #server: Server;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000 });
    this.#server.maxConnections = 64;
  }

  /** @returns the address that it listens on; throws when it is taken */
  async start(): Promise<AddressInfo> {
    const { host, port } = this.#options;
    this.#server.on('request', (request, response) => void this.#serve(request, response));
    this.#server.listen(port, host === '' ? undefined : host);
    await once(this.#server, 'listening');
    const at = this.#server.address();
    return typeof at === 'object' && at !== null ? at : { address: host, port, family: '' };
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const { code, type, body } = await this.#answer(request.method ?? '', path);
    response.writeHead(code, { 'content-type': type, 'x-content-type-options': 'nosniff' });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  async #answer(method: string, path: string): Promise<TelemetryAnswer> {
    if (method !== 'GET' && method !== 'HEAD') return text(405, 'only GET\n');
    switch (path) {
      case '/metrics':
        return {
          code: 200,
          type: this.#options.registry.contentType,
          body: await this.#options.registry.metrics(),
        };
      case '/healthz':
        return text(200, 'ok\n');
      case '/readyz':
        return readinessAnswer(this.#options.readiness());
      default:
        return text(404, 'not found\n');
    }
  }
}

type TelemetryAnswer = { readonly code: number; readonly type: string; readonly body: string };

const text = (code: number, body: string): TelemetryAnswer => ({
  code,
  type: 'text/plain; charset=utf-8',
  body,
});

const maxProblems = 50;

function readinessAnswer({ problems, isStandby }: Readiness): TelemetryAnswer {
  if (problems.length === 0) return text(200, isStandby ? 'ok, standby\n' : 'ok\n');
  const more = problems.length > maxProblems ? [`And ${problems.length - maxProblems} more.`] : [];
  return text(503, [...problems.slice(0, maxProblems), ...more, ''].join('\n'));
}
