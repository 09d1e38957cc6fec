// Asks the API server what this account may do, so that nothing is ever tried that would be refused.

import type { KubeClient } from '../kube/api/client.ts';
import { pathOf } from '../kube/api/discovery.ts';
import { KubeError } from '../kube/api/error.ts';
import { BoundedCache } from '../net/bounded-cache.ts';
import { objectAt } from '../engine/platform/data/field.ts';

/** `patch` `deployments` of the group `apps` in a namespace, or `get` the `log` of its `pods`. */
type Access = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Empty: in all of them. */
  readonly namespace: string;
};

const apiVersion = 'authorization.k8s.io/v1';
/** A right that is granted should count soon. */
const keptMs = 180_000;
const maxKept = 1_000;

/** Keeps each answer for three minutes; bounded. */
export class AccessReviews {
  readonly #client: KubeClient;
  readonly #known: BoundedCache<boolean>;

  /** @param nowMs a monotonic clock */
  constructor(client: KubeClient, nowMs: () => number) {
    this.#client = client;
    this.#known = new BoundedCache(maxKept, nowMs);
  }

  /** @throws KubeError for trouble that passes */
  async allows(access: Access, signal: AbortSignal): Promise<boolean> {
    const { verb, group, resource, subresource = '', namespace } = access;
    const id = [verb, group, resource, subresource, namespace].join(' ');
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const isAllowed = await this.#ask(access, signal);
    this.#known.set(id, isAllowed, keptMs);
    return isAllowed;
  }

  /** An account that may not even ask about itself is held to have no right. */
  async #ask(resourceAttributes: Access, signal: AbortSignal): Promise<boolean> {
    const path = pathOf({ apiVersion, plural: 'selfsubjectaccessreviews' });
    const review = { apiVersion, kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
    try {
      return objectAt(await this.#client.create(path, review, signal), 'status')['allowed'] === true;
    } catch (error) {
      if (error instanceof KubeError && error.code === 'forbidden') return false;
      throw error;
    }
  }
}
