// Which registries the cluster has images from: the only ones that are asked without being listed.

import type { KubeClient } from '../kube/api/client.ts';
import { pathOf } from '../kube/api/discovery.ts';
import { KubeError } from '../kube/api/error.ts';
import { registriesOn } from '../engine/project/project-node.ts';
import { pulledRegistries } from '../engine/project/project-pod.ts';
import { BoundedCache } from '../net/bounded-cache.ts';

/** A registry that is not known may be new: the list is read again no sooner than this, or than so many times what it takes. */
const refreshMs = 10_000;
const restFactor = 20;
const maxRegistries = 1_000;
const maxNamespaces = 1_000;

type Listing = { readonly hosts: ReadonlySet<string>; readonly untilMs: number };

/**
 * Anyone may write an image's name into a workload; only what a node has pulled shows that the cluster trusts its place.
 * Where the nodes may not be listed, the pods of a namespace say it for that namespace.
 */
export class KnownRegistries {
  readonly #client: KubeClient;
  readonly #nowMs: () => number;
  /** By namespace; '' is that of the nodes. */
  readonly #listings: BoundedCache<Listing>;
  #mayListNodes = true;

  constructor(client: KubeClient, nowMs: () => number) {
    this.#client = client;
    this.#nowMs = nowMs;
    this.#listings = new BoundedCache(maxNamespaces, nowMs);
  }

  /** Undefined where it is known. @throws KubeError when the API server could not answer */
  async refusalOf(host: string, namespace: string, signal: AbortSignal): Promise<string | undefined> {
    const allow = `--registries=${host} allows it`;
    if (await this.#has(host, '', signal)) return undefined;
    if (this.#mayListNodes) return `no node reports an image from ${host}, so it is not asked; ${allow}`;
    if (await this.#has(host, namespace, signal)) return undefined;
    return `no pod in namespace ${namespace} has an image from ${host}, and this account may not list nodes, so it is not asked; ${allow}`;
  }

  async #has(host: string, namespace: string, signal: AbortSignal): Promise<boolean> {
    const known = this.#listings.get(namespace);
    if (known?.hosts.has(host)) return true;
    if (known && this.#nowMs() < known.untilMs) return false;
    const startMs = this.#nowMs();
    const hosts = await (namespace === '' ? this.#ofNodes(signal) : this.#ofPods(namespace, signal));
    const endMs = this.#nowMs();
    const untilMs = endMs + Math.max(refreshMs, restFactor * (endMs - startMs));
    this.#listings.set(namespace, { hosts, untilMs });
    return hosts.has(host);
  }

  async #ofNodes(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const path = pathOf({ apiVersion: 'v1', plural: 'nodes' });
    const hosts = await this.#listed(path, registriesOn, signal);
    this.#mayListNodes = hosts !== undefined;
    return hosts ?? new Set();
  }

  async #ofPods(namespace: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const path = pathOf({ apiVersion: 'v1', plural: 'pods', namespace });
    return (await this.#listed(path, pulledRegistries, signal)) ?? new Set();
  }

  /** Undefined where it is forbidden. */
  async #listed(
    path: string,
    registriesOf: (object: unknown) => readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlySet<string> | undefined> {
    const hosts = new Set<string>();
    try {
      for await (const object of this.#client.list(path, {}, signal, { pageSize: 50 }))
        for (const host of registriesOf(object)) if (hosts.size < maxRegistries) hosts.add(host);
      return hosts;
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 'forbidden') throw error;
      return undefined;
    }
  }
}
