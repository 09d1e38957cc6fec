// What a kind is called in paths: from the API server, asked once.

import { listAt, objectAt } from '../../engine/platform/data/field.ts';
import type { KubeClient } from './client.ts';
import { BoundedCache } from '../../net/bounded-cache.ts';
import { KubeError } from './error.ts';

export type ResourceName = { readonly plural: string; readonly namespaced: boolean };

const cacheLimit = 256;
/** A custom resource may be removed while we run. */
const keptMs = 300_000;
const missForgottenMs = 60_000;
const requestLimitMs = 30_000;

type GroupVersion = { readonly kinds: ReadonlyMap<string, ResourceName>; readonly readMs: number };

/** Learns what kinds are called. What is found is kept for five minutes; what is not is asked again after one. */
export class Discovery {
  readonly #client: KubeClient;
  readonly #known = new BoundedCache<GroupVersion>(cacheLimit, () => performance.now());
  readonly #asking = new Map<string, Promise<GroupVersion>>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Undefined when the API server has no such kind, and for what cannot be one. Throws KubeErrors. */
  async resourceOf(apiVersion: string, kind: string, signal: AbortSignal): Promise<ResourceName | undefined> {
    if (!isApiVersion(apiVersion)) return undefined;
    const known = this.#known.get(apiVersion);
    const found = known?.kinds.get(kind);
    if (found) return found;
    if (known && performance.now() - known.readMs < missForgottenMs) return undefined;
    const read = await unlessAborted(this.#ask(apiVersion), apiVersion, signal);
    return read.kinds.get(kind);
  }

  /** One request for all who ask at the same time; it has a time limit of its own, as the first may leave early. */
  #ask(apiVersion: string): Promise<GroupVersion> {
    const running = this.#asking.get(apiVersion);
    if (running) return running;
    const request = this.#read(apiVersion).finally(() => this.#asking.delete(apiVersion));
    this.#asking.set(apiVersion, request);
    return request;
  }

  async #read(apiVersion: string): Promise<GroupVersion> {
    const signal = AbortSignal.timeout(requestLimitMs);
    // A group that is not served answers a plain 404, as any proxy might; so, as in kubectl, the list of groups decides.
    const isServed = servedIn(await this.#client.get(listOf(apiVersion), signal)).includes(apiVersion);
    const answer = isServed ? await this.#client.get(rootOf(apiVersion), signal) : undefined;
    const read = { kinds: kindsOf(answer), readMs: performance.now() };
    this.#known.set(apiVersion, read, keptMs);
    return read;
  }
}

/** What an APIVersions or an APIGroupList names. Throws a KubeError for what is neither. */
function servedIn(answer: unknown): readonly unknown[] {
  const { versions, groups } = objectAt(answer);
  if (Array.isArray(versions)) return versions;
  if (!Array.isArray(groups))
    throw new KubeError('badResponse', 'The API server did not list its API groups');
  return groups.flatMap((group) =>
    listAt(objectAt(group)['versions']).map((version) => objectAt(version)['groupVersion']),
  );
}

function kindsOf(answer: unknown): ReadonlyMap<string, ResourceName> {
  const kinds = new Map<string, ResourceName>();
  for (const resource of listAt(objectAt(answer)['resources'])) {
    const { name, kind, namespaced: isNamespaced } = objectAt(resource);
    // Subresources (`deployments/scale`) are listed too, some under the kind of another resource.
    if (typeof kind === 'string' && typeof name === 'string' && isSegment(name)) {
      kinds.set(kind, { plural: name, namespaced: isNamespaced === true });
    }
  }
  return kinds;
}

async function unlessAborted<T>(work: Promise<T>, what: string, signal: AbortSignal): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => {
    stopped.reject(new KubeError('aborted', `Reading the kinds of ${what} was aborted`));
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

type ResourceRef = {
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
};

/** The path of an object or a collection. Throws a KubeError `invalid` for a part that no object can have. */
export function pathOf(ref: ResourceRef): string {
  if (!isApiVersion(ref.apiVersion)) throw notAPath(ref.apiVersion);
  const parts = [
    ...(ref.namespace === undefined ? [] : ['namespaces', ref.namespace]),
    ref.plural,
    ...(ref.name === undefined ? [] : [ref.name]),
    ...(ref.subresource === undefined ? [] : [ref.subresource]),
  ];
  return [rootOf(ref.apiVersion), ...parts.map(segmentOf)].join('/');
}

const listOf = (apiVersion: string): string => (apiVersion.includes('/') ? '/apis' : '/api');
const rootOf = (apiVersion: string): string => `${listOf(apiVersion)}/${apiVersion}`;

const apiVersionShape = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

function isApiVersion(text: string): boolean {
  return apiVersionShape.test(text) && !text.includes('..');
}

function segmentOf(text: string): string {
  if (!isSegment(text)) throw notAPath(text);
  return encodeURIComponent(text);
}

// oxlint-disable-next-line no-control-regex -- control characters are what is refused
const foreign = /[/\\%\u0000-\u0020\u007f]/;

/** The API server's rule for path segments; also no control characters, no broken UTF-16, at most 253 characters. */
function isSegment(text: string): boolean {
  return (
    text !== '' &&
    text !== '.' &&
    text !== '..' &&
    text.length <= 253 &&
    !foreign.test(text) &&
    text.isWellFormed()
  );
}

function notAPath(text: string): KubeError {
  return new KubeError('invalid', `${JSON.stringify(text.slice(0, 64))} cannot be part of a path`);
}
