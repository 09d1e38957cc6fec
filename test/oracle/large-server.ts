// Serves images of large layers, and counts what is asked of it.

import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { digestOf, manifestType } from './image.ts';
import type { LargeLayer } from './large-layer.ts';

export type LargeImage = {
  readonly name: string;
  readonly user: string;
  readonly layers: readonly LargeLayer[];
};

export class LargeServer {
  readonly #server: Server;
  readonly #small = new Map<string, Buffer>();
  readonly #layers: ReadonlyMap<string, LargeLayer>;
  layersAsked = 0;

  constructor(images: readonly LargeImage[]) {
    this.#layers = new Map(images.flatMap(({ layers }) => layers.map((layer) => [layer.digest, layer])));
    for (const image of images) this.#add(image);
    this.#server = createServer(({ url = '' }, response) => this.#answer(url, response));
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

  #add({ name, user, layers }: LargeImage): void {
    const config = json({
      os: 'linux',
      architecture: 'amd64',
      config: { User: user },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    });
    const manifest = json({
      schemaVersion: 2,
      mediaType: manifestType,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: digestOf(config),
        size: config.length,
      },
      layers: layers.map(({ mediaType, digest, sizeBytes }) => ({ mediaType, digest, size: sizeBytes })),
    });
    this.#small.set(digestOf(config), config).set(name, manifest);
  }

  /** Tags are the names of the images. */
  #answer(url: string, response: ServerResponse): void {
    const name = url.slice(url.lastIndexOf('/') + 1);
    const [small, layer] = [this.#small.get(name), this.#layers.get(name)];
    if (small) {
      response.writeHead(200, { 'content-type': manifestType, 'content-length': small.length }).end(small);
    } else if (layer) {
      this.layersAsked += 1;
      response.writeHead(200, { 'content-length': layer.sizeBytes });
      const stream = layer.stream();
      response.once('close', () => stream.destroy());
      stream.pipe(response);
    } else response.writeHead(404).end();
  }
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
