// LIST: pages over one consistent snapshot, and what becomes of a token whose snapshot is gone.

import { ApiError, badRequest, expired } from './api-error.ts';
import { asText, at, type Json, type KubeObject } from './object.ts';
import type { ApiRequest } from './request.ts';
import { qualifiedPlural, type Resource } from './resource.ts';
import { selectorOf } from './selectors.ts';
import type { Store } from './store.ts';

export type ListPage = {
  readonly version: number;
  readonly items: readonly KubeObject[];
  /** Empty on the last page. */
  readonly continueToken: string;
  /** How many are still to come; absent where a selector makes that unknown. */
  readonly remaining?: number;
};

type Token = { readonly version: number; readonly after: string };

const snapshotsKept = 16;

/** Snapshots of lists in progress, the oldest dropped first. */
export class Lists {
  readonly #store: Store;
  readonly #snapshots = new Map<string, readonly KubeObject[]>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Throws 410 for a token whose snapshot is gone, 400 for nonsense, 504 for a version still to come. */
  page(resource: Resource, request: ApiRequest): ListPage {
    const { limit = '0', resourceVersion = '', labelSelector = '', fieldSelector = '' } = request.parameters;
    const token = readToken(request.parameters['continue'] ?? '');
    if (token && resourceVersion !== '') throw badRequest('resourceVersion cannot go with continue');
    this.#refuseFuture(resourceVersion);
    const selector = selectorOf(resource, labelSelector, fieldSelector);
    const version = token?.version ?? this.#store.version;
    const isInScope = (object: KubeObject): boolean =>
      request.namespace === '' || object.metadata.namespace === request.namespace;
    const all = this.#snapshot(resource, token).filter(
      (object) => isInScope(object) && keyOf(object) > (token?.after ?? ''),
    );
    const wanted = selector ? all.filter(selector) : all;
    // From "any version", the real one answers out of its cache, and that knows no pages.
    const size = resourceVersion === '0' || Number(limit) === 0 ? wanted.length : Number(limit);
    const items = wanted.slice(0, size);
    const last = items.at(-1);
    if (items.length === wanted.length || !last) return { version, items, continueToken: '' };
    this.#keep(resource, version, token);
    const continueToken = writeToken({ version, after: keyOf(last) });
    return { version, items, continueToken, ...(!selector && { remaining: all.length - items.length }) };
  }

  /** Forgets all snapshots: every token is too old from now on. */
  forget(): void {
    this.#snapshots.clear();
  }

  #snapshot(resource: Resource, token: Token | undefined): readonly KubeObject[] {
    if (!token) return this.#store.list(resource);
    const found = this.#snapshots.get(`${qualifiedPlural(resource)}@${token.version}`);
    if (!found) throw expired('The provided continue parameter is too old; start a new list without it.');
    return found;
  }

  #keep(resource: Resource, version: number, token: Token | undefined): void {
    if (token) return;
    this.#snapshots.set(`${qualifiedPlural(resource)}@${version}`, this.#store.list(resource));
    const oldest = this.#snapshots.keys().next();
    if (this.#snapshots.size > snapshotsKept && !oldest.done) this.#snapshots.delete(oldest.value);
  }

  #refuseFuture(version: string): void {
    if (version !== '' && !/^\d+$/.test(version)) throw badRequest(`invalid resource version "${version}"`);
    if (Number(version) <= this.#store.version) return;
    const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
    const message = `Timeout: Too large resource version: ${version}, current: ${this.#store.version}`;
    throw new ApiError(504, 'Timeout', message, { causes, retryAfterSeconds: 1 });
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function writeToken(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string): Token | undefined {
  if (text === '') return undefined;
  try {
    const token: Json = JSON.parse(Buffer.from(text, 'base64url').toString());
    const after = asText(at(token, 'after'));
    const version = Number(at(token, 'version'));
    if (after !== '' && Number.isInteger(version)) return { version, after };
  } catch {
    // Not ours; refused below like any other nonsense.
  }
  throw badRequest('invalid continue token: continue key is not valid');
}
