// A registry on this machine for tests: serves what was pushed into it, and plays stories.

import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate.ts';
import { indexType, type Blob, type BuiltImage } from './image.ts';

/** What a story does to a request; true when it has answered. */
export type Story = (exchange: Exchange) => boolean;

export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** How many requests came before, this story's and others'. */
  readonly number: number;
  readonly server: RegistryServer;
};

export type Asked = { readonly method: string; readonly path: string; readonly authorization: string };

type Stored = { readonly bytes: Buffer; readonly mediaType: string };

const manifestPath = /^\/v2\/(.+)\/manifests\/([^/]+)$/;
const blobPath = /^\/v2\/.+\/blobs\/([^/]+)$/;

export class RegistryServer {
  readonly asked: Asked[] = [];
  readonly #server: Server;
  readonly #address: string;
  readonly #scheme: 'http' | 'https';
  readonly #manifests = new Map<string, Stored>();
  readonly #blobs = new Map<string, Buffer>();
  readonly #stories: Story[] = [];

  constructor(address = '127.0.0.1', certificate?: Certificate) {
    const listener: RequestListener = (request, response) => this.#answer(request, response);
    this.#address = address;
    this.#scheme = certificate ? 'https' : 'http';
    this.#server = certificate ? createTlsServer(certificate, listener) : createServer(listener);
  }

  async listen(): Promise<this> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(0, this.#address, resolve);
    await promise;
    return this;
  }

  /** `127.0.0.1:PORT` */
  get host(): string {
    return `${this.#address}:${(this.#server.address() as AddressInfo).port}`;
  }

  get origin(): string {
    return `${this.#scheme}://${this.host}`;
  }

  push(repository: string, tag: string, { manifest, manifestType, config, layers }: BuiltImage): void {
    this.pushManifest(repository, tag, manifest, manifestType);
    for (const each of [config, ...layers]) this.pushBlob(each);
  }

  pushManifest(repository: string, tag: string, { digest, bytes }: Blob, mediaType = indexType): void {
    for (const name of [tag, digest]) this.#manifests.set(`${repository} ${name}`, { bytes, mediaType });
  }

  pushBlob({ digest, bytes }: Blob): void {
    this.#blobs.set(digest, bytes);
  }

  /** Stories are asked in this order, before the registry itself. */
  play(...stories: readonly Story[]): this {
    this.#stories.push(...stories);
    return this;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.origin);
    const number = this.asked.length;
    this.asked.push({
      method: request.method ?? '',
      path: url.pathname + url.search,
      authorization: request.headers.authorization ?? '',
    });
    response.on('error', () => undefined);
    const exchange = { request, response, url, number, server: this };
    if (!this.#stories.some((story) => story(exchange))) this.#serve(exchange);
  }

  #serve({ request, response, url }: Exchange): void {
    const [, repository = '', name = ''] = manifestPath.exec(url.pathname) ?? [];
    const manifest = this.#manifests.get(`${repository} ${name}`);
    if (manifest) return send(request, response, manifest);
    const bytes = this.#blobs.get(blobPath.exec(url.pathname)?.[1] ?? '');
    if (bytes) return send(request, response, { bytes, mediaType: 'application/octet-stream' });
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }));
  }
}

function send(request: IncomingMessage, response: ServerResponse, { bytes, mediaType }: Stored): void {
  const [, start] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const from = start === undefined ? 0 : Number(start);
  const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(start === undefined ? 200 : 206, {
    'content-type': mediaType,
    'content-length': bytes.length - from,
    ...(start !== undefined && range),
  });
  response.end(request.method === 'HEAD' ? undefined : bytes.subarray(from));
}
