// Recognises Kubernetes objects in what was given: YAML or JSON, one or many.

import { parseAllDocuments } from 'yaml';

import { isObject, jsonIn, listAt, objectAt } from '../platform/data/field.ts';

/** YAML takes a second and 20 MB for each of these, in characters; kubectl writes JSON as well. */
const maxYamlLength = 4 * 1024 * 1024;
const maxDocuments = 10_000;

export type InputObjects = {
  /** Absent where the text is something else, or more than objects. */
  readonly objects?: readonly unknown[];
  /** True for YAML that is too long to be read. */
  readonly isTooLong?: boolean;
};

/** The objects, if the text is nothing else, and at least one is of a kind that can be judged. */
export function objectsIn(text: string): InputObjects {
  const json = jsonObjectsIn(text);
  if (json) return json.some(isManifest) ? { objects: json } : {};
  if (!/^kind:[ \t]*["']?[A-Z]/m.test(text)) return {};
  if (text.length > maxYamlLength) return { isTooLong: true };
  const yaml = yamlIn(text);
  return yaml?.some(isManifest) && yaml.every(isObjectOrNothing) ? { objects: yaml } : {};
}

/** Another document may be a log: then all of it is a text. */
const isObjectOrNothing = (document: unknown): boolean =>
  document === null || document === undefined || (isObject(document) && typeof document['kind'] === 'string');

function jsonObjectsIn(text: string): readonly unknown[] | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  const whole = jsonIn(text);
  if (whole !== undefined) return Array.isArray(whole) ? whole : [whole];
  // one object a line, as `kubectl get --watch -o json` and programs that store Events write them
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const objects = lines.map((line) => (line.startsWith('{') ? jsonIn(line) : undefined));
  return objects.every(isObject) ? objects : undefined;
}

function yamlIn(text: string): readonly unknown[] | undefined {
  try {
    const documents = parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false });
    if (documents.length > maxDocuments || documents.some(({ errors }) => errors.length > 0))
      return undefined;
    return documents.map((document): unknown => document.toJS());
  } catch {
    // too deep, or too many aliases
    return undefined;
  }
}

const relatedKinds = /^(?:Pod|Node|Namespace|Event)(?:List)?$/;

/** A pod, something that makes pods, an Event, or a list of such. */
export function isManifest(object: unknown): boolean {
  if (!isObject(object) || typeof object['kind'] !== 'string') return false;
  const { kind, apiVersion } = object;
  if (kind.endsWith('List') && Array.isArray(object['items'])) return true;
  if (kind === 'Event') return apiVersion === 'v1' || String(apiVersion).startsWith('events.k8s.io/');
  return relatedKinds.test(kind) || makesPods(object);
}

const makesPods = (object: unknown): boolean =>
  listAt(object, 'spec', 'template', 'spec', 'containers').length > 0 ||
  Object.keys(objectAt(object, 'spec', 'jobTemplate')).length > 0;
