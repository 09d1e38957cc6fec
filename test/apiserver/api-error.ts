// A refusal by the API server, and the Status object that says so.

import type { Fields } from './object.ts';
import { qualifiedKind, qualifiedPlural, type Resource } from './resource.ts';

export type Cause = { readonly reason: string; readonly message: string; readonly field: string };

export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Fields | undefined;

  constructor(code: number, reason: string, message: string, details?: Fields) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

/** The `Status` that a client reads, in the field order of the real one. */
export function statusOf({ code, reason, message, details }: ApiError): Fields {
  const frame = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message };
  return { ...frame, ...(reason && { reason }), ...(details && { details }), code };
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

export function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message);
}

export function notFound(resource: Resource, name: string): ApiError {
  return new ApiError(
    404,
    'NotFound',
    `${qualifiedPlural(resource)} "${name}" not found`,
    ofPlural(resource, name),
  );
}

/** The path names no resource of a group that exists. */
export function noSuchResource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(resource: Resource, name: string): ApiError {
  const message = `${qualifiedPlural(resource)} "${name}" already exists`;
  return new ApiError(409, 'AlreadyExists', message, ofPlural(resource, name));
}

/** A JSON patch of which an operation does not fit the object. */
export function unfitPatch(): ApiError {
  const message = 'the server rejected our request due to an error in our request';
  return new ApiError(422, 'Invalid', message, {});
}

/** Somebody else wrote in between. */
export function modified(resource: Resource, name: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualifiedPlural(resource)} "${name}": the object has been modified`;
  return new ApiError(409, 'Conflict', message, ofPlural(resource, name));
}

export function invalid(
  resource: Pick<Resource, 'group' | 'kind'>,
  name: string,
  causes: readonly Cause[],
): ApiError {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const list = texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`;
  const message = `${qualifiedKind(resource)} "${name}" is invalid: ${list}`;
  return new ApiError(422, 'Invalid', message, { name, ...groupOf(resource), kind: resource.kind, causes });
}

function ofPlural(resource: Resource, name: string): Fields {
  return { name, ...groupOf(resource), kind: resource.plural };
}

function groupOf({ group }: Pick<Resource, 'group'>): Fields {
  return group ? { group } : {};
}
