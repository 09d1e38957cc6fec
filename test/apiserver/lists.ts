// LIST: pages over one consistent snapshot, and what becomes of a token whose snapshot is gone.

import { ApiError, badRequest, expired } from './api-error.ts';
import { at, type Json, type KubeObject } from './object.ts';
import type { ApiRequest } from './request.ts';
import { qualifiedPlural, type Resource } from './resource.ts';
import { selectorOf, type Selector } from './selectors.ts';
import type { Store } from './store.ts';

export type ListPage = {
  readonly version: number;
  readonly items: readonly KubeObject[];
  /** Empty on the last page. */
  readonly continueToken: string;
  /** How many are still to come; absent where a selector makes that unknown. */
  readonly remaining?: number;
};

/** A place in a snapshot. */
type Token = { readonly version: number; readonly offset: number };

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
    const key = `${qualifiedPlural(resource)}/${request.namespace}@${version}`;
    const all = token ? this.#kept(key) : this.#current(resource, request.namespace);
    // From "any version", the real one answers out of its cache, and that knows no pages.
    const size = resourceVersion === '0' || Number(limit) === 0 ? all.length : Number(limit);
    const { items, end } = take(all, token?.offset ?? 0, size, selector);
    if (end === all.length) return { version, items, continueToken: '' };
    if (!token) this.#keep(key, all);
    const continueToken = writeToken({ version, offset: end });
    return { version, items, continueToken, ...(!selector && { remaining: all.length - end }) };
  }

  /** Forgets all snapshots: every token is too old from now on. */
  forget(): void {
    this.#snapshots.clear();
  }

  #current(resource: Resource, namespace: string): readonly KubeObject[] {
    const all = this.#store.list(resource);
    return namespace === '' ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
  }

  #kept(key: string): readonly KubeObject[] {
    const found = this.#snapshots.get(key);
    if (!found) throw expired('The provided continue parameter is too old; start a new list without it.');
    return found;
  }

  #keep(key: string, snapshot: readonly KubeObject[]): void {
    this.#snapshots.set(key, snapshot);
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

/** So many that match, from an offset on; more may follow that do not match, and then the last page is empty. */
function take(
  all: readonly KubeObject[],
  offset: number,
  size: number,
  selector: Selector | undefined,
): { readonly items: readonly KubeObject[]; readonly end: number } {
  const items: KubeObject[] = [];
  let end = offset;
  for (; end < all.length && items.length < size; end += 1) {
    const object = all[end];
    if (object && (!selector || selector(object))) items.push(object);
  }
  return { items, end };
}

function writeToken(token: Token): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readToken(text: string): Token | undefined {
  if (text === '') return undefined;
  try {
    const token: Json = JSON.parse(Buffer.from(text, 'base64url').toString());
    const version = Number(at(token, 'version'));
    const offset = Number(at(token, 'offset'));
    if (Number.isInteger(version) && Number.isInteger(offset)) return { version, offset };
  } catch {
    // Not ours; refused below like any other nonsense.
  }
  throw badRequest('invalid continue token: continue key is not valid');
}
