// Walks up the controller chain, from a pod to the workload that a person edits.

import type { Discovery } from '../kube/api/discovery.ts';
import { pathOf } from '../kube/api/discovery.ts';
import type { KubeClient } from '../kube/api/client.ts';
import { KubeError } from '../kube/api/error.ts';
import type { Template } from '../engine/model/pod.ts';
import type { ObjectRef, WorkloadKey, WorkloadRef } from '../engine/model/workload.ts';
import { keyOf } from '../engine/model/workload.ts';
import { present, textAt } from '../engine/platform/data/field.ts';
import { isReference, parentOf } from '../engine/platform/kubernetes/controller-of.ts';
import { workloadKinds } from '../engine/platform/kubernetes/workload-kinds.ts';
import { controllerRevision } from '../engine/project/made-from.ts';
import type { OwnerFields } from '../engine/project/project-workload.ts';
import { projectWorkload } from '../engine/project/project-workload.ts';
import { BoundedCache } from '../net/bounded-cache.ts';
import { ApiGroups } from './api-groups.ts';
import type { ApiGroupsOptions } from './api-groups.ts';
import { resourceOf } from './resource.ts';

/** Links followed at once; what is above them is found when their last one is reconciled. */
const maxDepth = 10;
/** Objects read to find the one that takes a workload's template. */
const maxRunners = 500;
const maxKept = 20_000;
const maxLeft = 1_000;
/** A link that is older is read again. */
const freshMs = 300_000;
/** Of one that could not be read. */
const unreadFreshMs = 30_000;

/** Every pod, as what it is; its metadata says which. */
export const podRef = { apiVersion: 'v1', kind: 'Pod', name: '' };
export const replicaSetRef = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: '' };

/** An object, or the reference to one, and the next on the way up: its controller, or where it takes its template from. */
export type Link = {
  readonly ref: WorkloadRef;
  readonly parent?: WorkloadRef;
  /** Of the template for which it was made, where it shows one. */
  readonly revision?: string;
  /** It names one that no object can be. */
  readonly isMisled?: true;
};

export type Owner = {
  readonly ref: WorkloadRef;
  /** True when this owner or one above it could not be read, or is of no kind that this cluster has. */
  readonly incomplete: boolean;
  /** Of the direct controller. */
  readonly controllerRevision?: string;
};

/** `movedTo` is a workload that controls this one, which then is none. */
export type OwnerDetails = Owner & OwnerFields & { readonly exists: boolean; readonly movedTo?: WorkloadRef };

/** What came of reading an owner. */
type OwnerRead = { readonly object: unknown } | 'unreadable' | 'gone' | 'noKind';

type Kept = { readonly link: Link | 'unreadable' | 'noKind'; readonly readMs: number };

/** Holds a bounded cache of which object leads to which. */
export class Owners {
  readonly #client: KubeClient;
  readonly #discovery: Discovery;
  readonly #nowMs: () => number;
  readonly #groups: ApiGroups;
  readonly #kept: BoundedCache<Kept>;
  readonly #left: BoundedCache<true>;

  constructor(
    client: KubeClient,
    discovery: Discovery,
    nowMs: () => number,
    groups: Omit<ApiGroupsOptions, 'nowMs'> = {},
  ) {
    this.#client = client;
    this.#discovery = discovery;
    this.#nowMs = nowMs;
    this.#kept = new BoundedCache(maxKept, nowMs);
    this.#left = new BoundedCache(maxLeft, nowMs);
    this.#groups = new ApiGroups({ ...groups, nowMs });
  }

  /** The topmost controller as far as is known without asking, however long ago it was read. */
  knownTopOf(start: Link): WorkloadRef {
    const links: [Link, ...Link[]] = [start];
    for (let { parent } = start; parent && links.length < maxDepth;) {
      const link = this.#kept.get(idOf(parent))?.link;
      if (link === 'noKind') break;
      links.push(link === undefined || link === 'unreadable' ? { ref: parent } : link);
      parent = links.at(-1)?.parent;
    }
    return topOfLinks(links);
  }

  /**
   * The topmost controller of an object, reading as little as the cache allows.
   *
   * @param object anything with `metadata`, usually a Pod or its metadata
   * @param maxAgeMs how long ago a link may have been read
   * @throws KubeError when the API server could not answer, which says nothing about the owner
   */
  async topOf(object: unknown, self: ObjectRef, signal: AbortSignal, maxAgeMs = freshMs): Promise<Owner> {
    return this.topOfLink(linkOf(object, self), signal, maxAgeMs);
  }

  /** The same of an object of which only the reference is known; one that is gone is its own topmost controller. */
  async topOfReference(ref: WorkloadRef, signal: AbortSignal): Promise<Owner> {
    return this.topOfLink({ ref, parent: ref }, signal);
  }

  async topOfLink(start: Link, signal: AbortSignal, maxAgeMs = freshMs): Promise<Owner> {
    const { links, incomplete } = await this.#climb(start, signal, maxAgeMs);
    return present({ ref: topOfLinks(links), incomplete, controllerRevision: links[1]?.revision });
  }

  /** Whether something that this workload owned has turned out to have another owner, a short while ago. */
  hasLost(key: WorkloadKey): boolean {
    return this.#left.get(key) === true;
  }

  /** The topmost controller, from what is known where an API group does not answer. Throws as `topOf` does. */
  async likelyTopOf(start: Link, signal: AbortSignal): Promise<WorkloadRef> {
    try {
      return (await this.topOfLink(start, signal)).ref;
    } catch (error) {
      if (error instanceof KubeError && error.apiGroup !== undefined) return this.knownTopOf(start);
      throw error;
    }
  }

  /**
   * Reads the workload afresh. Counts as existing where it may not be read: its pods say so.
   *
   * @throws KubeError when the API server could not answer
   */
  async detailsOf(workload: WorkloadRef, signal: AbortSignal): Promise<OwnerDetails> {
    const read = await this.#read(workload, signal);
    if (read === 'unreadable') return { ref: workload, incomplete: true, exists: true };
    if (read === 'gone' || read === 'noKind') return { ref: workload, incomplete: false, exists: false };
    const link = linkOf(read.object, workload);
    const { ref: top, incomplete } = await this.topOfLink(link, signal);
    return present({
      ref: link.ref,
      incomplete,
      exists: true,
      movedTo: keyOf(top) === keyOf(workload) ? undefined : top,
      ...projectWorkload(workload, read.object),
    });
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
    return this.#templateBetween(workload, linkOf(pod, podRef), signal);
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

  async #climb(start: Link, signal: AbortSignal, maxAgeMs = freshMs): Promise<Chain> {
    const links: [Link, ...Link[]] = [start];
    for (let { parent } = start; parent && links.length < maxDepth;) {
      const link = await this.#linkOf(parent, signal, maxAgeMs);
      if (link === 'noKind') return { links, incomplete: true };
      if (link === 'unreadable') return { links: [...links, { ref: parent }], incomplete: true };
      links.push(link);
      parent = link.parent;
    }
    return { links, incomplete: links.at(-1)?.isMisled === true };
  }

  async #linkOf(ref: WorkloadRef, signal: AbortSignal, maxAgeMs: number): Promise<Kept['link']> {
    const kept = this.#kept.get(idOf(ref));
    const ageMs = this.#nowMs() - (kept?.readMs ?? -Infinity);
    if (kept && ageMs <= Math.min(maxAgeMs, typeof kept.link === 'string' ? unreadFreshMs : freshMs))
      return kept.link;
    await this.#read(ref, signal);
    return this.#kept.get(idOf(ref))?.link ?? 'unreadable';
  }

  async #read(ref: WorkloadRef, signal: AbortSignal): Promise<OwnerRead> {
    const read = await this.#groups.read(ref.apiVersion, (limited) => this.#get(ref, limited), signal);
    if (read === 'lastingTrouble') {
      // What was known before the trouble is more than a reference tells.
      if (!this.#kept.get(idOf(ref))) this.#keep(ref, 'unreadable');
      return 'unreadable';
    }
    if (typeof read !== 'object') {
      // An owner that is gone leaves its pods to the garbage collector: its reference still names the workload.
      this.#keep(ref, read === 'gone' ? { ref } : read);
      return read;
    }
    const link = linkOf(read.object, ref);
    this.#noteMove(link);
    this.#keep(link.ref, link);
    // A reference may leave the uid out.
    if (ref.uid === '') this.#keep(ref, link);
    return read;
  }

  #noteMove({ ref, parent }: Link): void {
    const before = this.#kept.get(idOf(ref))?.link;
    if (typeof before !== 'object' || !before.parent) return;
    if (!parent || idOf(parent) !== idOf(before.parent))
      this.#left.set(keyOf(this.knownTopOf(before)), true, freshMs);
  }

  #keep(ref: WorkloadRef, link: Kept['link']): void {
    this.#kept.set(idOf(ref), { link, readMs: this.#nowMs() });
  }

  async #get(ref: WorkloadRef, signal: AbortSignal): Promise<OwnerRead> {
    try {
      const resource = await resourceOf(ref, this.#discovery, signal);
      if (!resource) return 'noKind';
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

/** One uid in the references of two objects may be a lie of one of them. */
const idOf = (ref: WorkloadRef): string => `${keyOf(ref)} ${ref.uid}`;

/** Owners that own each other have no top: the first of them by name stands for all. */
function topOfLinks(links: readonly [Link, ...Link[]]): WorkloadRef {
  const [first] = links;
  const { ref, parent } = links.at(-1) ?? first;
  const start = links.findIndex((link) => parent && keyOf(link.ref) === keyOf(parent));
  const loop = start < 0 ? [] : links.slice(start);
  return loop.map((link) => link.ref).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))[0] ?? ref;
}

/** Refused to this account, or under a name that no object can have: asking again would change nothing. */
const isLasting = ({ code }: KubeError): boolean => code === 'forbidden' || code === 'invalid';

type Chain = { readonly links: readonly [Link, ...Link[]]; readonly incomplete: boolean };

/** A cluster-scoped owner has no namespace; its workload stands in that of its pods. */
export function linkOf(object: unknown, self: ObjectRef & { readonly namespace?: string }): Link {
  const namespace = textAt(object, 'metadata', 'namespace') ?? self.namespace ?? '';
  const ref: WorkloadRef = {
    apiVersion: self.apiVersion,
    kind: self.kind,
    name: textAt(object, 'metadata', 'name') ?? self.name,
    namespace,
    uid: textAt(object, 'metadata', 'uid') ?? '',
  };
  const parent = parentOf(self, object);
  const own = present({ ref, revision: controllerRevision(self, object) });
  if (parent === undefined) return own;
  return isReference(parent) ? { ...own, parent: { ...parent, namespace } } : { ...own, isMisled: true };
}
