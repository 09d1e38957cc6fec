// The API server's objects as plain JSON: get, list, apply, create, patch, try a patch, remove. And logs as text.

import { KubeError } from './error.ts';
import { listObjects, type ListOptions } from '../list/list-objects.ts';
import type { KubeRequest, KubeResponse, Transport } from './transport.ts';

/** A log is plain text; an error about it is JSON. */
const anyType = 'application/json, */*';
const applyType = 'application/apply-patch+yaml';
const jsonPatchType = 'application/json-patch+json';
const mergeType = 'application/merge-patch+json';
const strategicMergeType = 'application/strategic-merge-patch+json';

/** The result of a dry run: the object as it would be, and the API server's warnings. */
type Tried = { readonly object: unknown; readonly warnings: readonly string[] };

/** The beginning of an answer; `isCut` where it may have gone on. */
type Text = { readonly text: string; readonly isCut: boolean };

/** Objects are `unknown`: the caller knows the kind. Failures are KubeErrors. */
export class KubeClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The object, or undefined where the API server says NotFound. */
  async get(path: string, signal: AbortSignal, options: { accept?: string } = {}): Promise<unknown> {
    try {
      return await this.#json({ verb: 'get', path, ...options }, signal);
    } catch (error) {
      if (error instanceof KubeError && error.code === 'notFound') return undefined;
      throw error;
    }
  }

  /** The items of a collection, as `listObjects` hands them out. */
  list(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
    options: Omit<ListOptions, 'path' | 'query'> = {},
  ): AsyncGenerator {
    return listObjects(this.#transport, { path, query, ...options }, signal);
  }

  /**
   * A container's log, or what of it `query` asks for: at most `maxBytes`, whatever the server would send. Bytes that are no
   * UTF-8 become U+FFFD.
   */
  async log(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
    { maxBytes }: { readonly maxBytes: number },
  ): Promise<Text> {
    const request = { verb: 'log', path, query, accept: anyType, maxBytes } as const;
    const { bytes } = await this.#transport.request(request, signal);
    return { text: bytes.toString('utf8'), isCut: bytes.length >= maxBytes };
  }

  /** Server-side apply: creates the object or merges the fields of `body` into it, as `manager`. */
  async apply(
    path: string,
    body: unknown,
    signal: AbortSignal,
    options: { manager: string; force?: boolean },
  ): Promise<unknown> {
    const query = { fieldManager: options.manager, force: String(options.force ?? false) };
    return await this.#json({ verb: 'apply', path, query, body, contentType: applyType }, signal);
  }

  /** Creates an object in the collection at `path`. One that exists already is a KubeError `conflict`. */
  async create(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    return await this.#json({ verb: 'create', path, body }, signal);
  }

  /** Changes an object by a JSON merge patch; a strategic one is only ever tried: `dryRunPatch`. */
  async patch(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    return await this.#json({ verb: 'patch', path, body, contentType: mergeType }, signal);
  }

  /**
   * Tries a patch, with admission. Always a dry run: nothing is stored. A list is a JSON patch, all else a strategic merge
   * patch, which only built-in kinds accept.
   */
  async dryRunPatch(
    path: string,
    body: unknown,
    signal: AbortSignal,
    options: { manager: string; fieldValidation: 'Ignore' | 'Warn' | 'Strict' },
  ): Promise<Tried> {
    const { manager: fieldManager, fieldValidation } = options;
    const query = { fieldManager, fieldValidation, dryRun: 'All' };
    const contentType = Array.isArray(body) ? jsonPatchType : strategicMergeType;
    const request = { verb: 'patch', path, query, body, contentType } as const;
    const response = await this.#transport.request(request, signal);
    return { object: jsonOf(path, response), warnings: response.warnings };
  }

  /** Deletes an object if its uid and version match. `gone` when there is none. */
  async remove(
    path: string,
    signal: AbortSignal,
    options: { uid?: string; resourceVersion?: string } = {},
  ): Promise<'done' | 'gone'> {
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      preconditions: { ...options },
    };
    try {
      await this.#transport.request({ verb: 'delete', path, body }, signal);
      return 'done';
    } catch (error) {
      if (error instanceof KubeError && error.code === 'notFound') return 'gone';
      throw error;
    }
  }

  async #json(request: KubeRequest, signal: AbortSignal): Promise<unknown> {
    return jsonOf(request.path, await this.#transport.request(request, signal));
  }
}

function jsonOf(path: string, response: KubeResponse): unknown {
  try {
    return JSON.parse(response.bytes.toString('utf8'));
  } catch (cause) {
    throw new KubeError('badResponse', `The API server's answer for ${path} is not JSON`, { cause });
  }
}
