// Which registries the nodes of this cluster have images from: the only ones that are asked without being listed.

import type { KubeClient } from '../kube/api/client.ts';
import { pathOf } from '../kube/api/discovery.ts';
import { KubeError } from '../kube/api/error.ts';
import { registriesOn } from '../engine/project/project-node.ts';

/** A registry that is not known may be new; the nodes are asked again no sooner than this. */
const refreshMs = 60_000;
const maxRegistries = 1_000;

/** Anyone may write an image's name into a workload; only what a node has pulled shows that the cluster trusts its place. */
export class NodeRegistries {
  readonly #client: KubeClient;
  readonly #nowMs: () => number;
  #hosts: ReadonlySet<string> = new Set();
  #readMs = Number.NEGATIVE_INFINITY;

  constructor(client: KubeClient, nowMs: () => number) {
    this.#client = client;
    this.#nowMs = nowMs;
  }

  /** False as well where the nodes may not be read. Throws a KubeError when the API server could not answer. */
  async has(host: string, signal: AbortSignal): Promise<boolean> {
    if (!this.#hosts.has(host) && this.#nowMs() - this.#readMs >= refreshMs) await this.#read(signal);
    return this.#hosts.has(host);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const hosts = new Set<string>();
    try {
      const path = pathOf({ apiVersion: 'v1', plural: 'nodes' });
      for await (const node of this.#client.list(path, {}, signal, { pageSize: 50 })) {
        for (const host of registriesOn(node)) if (hosts.size < maxRegistries) hosts.add(host);
      }
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 'forbidden') throw error;
    }
    this.#hosts = hosts;
    this.#readMs = this.#nowMs();
  }
}
