// One HTTP connection pool to one API server.

import type { Cluster } from './cluster.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'apply' | 'patch' | 'delete';

export type KubeRequest = {
  readonly verb: Verb;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
};

export type KubeResponse = {
  readonly status: number;
  /** The whole answer; empty for a watch. */
  readonly bytes: Buffer;
  /** The answer as it comes in; only for a watch. */
  readonly stream?: AsyncIterable<Buffer>;
};

export type TransportOptions = {
  readonly onRequest?: (verb: Verb, code: string) => void;
  readonly onWarning?: (text: string) => void;
  readonly userAgent?: string;
  readonly timeoutMs?: number;
};

export class Transport {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, _options: TransportOptions = {}) {
    this.#cluster = cluster;
  }

  async request(_r: KubeRequest, _signal: AbortSignal): Promise<KubeResponse> {
    throw new Error(`not built yet ${this.#cluster.server}`);
  }

  async close(): Promise<void> {}
}
