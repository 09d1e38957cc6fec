// A registry in memory that tools can push to: as much of the OCI distribution API as they need.

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { digestOf } from './image.ts';

type Stored = { readonly bytes: Buffer; readonly type: string };

const uploadLimitBytes = 64 << 20;

export class PushRegistry {
  readonly #server: Server;
  /** By the path they are asked for under. */
  readonly #stored = new Map<string, Stored>();
  readonly #uploads = new Map<string, Buffer>();

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  /** `127.0.0.1:PORT` */
  async listen(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://registry');
    const { method } = request;
    if (method === 'GET' || method === 'HEAD') return this.#give(url.pathname, method, response);
    const bytes = await bodyOf(request);
    if (method === 'PUT' && url.pathname.includes('/manifests/'))
      return this.#takeManifest(
        url.pathname,
        { bytes, type: request.headers['content-type'] ?? '' },
        response,
      );
    return this.#upload(url, bytes, response);
  }

  #give(path: string, method: 'GET' | 'HEAD', response: ServerResponse): void {
    const found =
      path === '/v2/' ? { bytes: Buffer.from('{}'), type: 'application/json' } : this.#stored.get(path);
    if (!found) {
      response.writeHead(404).end();
      return;
    }
    const { bytes, type } = found;
    const headers = { 'content-type': type, 'docker-content-digest': digestOf(bytes) };
    response.writeHead(200, { ...headers, 'content-length': bytes.length });
    response.end(method === 'GET' ? bytes : undefined);
  }

  #takeManifest(path: string, manifest: Stored, response: ServerResponse): void {
    const folder = path.slice(0, path.lastIndexOf('/'));
    this.#stored.set(path, manifest).set(`${folder}/${digestOf(manifest.bytes)}`, manifest);
    response.writeHead(201, { location: path }).end();
  }

  /** POST begins, PATCH adds, PUT adds and ends. */
  #upload({ pathname, searchParams }: URL, bytes: Buffer, response: ServerResponse): void {
    const isNew = pathname.endsWith('/uploads/');
    const place = isNew ? `${pathname}${this.#uploads.size + 1}` : pathname;
    const whole = Buffer.concat([this.#uploads.get(place) ?? Buffer.alloc(0), bytes]);
    this.#uploads.set(place, whole);
    const digest = searchParams.get('digest');
    if (digest === null) {
      response.writeHead(202, { location: place, range: `0-${Math.max(0, whole.length - 1)}` }).end();
      return;
    }
    const isRight = digestOf(whole) === digest;
    const path = `${place.slice(0, place.indexOf('/uploads/'))}/${digest}`;
    if (isRight) this.#stored.set(path, { bytes: whole, type: 'application/octet-stream' });
    response.writeHead(isRight ? 201 : 400, { location: path }).end();
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of request) {
    if (!Buffer.isBuffer(piece)) continue;
    sizeBytes += piece.length;
    if (sizeBytes > uploadLimitBytes) throw new Error('too large for this registry');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
