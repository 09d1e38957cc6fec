// Walks up the controller chain, from a pod to the workload that a person edits.

import type { Discovery } from '../kube/api/discovery.ts';
import { pathOf } from '../kube/api/discovery.ts';
import type { KubeClient } from '../kube/api/client.ts';
import { KubeError } from '../kube/api/error.ts';
import type { Template } from '../engine/model/pod.ts';
import type { ObjectRef, WorkloadRef } from '../engine/model/workload.ts';
import { keyOf } from '../engine/model/workload.ts';
import { textAt } from '../engine/platform/data/field.ts';
import { parentOf } from '../engine/platform/kubernetes/controller-of.ts';
import { workloadKinds } from '../engine/platform/kubernetes/workload-kinds.ts';
import type { OwnerFields } from '../engine/project/project-workload.ts';
import { projectWorkload } from '../engine/project/project-workload.ts';
import { resourceOf } from './resource.ts';

/** A chain longer than this is taken to be a loop, and its last link to be the workload. */
const maxDepth = 10;
/** Objects read to find the one that takes a workload's template. */
const maxRunners = 500;
const maxCached = 5_000;
const cachedMs = 300_000;

/** An object, or the reference to one, that may be owned by another. */
type Link = { readonly ref: WorkloadRef; readonly parent?: WorkloadRef };

export type Owner = {
  readonly ref: WorkloadRef;
  /** True when this owner or one above it could not be read. */
  readonly incomplete: boolean;
};

export type OwnerDetails = Owner & OwnerFields & { readonly exists: boolean };

/** What came of reading an owner. */
type Read = { readonly object: unknown } | 'unreadable' | 'gone';

type Cached = { readonly link: Link | 'unreadable'; readonly untilMs: number };

/** Holds a bounded cache of who owns what; controllers do not change hands in practice. */
export class Owners {
  readonly #client: KubeClient;
  readonly #discovery: Discovery;
  readonly #nowMs: () => number;
  readonly #links = new Map<string, Cached>();

  constructor(client: KubeClient, discovery: Discovery, nowMs: () => number) {
    this.#client = client;
    this.#discovery = discovery;
    this.#nowMs = nowMs;
  }

  /**
   * The topmost controller of an object, reading as little as the cache allows.
   *
   * @param object anything with `metadata`, usually a Pod or its metadata
   * @throws KubeError when the API server could not answer, which says nothing about the owner
   */
  async topOf(object: unknown, self: ObjectRef, signal: AbortSignal): Promise<Owner> {
    const chain = await this.#climb(linkOf(object, self), signal);
    return { ref: chain.links.at(-1)?.ref ?? linkOf(object, self).ref, incomplete: chain.incomplete };
  }

  /** The same of an object of which only the reference is known; one that is gone is its own topmost controller. */
  async topOfReference(ref: WorkloadRef, signal: AbortSignal): Promise<Owner> {
    const { links, incomplete } = await this.#climb({ ref, parent: ref }, signal);
    return { ref: links.at(-1)?.ref ?? ref, incomplete };
  }

  /** Reads the workload afresh. Counts as existing where it may not be read: its pods say so. */
  async detailsOf(workload: WorkloadRef, signal: AbortSignal): Promise<OwnerDetails> {
    const read = await this.#read(workload, signal);
    if (read === 'unreadable') return { ref: workload, incomplete: true, exists: true };
    if (read === 'gone') return { ref: workload, incomplete: false, exists: false };
    const { ref } = linkOf(read.object, workload);
    return { ref, incomplete: false, exists: true, ...projectWorkload(workload, read.object) };
  }

  /**
   * The pod template of the nearest owner below a workload that has none of its own: of the Deployment that a
   * custom resource creates, say.
   *
   * @param pod one pod of the workload, with its metadata
   */
  async templateBelow(
    workload: WorkloadRef,
    pod: unknown,
    signal: AbortSignal,
  ): Promise<Template | undefined> {
    return this.#templateBetween(workload, linkOf(pod, { apiVersion: 'v1', kind: 'Pod', name: '' }), signal);
  }

  /** The same where there is no pod, because this controller may not create any. */
  async templateAbove(
    workload: WorkloadRef,
    controller: ObjectRef,
    signal: AbortSignal,
  ): Promise<Template | undefined> {
    const { namespace } = workload;
    const { ref, exists, incomplete } = await this.detailsOf({ ...controller, namespace, uid: '' }, signal);
    return exists && !incomplete ? this.#templateBetween(workload, { ref, parent: ref }, signal) : undefined;
  }

  /** Reads the owners on the way up, the nearest to the workload first. */
  async #templateBetween(
    workload: WorkloadRef,
    start: Link,
    signal: AbortSignal,
  ): Promise<Template | undefined> {
    const { links } = await this.#climb(start, signal);
    const between = links.slice(1).filter((link) => link.ref.uid !== workload.uid);
    for (const { ref } of between.toReversed()) {
      const { template } = await this.detailsOf(ref, signal);
      if (template) return template;
    }
    return undefined;
  }

  /**
   * The object that makes pods from the template of this workload, where the workload itself makes none. Undefined as well
   * where such objects may not be listed.
   */
  async runnerOf({ ref }: Owner, signal: AbortSignal): Promise<OwnerDetails | undefined> {
    for (const { apiVersion, kind, templateRef } of workloadKinds) {
      const resource = templateRef && (await this.#discovery.resourceOf(apiVersion, kind, signal));
      if (!resource) continue;
      const path = pathOf({ apiVersion, plural: resource.plural, namespace: ref.namespace });
      for (const object of await this.#listed(path, signal)) {
        const link = linkOf(object, { apiVersion, kind, name: '' });
        if (link.parent && keyOf(link.parent) === keyOf(ref))
          return { ref: link.ref, incomplete: false, exists: true, ...projectWorkload(link.ref, object) };
      }
    }
    return undefined;
  }

  async #listed(path: string, signal: AbortSignal): Promise<readonly unknown[]> {
    const objects: unknown[] = [];
    try {
      for await (const object of this.#client.list(path, {}, signal, { max: maxRunners }))
        objects.push(object);
      return objects;
    } catch (error) {
      if (error instanceof KubeError && isLasting(error)) return [];
      throw error;
    }
  }

  async #climb(start: Link, signal: AbortSignal): Promise<Chain> {
    const links = [start];
    for (let parent = start.parent; parent && links.length < maxDepth;) {
      const link = await this.#cachedLink(parent, signal);
      if (link === 'unreadable') return { links: [...links, { ref: parent }], incomplete: true };
      links.push(link);
      parent = link.parent;
    }
    return { links, incomplete: false };
  }

  async #cachedLink(ref: WorkloadRef, signal: AbortSignal): Promise<Cached['link']> {
    const id = ref.uid || keyOf(ref);
    const cached = this.#links.get(id);
    if (cached && cached.untilMs > this.#nowMs()) return cached.link;
    const read = await this.#read(ref, signal);
    // An owner that is gone leaves its pods to the garbage collector: its reference still names the workload.
    const link = read === 'unreadable' ? read : read === 'gone' ? { ref } : linkOf(read.object, ref);
    this.#remember(id, link);
    return link;
  }

  #remember(id: string, link: Cached['link']): void {
    this.#links.delete(id);
    const oldest = this.#links.size >= maxCached ? this.#links.keys().next().value : undefined;
    if (oldest !== undefined) this.#links.delete(oldest);
    const aliveMs = link === 'unreadable' ? cachedMs / 10 : cachedMs;
    this.#links.set(id, { link, untilMs: this.#nowMs() + aliveMs });
  }

  async #read(ref: WorkloadRef, signal: AbortSignal): Promise<Read> {
    try {
      const resource = await resourceOf(ref, this.#discovery, signal);
      if (!resource) return 'unreadable';
      const namespace = resource.namespaced ? ref.namespace : undefined;
      const at = { apiVersion: ref.apiVersion, plural: resource.plural, name: ref.name };
      const object = await this.#client.get(
        pathOf(namespace === undefined ? at : { ...at, namespace }),
        signal,
      );
      // Another object under the same name: the one that was meant is gone.
      const isAnother = ref.uid !== '' && textAt(object, 'metadata', 'uid') !== ref.uid;
      return object === undefined || isAnother ? 'gone' : { object };
    } catch (error) {
      if (error instanceof KubeError && isLasting(error)) return 'unreadable';
      throw error;
    }
  }
}

/** Refused to this account, or under a name that no object can have: asking again would change nothing. */
const isLasting = ({ code }: KubeError): boolean => code === 'forbidden' || code === 'invalid';

type Chain = { readonly links: readonly Link[]; readonly incomplete: boolean };

/** A cluster-scoped owner has no namespace; its workload stands in that of its pods. */
function linkOf(object: unknown, self: ObjectRef & { readonly namespace?: string }): Link {
  const namespace = textAt(object, 'metadata', 'namespace') ?? self.namespace ?? '';
  const ref: WorkloadRef = {
    apiVersion: self.apiVersion,
    kind: self.kind,
    name: textAt(object, 'metadata', 'name') ?? self.name,
    namespace,
    uid: textAt(object, 'metadata', 'uid') ?? '',
  };
  const parent = parentOf(self, object);
  return parent === undefined ? { ref } : { ref, parent: { ...parent, namespace } };
}
