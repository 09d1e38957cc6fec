// Label and field selectors: which objects a list or a watch lets through.

import { badRequest } from './api-error.ts';
import { asFields, asText, at, type KubeObject } from './object.ts';
import type { Resource } from './resource.ts';

export type Selector = (object: KubeObject) => boolean;

/** Reads `labelSelector` and `fieldSelector`; undefined when neither restricts anything. Throws 400 for nonsense. */
export function selectorOf(resource: Resource, labels: string, fields: string): Selector | undefined {
  const terms = [
    ...splitTerms(labels).map(labelTerm),
    ...splitTerms(fields).map((term) => fieldTerm(resource, term)),
  ];
  return terms.length > 0 ? (object) => terms.every((term) => term(object)) : undefined;
}

/** At commas, but not at those inside the parentheses of `in (a, b)`, nor at those that a field's value has escaped. */
function splitTerms(text: string): readonly string[] {
  const terms = text.split(/(?<!\\),(?![^(]*\))/);
  return terms.map((term) => term.trim()).filter((term) => term !== '');
}

function labelTerm(term: string): Selector {
  const set = /^(\S+)\s+(in|notin)\s+\(([^()]*)\)$/.exec(term);
  if (set)
    return labelSet(
      set[1] ?? '',
      set[2] === 'in',
      (set[3] ?? '').split(',').map((value) => value.trim()),
    );
  const pair = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(term);
  if (pair) return labelSet(pair[1] ?? '', pair[2] !== '!=', [pair[3] ?? '']);
  const exists = /^(!?)\s*([^\s=!]+)$/.exec(term);
  if (!exists) throw badRequest(`unable to parse the label selector at "${term}"`);
  return (object) => (labelOf(object, exists[2] ?? '') !== undefined) === (exists[1] === '');
}

/** `notin` and `!=` are true of objects without the label, as in Kubernetes. */
function labelSet(name: string, wanted: boolean, values: readonly string[]): Selector {
  return (object) => {
    const value = labelOf(object, name);
    return (value !== undefined && values.includes(value)) === wanted;
  };
}

function labelOf(object: KubeObject, name: string): string | undefined {
  const value = asFields(object.metadata['labels'])[name];
  return value === undefined ? undefined : asText(value);
}

const fieldsOfEveryKind = ['metadata.name', 'metadata.namespace'];
const fieldsByKind: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName', 'status.phase', 'status.podIP'],
  Event: [
    ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
      (name) => `involvedObject.${name}`,
    ),
    'reason',
    'type',
    'source',
    'reportingComponent',
  ],
  Namespace: ['status.phase'],
  Node: ['spec.unschedulable'],
};

function fieldTerm(resource: Resource, term: string): Selector {
  const [, path = '', operator = '', value = ''] = /^([^\s=!]+)\s*(==|=|!=)\s*(.*)$/.exec(term) ?? [];
  if (operator === '') throw badRequest(`invalid field selector: "${term}"`);
  const known = resource.custom ? [] : (fieldsByKind[resource.kind] ?? []);
  if (![...fieldsOfEveryKind, ...known].includes(path))
    throw badRequest(`field label not supported: ${path}`);
  const wanted = value.replaceAll(/\\([\\,=])/g, '$1');
  return (object) => (fieldOf(object, path) === wanted) === (operator !== '!=');
}

function fieldOf(object: KubeObject, path: string): string {
  // The API server calls an Event's source what either of two fields says.
  if (path === 'source')
    return asText(at(object, 'source', 'component')) || asText(object['reportingComponent']);
  return asText(at(object, ...path.split('.')));
}
