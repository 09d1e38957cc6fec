// A custom kind's schema: which fields it has, which values they take, how its lists merge.

import { Ajv, type ErrorObject } from 'ajv';
import { parse } from 'yaml';
import type { Cause } from './api-error.ts';
import { builtInTyping, type Typing } from './typing.ts';
import { asFields, asList, asText, at, isFields, type Fields, type Json } from './object.ts';
import type { Resource } from './resource.ts';
import { brokenRules } from './schema-rules.ts';

export type Column = {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority: number;
  readonly description: string;
};

/** Without a schema every field is kept as it comes. */
export type CustomSchema = {
  readonly schema: Fields | undefined;
  readonly columns: readonly Column[];
};

/** Reads the first version of a CustomResourceDefinition. */
export function resourceOfCrd(crdYaml: string): Resource {
  const crd: Json = parse(crdYaml);
  const spec = asFields(at(crd, 'spec'));
  const version = asFields(asList(spec['versions'])[0]);
  const name = (field: string): string => asText(at(spec, 'names', field));
  return {
    group: asText(spec['group']),
    version: asText(version['name']),
    kind: name('kind'),
    plural: name('plural'),
    singular: name('singular'),
    shortNames: asList(at(spec, 'names', 'shortNames')).map(asText),
    namespaced: spec['scope'] === 'Namespaced',
    hasStatus: at(version, 'subresources', 'status') !== undefined,
    hasGeneration: true,
    custom: {
      schema: asFields(at(version, 'schema', 'openAPIV3Schema')),
      columns: asList(version['additionalPrinterColumns']).map((column) => columnOf(asFields(column))),
    },
  };
}

function columnOf({ name, type, jsonPath, priority, description }: Fields): Column {
  const texts = { name: asText(name), type: asText(type), jsonPath: asText(jsonPath) };
  return { ...texts, priority: Number(priority ?? 0), description: asText(description) };
}

/** Drops the fields that the schema does not declare, and names them: `spec.typo`. */
export function prune(
  schema: Fields,
  object: Fields,
): { readonly pruned: Fields; readonly unknown: readonly string[] } {
  const unknown: string[] = [];
  const { apiVersion, kind, metadata, ...rest } = object;
  const pruned = pruneValue(schema, rest, '', unknown);
  return { pruned: { apiVersion, kind, metadata, ...asFields(pruned) }, unknown };
}

function pruneValue(schema: Fields, value: Json, path: string, unknown: string[]): Json {
  if (Array.isArray(value)) {
    const items = asFields(schema['items']);
    return (value as readonly Json[]).map((item, i) => pruneValue(items, item, `${path}[${i}]`, unknown));
  }
  if (!isFields(value) || schema['x-kubernetes-preserve-unknown-fields'] === true) return value;
  const kept = Object.entries(value).flatMap(([name, child]): [string, Json][] => {
    const below = childSchema(schema, name);
    const childPath = path === '' ? name : `${path}.${name}`;
    if (!below) unknown.push(childPath);
    return below && child !== undefined ? [[name, pruneValue(below, child, childPath, unknown)]] : [];
  });
  return Object.fromEntries(kept);
}

function childSchema(schema: Fields, name: string): Fields | undefined {
  const property = at(schema, 'properties', name) ?? schema['additionalProperties'];
  return property === true ? {} : isFields(property) ? property : undefined;
}

/** What the API server would refuse this object for, in the words of its Status causes. */
export function faultsOf(schema: Fields, object: Fields, previous: Fields | undefined): readonly Cause[] {
  const validate = compiled(schema);
  const faults = validate(object) ? [] : (validate.errors ?? []).map(causeOf);
  // Rules are not looked at in an object that lacks what they may be about.
  const isBlocked = faults.some(({ reason }) => Object.values(reasons).includes(reason));
  return [...faults, ...(isBlocked ? [rulesUnchecked] : brokenRules(schema, object, previous))];
}

const rulesUnchecked: Cause = {
  reason: 'FieldValueInvalid',
  message: 'Invalid value: null: some validation rules were not checked because the object was invalid',
  field: '<nil>',
};

const validators = new WeakMap<Fields, ReturnType<Ajv['compile']>>();

function compiled(schema: Fields): ReturnType<Ajv['compile']> {
  const found = validators.get(schema) ?? newAjv().compile(schema);
  validators.set(schema, found);
  return found;
}

function newAjv(): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
  ajv.addFormat('int32', { type: 'number', validate: (n) => Number.isInteger(n) && Math.abs(n) < 2 ** 31 });
  ajv.addFormat('int64', { type: 'number', validate: Number.isInteger });
  return ajv;
}

const reasons: Readonly<Record<string, string>> = {
  required: 'FieldValueRequired',
  enum: 'FieldValueNotSupported',
  type: 'FieldValueTypeInvalid',
  maxLength: 'FieldValueTooLong',
  maxItems: 'FieldValueTooMany',
};

function causeOf({ keyword, instancePath, params, message = '' }: ErrorObject): Cause {
  const place = instancePath
    .replaceAll(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.')
    .replace(/^\./, '');
  const missing = keyword === 'required' ? asText(asFields(params as Json)['missingProperty']) : '';
  const field = [place, missing].filter((part) => part !== '').join('.');
  return { reason: reasons[keyword] ?? 'FieldValueInvalid', message: `Invalid value: ${message}`, field };
}

/** Why a configuration cannot be applied: server-side apply wants declared fields of the declared types. */
export function applyFault(schema: Fields, value: Json, path = ''): string | undefined {
  const type = typeMismatch(schema, value);
  if (type !== undefined) return `${path}: expected ${type}`;
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return undefined;
  if (isFields(value))
    return firstOf(Object.entries(value), ([name, child]) => fieldFault(schema, name, child, path));
  const items = asFields(schema['items']);
  return firstOf(asList(value).entries(), ([i, item]) => applyFault(items, item, `${path}[${i}]`));
}

function fieldFault(schema: Fields, name: string, value: Json | undefined, path: string): string | undefined {
  const isFrame = path === '' && ['apiVersion', 'kind', 'metadata'].includes(name);
  if (isFrame || value === undefined) return undefined;
  const below = childSchema(schema, name);
  return below
    ? applyFault(below, value, `${path}.${name}`)
    : `${path}.${name}: field not declared in schema`;
}

function typeMismatch({ type, format }: Fields, value: Json): string | undefined {
  if (value === null || type === undefined) return undefined;
  const actual = Array.isArray(value) ? 'array' : isFields(value) ? 'object' : typeof value;
  const expected = type === 'integer' ? 'number' : asText(type);
  return actual === expected ? undefined : asText(format) || asText(type);
}

function firstOf<T>(items: Iterable<T>, fault: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = fault(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How values of this kind merge; metadata merges as in every kind. */
export function typingOf({ custom }: Resource): Typing {
  const schema = custom?.schema;
  if (!schema) return builtInTyping;
  return {
    list: (path) => (path[0] === 'metadata' ? builtInTyping.list(path) : listTypeOf(schemaAt(schema, path))),
    isMap: (path) =>
      path[0] === 'metadata' ? builtInTyping.isMap(path) : isMapSchema(schemaAt(schema, path)),
    isAtomic: (path) => schemaAt(schema, path)['x-kubernetes-map-type'] === 'atomic',
  };
}

function listTypeOf(schema: Fields): ReturnType<Typing['list']> {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'map') return asList(schema['x-kubernetes-list-map-keys']).map(asText);
  return type === 'set' ? 'set' : 'atomic';
}

function isMapSchema(schema: Fields): boolean {
  return schema['additionalProperties'] !== undefined;
}

function schemaAt(schema: Fields, path: readonly string[]): Fields {
  return path.reduce(
    (found, name) => (name === '[]' ? asFields(found['items']) : (childSchema(found, name) ?? {})),
    schema,
  );
}
