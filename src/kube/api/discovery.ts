// What a kind is called in paths: from a table, or from the API server, asked once.

import type { KubeClient } from './client.ts';
import { KubeError } from './error.ts';
import { elementsOf, fieldsOf } from './json.ts';

export type ResourceName = { readonly plural: string; readonly namespaced: boolean };

const namespaced = (plural: string): ResourceName => ({ plural, namespaced: true });

const builtIn: Readonly<Record<string, ResourceName>> = {
  'v1/Pod': namespaced('pods'),
  'v1/ReplicationController': namespaced('replicationcontrollers'),
  'v1/Service': namespaced('services'),
  'v1/Event': namespaced('events'),
  'v1/Namespace': { plural: 'namespaces', namespaced: false },
  'v1/Node': { plural: 'nodes', namespaced: false },
  'apps/v1/Deployment': namespaced('deployments'),
  'apps/v1/ReplicaSet': namespaced('replicasets'),
  'apps/v1/StatefulSet': namespaced('statefulsets'),
  'apps/v1/DaemonSet': namespaced('daemonsets'),
  'batch/v1/Job': namespaced('jobs'),
  'batch/v1/CronJob': namespaced('cronjobs'),
};

const cacheLimit = 256;
const missForgottenMs = 60_000;
const requestLimitMs = 30_000;

type GroupVersion = { readonly kinds: ReadonlyMap<string, ResourceName>; readonly readMs: number };

/** Learns what kinds are called. What is found stays; what is not is asked again after a minute. */
export class Discovery {
  readonly #client: KubeClient;
  readonly #known = new Map<string, GroupVersion>();
  readonly #asking = new Map<string, Promise<GroupVersion>>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Undefined when the API server has no such kind, and for what cannot be one. Throws KubeErrors. */
  async resourceOf(apiVersion: string, kind: string, signal: AbortSignal): Promise<ResourceName | undefined> {
    const own = builtIn[`${apiVersion}/${kind}`];
    if (own) return own;
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
    const answer = await this.#client.get(rootOf(apiVersion), AbortSignal.timeout(requestLimitMs));
    const read = { kinds: kindsOf(answer), readMs: performance.now() };
    this.#known.delete(apiVersion);
    this.#known.set(apiVersion, read);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= cacheLimit) break;
      this.#known.delete(oldest);
    }
    return read;
  }
}

function kindsOf(answer: unknown): ReadonlyMap<string, ResourceName> {
  const kinds = new Map<string, ResourceName>();
  for (const resource of elementsOf(fieldsOf(answer)['resources'])) {
    const { name, kind, namespaced: isNamespaced } = fieldsOf(resource);
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
    stopped.reject(new KubeError('aborted', `Reading the kinds of ${what} was given up`));
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export type ResourceRef = {
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

function rootOf(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

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

/** The API server's own rule for path segments, and no control characters, no broken UTF-16, no endless names. */
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
