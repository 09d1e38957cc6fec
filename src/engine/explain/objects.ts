// Recognises Kubernetes objects in what was given: YAML or JSON, one or many.

import { parseAllDocuments } from 'yaml';

import { isObject, jsonIn, listAt, objectAt } from '../platform/data/field.ts';

/** YAML takes long to read, and kubectl writes JSON as well. */
const maxYamlLength = 16 * 1024 * 1024;
const maxDocuments = 10_000;

/** The objects, if the text is nothing else, and at least one is of a kind that can be judged; else undefined. */
export function objectsIn(text: string): readonly unknown[] | undefined {
  const found = jsonObjectsIn(text) ?? yamlIn(text);
  return found?.some(isKnown) ? found : undefined;
}

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
  if (text.length > maxYamlLength || !/^kind:[ \t]*["']?[A-Z]/m.test(text)) return undefined;
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
function isKnown(object: unknown): boolean {
  if (!isObject(object) || typeof object['kind'] !== 'string') return false;
  const { kind, apiVersion } = object;
  if (kind.endsWith('List') && Array.isArray(object['items'])) return true;
  if (kind === 'Event') return apiVersion === 'v1' || String(apiVersion).startsWith('events.k8s.io/');
  return relatedKinds.test(kind) || makesPods(object);
}

const makesPods = (object: unknown): boolean =>
  listAt(object, 'spec', 'template', 'spec', 'containers').length > 0 ||
  Object.keys(objectAt(object, 'spec', 'jobTemplate')).length > 0;
