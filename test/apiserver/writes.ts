// Create, update, patch, apply and delete: what becomes of an object, and what is refused.

import { randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as refuse from './api-error.ts';
import { applyFault, faultsOf, prune, typingOf } from './custom-schema.ts';
import { applied, ownable, updated, type Writer } from './managed-fields.ts';
import { asFields, asList, asText, at, cleanCopy, omit } from './object.ts';
import type { Fields, Json, KubeObject } from './object.ts';
import { jsonPatch, mergePatch, strategicMergePatch } from './patch.ts';
import type { ApiRequest } from './request.ts';
import { apiVersionOf, qualifiedKind, type Resource } from './resource.ts';
import type { Store } from './store.ts';

export type Written = {
  readonly object: KubeObject;
  readonly created: boolean;
  readonly warnings: readonly string[];
};

/** POST of a whole object; `generateName` gets a suffix. */
export function create(store: Store, resource: Resource, request: ApiRequest, body: Json): Written {
  const given = asFields(cleanCopy(body));
  const metadata = asFields(given['metadata']);
  const name = asText(metadata['name']) || generated(asText(metadata['generateName']));
  if (name === '')
    throw refuse.invalid(resource, '', [required('metadata.name', 'name or generateName is required')]);
  if (store.get(resource, request.namespace, name)) throw refuse.alreadyExists(resource, name);
  refuseUnknownNamespace(store, resource, request.namespace);
  const isPod = resource.kind === 'Pod' && !resource.custom;
  const object = resource.hasStatus ? omit(given, 'status') : given;
  const begun = isPod ? { ...object, status: { phase: 'Pending' } } : object;
  return write(store, resource, { ...request, name }, undefined, begun, (next) =>
    track({}, next, resource, request),
  );
}

/** PUT of a whole object over one that exists, with the version it was read at. */
export function update(store: Store, resource: Resource, request: ApiRequest, body: Json): Written {
  const live = existing(store, resource, request);
  const next = asFields(cleanCopy(body));
  refuseOtherName(next, request.name);
  if (asText(at(next, 'metadata', 'resourceVersion')) === '') {
    const message = 'Invalid value: 0: must be specified for an update';
    const causes = [{ reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' }];
    throw refuse.invalid(resource, request.name, causes);
  }
  return write(store, resource, request, live, next, (object) => track(live, object, resource, request));
}

/** JSON merge patch, strategic merge patch, and JSON patch, whose body is a list. */
export function patch(
  store: Store,
  resource: Resource,
  request: ApiRequest,
  body: Json,
  kind: 'merge' | 'strategic' | 'json',
): Written {
  const live = existing(store, resource, request);
  const patched = {
    merge: () => mergePatch(live, body),
    strategic: () => strategicMergePatch(live, body),
    json: () => jsonPatch(live, asList(body)),
  }[kind]();
  if (patched === undefined) throw refuse.unfitPatch();
  const next = asFields(patched);
  return write(store, resource, request, live, next, (object) => track(live, object, resource, request));
}

/** Server-side apply; creates what does not exist, but not through a subresource. */
export function apply(store: Store, resource: Resource, request: ApiRequest, body: Json): Written {
  const { fieldManager = '', force } = request.parameters;
  if (fieldManager === '')
    throw refuse.invalid(patchOptions, '', [required('fieldManager', 'is required for apply patch')]);
  const config = asFields(cleanCopy(body));
  refuseOtherName(config, request.name);
  if (at(config, 'metadata', 'managedFields') !== undefined)
    throw refuse.badRequest('metadata.managedFields must be nil');
  const live = store.get(resource, request.namespace, request.name);
  if (!live && request.subresource !== '') throw refuse.notFound(resource, request.name);
  if (!live) refuseUnknownNamespace(store, resource, request.namespace);
  refuseUntyped(resource, config, request);
  refuseStale(resource, live, config);
  const writer = writerOf(resource, request, 'Apply', fieldManager);
  const taken = takenBy(resource, request, config);
  const next = applied(live ?? {}, taken, typingOf(resource), writer, force === 'true' || force === '1');
  return write(store, resource, request, live, next, () => next);
}

/** DELETE of one object; `options` is the body, DeleteOptions or nothing. Returns the object as it last was. */
export function remove(store: Store, resource: Resource, request: ApiRequest, options: Json): KubeObject {
  const live = existing(store, resource, request);
  for (const field of ['uid', 'resourceVersion'] as const) {
    const wanted = at(options, 'preconditions', field);
    if (wanted !== undefined && wanted !== live.metadata[field])
      throw preconditionFailed(resource, request, field);
  }
  if (request.parameters['dryRun'] === 'All' || asText(at(options, 'dryRun', '0')) === 'All') return live;
  const hasFinalizers = Array.isArray(live.metadata['finalizers']) && live.metadata['finalizers'].length > 0;
  if (!hasFinalizers) return store.remove(resource, request.namespace, request.name) ?? live;
  const deletionTimestamp = live.metadata.deletionTimestamp ?? now();
  return store.save(resource, { ...live, metadata: { ...live.metadata, deletionTimestamp } });
}

const patchOptions = { group: 'meta.k8s.io', kind: 'PatchOptions' };

/** Checks an object, completes it and stores it; `own` adds the managedFields. Nothing is stored that changes nothing. */
function write(
  store: Store,
  resource: Resource,
  request: ApiRequest,
  live: KubeObject | undefined,
  proposed: Fields,
  own: (object: Fields) => Fields,
): Written {
  refuseStale(resource, live, proposed);
  const { pruned, unknown } = resource.custom?.schema
    ? prune(resource.custom.schema, proposed)
    : untouched(proposed);
  const owned = own(live ? confined(resource, request, live, pruned) : pruned);
  const object = completed(resource, request, live, owned);
  refuseInvalid(resource, object, live);
  const warnings = unknown.map((path) => `unknown field "${path}"`);
  const isDry = request.parameters['dryRun'] === 'All';
  if (live && isDeepStrictEqual(object, live)) return { object: live, created: false, warnings };
  const result = { created: !live, warnings };
  if (isDry) return { object, ...result };
  if (isFinished(object))
    return { object: store.remove(resource, request.namespace, request.name) ?? object, ...result };
  return { object: store.save(resource, object), ...result };
}

function untouched(object: Fields): ReturnType<typeof prune> {
  return { pruned: object, unknown: [] };
}

/** Each endpoint writes its own half: `/status` only the status, the other everything else. */
function confined(resource: Resource, request: ApiRequest, live: KubeObject, next: Fields): Fields {
  if (!resource.hasStatus) return next;
  const managedFields = at(next, 'metadata', 'managedFields');
  const metadata = managedFields === undefined ? live.metadata : { ...live.metadata, managedFields };
  if (request.subresource === 'status') return withStatus({ ...live, metadata }, next['status']);
  return withStatus(next, live['status']);
}

function withStatus(object: Fields, status: Json | undefined): Fields {
  return status === undefined ? omit(object, 'status') : { ...object, status };
}

/** The fields of an apply that the endpoint looks at. */
function takenBy(resource: Resource, request: ApiRequest, config: Fields): Fields {
  if (!resource.hasStatus) return config;
  return request.subresource === 'status' ? { status: config['status'] ?? {} } : omit(config, 'status');
}

function completed(
  resource: Resource,
  request: ApiRequest,
  live: KubeObject | undefined,
  object: Fields,
): KubeObject {
  const { apiVersion: _, kind: _kind, metadata, ...rest } = object;
  const { resourceVersion: _version, ...given } = asFields(metadata);
  const system = live ? systemMetadata(live) : { uid: randomUUID(), creationTimestamp: now() };
  const namespace = resource.namespaced ? { namespace: request.namespace } : {};
  const generation = resource.hasGeneration ? { generation: generationOf(resource, live, object) } : {};
  const complete = { ...given, ...generation, ...system, name: request.name, ...namespace };
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: complete, ...rest };
}

function systemMetadata({ metadata }: KubeObject): Fields {
  const names = ['uid', 'creationTimestamp', 'deletionTimestamp', 'resourceVersion'];
  return Object.fromEntries(
    names.filter((name) => metadata[name] !== undefined).map((name) => [name, metadata[name]]),
  );
}

function generationOf(resource: Resource, live: KubeObject | undefined, next: Fields): number {
  const content = (object: Fields): Fields =>
    omit(ownable(object), 'metadata', ...(resource.hasStatus ? ['status'] : []));
  if (!live) return 1;
  const generation = live.metadata.generation ?? 1;
  return isDeepStrictEqual(content(live), content(next)) ? generation : generation + 1;
}

function isFinished({ metadata }: KubeObject): boolean {
  const finalizers = metadata['finalizers'];
  return metadata.deletionTimestamp !== undefined && !(Array.isArray(finalizers) && finalizers.length > 0);
}

function track(live: Fields, next: Fields, resource: Resource, request: ApiRequest): Fields {
  const manager = request.parameters['fieldManager'] || request.userAgent.split('/')[0] || 'unknown';
  return updated(live, next, typingOf(resource), writerOf(resource, request, 'Update', manager));
}

function writerOf(
  resource: Resource,
  request: ApiRequest,
  operation: Writer['operation'],
  manager: string,
): Writer {
  const { subresource } = request;
  return { manager, operation, apiVersion: apiVersionOf(resource), subresource, time: now() };
}

function existing(store: Store, resource: Resource, { namespace, name }: ApiRequest): KubeObject {
  const live = store.get(resource, namespace, name);
  if (!live) throw refuse.notFound(resource, name);
  return live;
}

function refuseUnknownNamespace(store: Store, resource: Resource, name: string): void {
  const namespaces = { ...resource, group: '', kind: 'Namespace', plural: 'namespaces' };
  if (resource.namespaced && !store.get(namespaces, '', name)) throw refuse.notFound(namespaces, name);
}

function refuseOtherName(object: Fields, name: string): void {
  const given = asText(at(object, 'metadata', 'name'));
  if (given === name || given === '') return;
  throw refuse.badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}

function refuseStale(resource: Resource, live: KubeObject | undefined, next: Fields): void {
  const version = asText(at(next, 'metadata', 'resourceVersion'));
  if (!live || version === '' || version === live.metadata.resourceVersion) return;
  throw refuse.modified(resource, live.metadata.name);
}

function refuseUntyped(resource: Resource, config: Fields, request: ApiRequest): void {
  const schema = resource.custom?.schema;
  const fault = schema && applyFault(schema, config);
  if (fault === undefined) return;
  const about = `(${request.namespace}/${request.name}; ${apiVersionOf(resource)}, Kind=${resource.kind})`;
  throw new refuse.ApiError(500, '', `failed to create typed patch object ${about}: ${fault}`);
}

function refuseInvalid(resource: Resource, object: KubeObject, live: KubeObject | undefined): void {
  const causes = resource.custom?.schema
    ? faultsOf(resource.custom.schema, object, live)
    : builtInFaults(object);
  if (causes.length > 0) throw refuse.invalid(resource, object.metadata.name, causes);
}

/** The one refusal of a built-in kind that a writer of Events meets. */
function builtInFaults(object: KubeObject): readonly refuse.Cause[] {
  const namespace = asText(at(object, 'involvedObject', 'namespace'));
  if (object.kind !== 'Event' || namespace === object.metadata.namespace) return [];
  const message = `Invalid value: "${namespace}": does not match event.namespace`;
  return [{ reason: 'FieldValueInvalid', message, field: 'involvedObject.namespace' }];
}

function preconditionFailed(resource: Resource, { name }: ApiRequest, field: string): refuse.ApiError {
  const message = `Operation cannot be fulfilled on ${qualifiedKind(resource)} "${name}": the ${field} is another one`;
  return new refuse.ApiError(409, 'Conflict', message, { name, group: resource.group, kind: resource.kind });
}

function required(field: string, message: string): refuse.Cause {
  return { reason: 'FieldValueRequired', message: `Required value: ${message}`, field };
}

function generated(prefix: string): string {
  return prefix === '' ? '' : prefix + randomBytes(3).toString('hex').slice(0, 5);
}

/** RFC 3339 in whole seconds, as the API server writes times. */
export function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}
