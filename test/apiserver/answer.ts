// One request, one answer: who may ask, what is meant, and which part of the server knows it.

import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { isAccessReview, reviewed, type Allows } from './access.ts';
import { ApiError, badRequest, invalid, noSuchResource, notFound, statusOf } from './api-error.ts';
import { discover } from './discovery.ts';
import { formatList, formatObject, formatOf } from './formats.ts';
import { collectIfOrphaned } from './garbage-collector.ts';
import type { Lists } from './lists.ts';
import type { Logs } from './logs.ts';
import { asText, isFields, jsonText, type Fields, type Json, type KubeObject } from './object.ts';
import type { ApiRequest } from './request.ts';
import type { Resource } from './resource.ts';
import type { Sink } from './sink.ts';
import type { Store } from './store.ts';
import { watch } from './watch.ts';
import { apply, create, patch, remove, update, type Written } from './writes.ts';

export type Context = {
  readonly store: Store;
  readonly lists: Lists;
  readonly logs: Logs;
  readonly resources: readonly Resource[];
  readonly tokens: readonly string[] | undefined;
  readonly allows: Allows;
  readonly bookmarkIntervalMs: number;
};

const bodyLimitBytes = 3 * 1024 * 1024;
/** The real server compresses what is larger, for clients that take it. */
const gzipFromBytes = 128 * 1024;

/** Answers through the sink, errors too; `refusal` comes from a fault and goes before everything else. */
export async function answer(
  context: Context,
  request: ApiRequest,
  incoming: IncomingMessage,
  sink: Sink,
  refusal: ApiError | undefined,
): Promise<void> {
  try {
    const body = await readBody(incoming);
    if (refusal) throw refusal;
    refuseStrangers(context.tokens, incoming.headers.authorization);
    respond(context, request, incoming, body, sink);
  } catch (error) {
    if (sink.closed.aborted) return;
    if (error instanceof ApiError) return sendError(sink, error);
    sendError(sink, new ApiError(500, 'InternalError', `Internal error occurred: ${String(error)}`));
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > bodyLimitBytes) throw new ApiError(413, 'RequestEntityTooLarge', 'limit is 3145728');
  }
  return Buffer.concat(chunks).toString();
}

function refuseStrangers(tokens: readonly string[] | undefined, authorization = ''): void {
  if (!tokens || tokens.some((token) => authorization === `Bearer ${token}`)) return;
  throw new ApiError(401, 'Unauthorized', 'Unauthorized');
}

function respond(
  context: Context,
  request: ApiRequest,
  incoming: IncomingMessage,
  body: string,
  sink: Sink,
): void {
  if (request.resource === '') return respondWithoutResource(context, request, sink);
  if (isAccessReview(request)) return sendJson(sink, 201, reviewed(parseObject(body), context.allows));
  const resource = findResource(context.resources, request);
  if (!resource) return sendText(sink, 404, '404 page not found\n');
  const format = formatOf(incoming.headers.accept ?? '');
  if (request.verb === 'watch')
    return watch(context.store, resource, request, format, sink, context.bookmarkIntervalMs);
  if (request.verb === 'list') {
    const { version, items, continueToken, remaining } = context.lists.page(resource, request);
    const page = { resourceVersion: String(version), ...(continueToken && { continue: continueToken }) };
    const metadata = { ...page, ...(remaining !== undefined && { remainingItemCount: remaining }) };
    return sendLarge(sink, incoming, formatList(resource, items, metadata, format));
  }
  if (request.verb === 'get') {
    const object = context.store.get(resource, request.namespace, request.name);
    if (!object) throw notFound(resource, request.name);
    if (request.subresource === 'log') return sendLog(sink, context.logs.of(object, request));
    return sendJson(sink, 200, formatObject(resource, object, format));
  }
  change(context, resource, request, incoming.headers['content-type'] ?? '', body, sink);
}

function respondWithoutResource({ resources }: Context, { path, verb }: ApiRequest, sink: Sink): void {
  if (['/healthz', '/livez', '/readyz'].includes(path)) return sendText(sink, 200, 'ok');
  const found = verb === 'get' ? discover(resources, path) : undefined;
  return found ? sendJson(sink, 200, found) : sendText(sink, 404, '404 page not found\n');
}

/** Undefined where not even the group is known: the real server answers that in plain text. */
function findResource(resources: readonly Resource[], request: ApiRequest): Resource | undefined {
  const inGroup = resources.filter(({ group }) => group === request.group);
  const found = inGroup.find(
    ({ plural, version }) => plural === request.resource && version === request.version,
  );
  if (!found && inGroup.length > 0) throw noSuchResource();
  const isLog = request.subresource === 'log' && request.verb === 'get' && found?.kind === 'Pod';
  const isKnownPart =
    request.subresource === '' || (request.subresource === 'status' && found?.hasStatus === true) || isLog;
  if (found && !isKnownPart) throw noSuchResource();
  return found;
}

function change(
  { store }: Context,
  resource: Resource,
  request: ApiRequest,
  contentType: string,
  body: string,
  sink: Sink,
): void {
  refuseOtherDryRun(request);
  const written = writeAs(store, resource, request, contentType, body);
  if ('removed' in written) return sendJson(sink, 200, written.removed);
  if (written.created) collectIfOrphaned(store, resource, written.object);
  const warning = written.warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ');
  sendJson(sink, written.created ? 201 : 200, written.object, warning === '' ? {} : { warning });
}

function writeAs(
  store: Store,
  resource: Resource,
  request: ApiRequest,
  contentType: string,
  body: string,
): Written | { readonly removed: Fields } {
  switch (request.verb) {
    case 'create':
      return create(store, resource, request, parseObject(body));
    case 'update':
      return update(store, resource, request, parseObject(body));
    case 'delete': {
      const object = remove(store, resource, request, body === '' ? {} : parseObject(body));
      return { removed: afterDelete(resource, object) };
    }
    case 'patch':
      return patchAs(store, resource, request, contentType, body);
    default:
      throw new ApiError(
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource',
        {},
      );
  }
}

function patchAs(
  store: Store,
  resource: Resource,
  request: ApiRequest,
  contentType: string,
  body: string,
): Written {
  switch (contentType.split(';')[0] ?? '') {
    case 'application/apply-patch+yaml':
      return apply(store, resource, request, parseObject(body, 'yaml'));
    case 'application/merge-patch+json':
      return patch(store, resource, request, parseObject(body), 'merge');
    case 'application/json-patch+json':
      return patch(store, resource, request, parseValue(body, 'json'), 'json');
    case 'application/strategic-merge-patch+json':
      if (!resource.custom) return patch(store, resource, request, parseObject(body), 'strategic');
      throw unknownFormat();
    default:
      throw unknownFormat();
  }
}

function unknownFormat(): ApiError {
  return new ApiError(415, 'UnsupportedMediaType', 'the body of the request was in an unknown format');
}

function parseObject(body: string, language: 'json' | 'yaml' = 'json'): Fields {
  const value = parseValue(body, language);
  if (!isFields(value)) throw badRequest('the body of the request is not an object');
  return value;
}

function parseValue(body: string, language: 'json' | 'yaml'): Json {
  try {
    return language === 'yaml' ? parse(body) : JSON.parse(body);
  } catch (error) {
    throw badRequest(`error decoding the body: ${String(error)}`);
  }
}

function refuseOtherDryRun({ parameters, verb }: ApiRequest): void {
  const { dryRun = 'All' } = parameters;
  if (dryRun === 'All') return;
  const message = `Unsupported value: ["${dryRun}"]: supported values: "All"`;
  const causes = [{ reason: 'FieldValueNotSupported', message, field: 'dryRun' }];
  const kind = verb === 'patch' ? 'PatchOptions' : 'UpdateOptions';
  throw invalid({ group: 'meta.k8s.io', kind }, '', causes);
}

/** Pods and a few others come back as they last were; for the rest there is a Status. */
function afterDelete(resource: Resource, object: KubeObject): Fields {
  if (['Pod', 'Service', 'ServiceAccount', 'Namespace'].includes(resource.kind)) return object;
  const { group, plural } = resource;
  const details = {
    name: object.metadata.name,
    ...(group && { group }),
    kind: plural,
    uid: object.metadata.uid,
  };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

function sendError(sink: Sink, error: ApiError): void {
  const seconds = asText(error.details?.['retryAfterSeconds']);
  sendJson(sink, error.code, statusOf(error), seconds === '' ? {} : { 'retry-after': seconds });
}

function sendJson(
  sink: Sink,
  code: number,
  value: Json,
  headers: Readonly<Record<string, string>> = {},
): void {
  send(sink, code, { 'content-type': 'application/json', ...headers }, Buffer.from(`${jsonText(value)}\n`));
}

function sendText(sink: Sink, code: number, text: string): void {
  send(sink, code, { 'content-type': 'text/plain; charset=utf-8' }, Buffer.from(text));
}

function sendLog(sink: Sink, bytes: Buffer | undefined): void {
  sink.head(bytes ? 200 : 204, { 'content-type': 'text/plain' });
  if (bytes) sink.write(bytes);
  sink.end();
}

function sendLarge(sink: Sink, incoming: IncomingMessage, json: string): void {
  const bytes = Buffer.from(json);
  const takesGzip = /\bgzip\b/.test(incoming.headers['accept-encoding'] ?? '');
  const headers = { 'content-type': 'application/json' };
  if (!takesGzip || bytes.length < gzipFromBytes) return send(sink, 200, headers, bytes);
  send(
    sink,
    200,
    { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' },
    gzipSync(bytes, { level: 1 }),
  );
}

function send(sink: Sink, code: number, headers: Readonly<Record<string, string>>, body: Buffer): void {
  sink.head(code, { ...headers, 'content-length': String(body.length) });
  sink.write(body);
  sink.end();
}
