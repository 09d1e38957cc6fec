// Which object another belongs to, by what stands in it.

import type { ObjectRef } from '../../model/workload.ts';
import { booleanAt, listAt, objectAt, textAt } from '../data/field.ts';
import { workloadKind } from './workload-kinds.ts';

/** `uid` is empty where the object is only named. */
type ControllerRef = ObjectRef & { readonly uid: string };

/**
 * The object's controller. The mirror of a static pod is controlled by its Node, which is not where it can be corrected: it
 * counts as having none.
 */
export function controllerOf(object: unknown): ControllerRef | undefined {
  const owner = listAt(object, 'metadata', 'ownerReferences').find(
    (one) => booleanAt(one, 'controller') === true && !isNode(one),
  );
  return owner === undefined ? undefined : refOf(owner);
}

/**
 * The next object on the way to the one that a person edits: the one that it takes its template from, or else its
 * controller.
 */
export function parentOf(ref: Omit<ObjectRef, 'name'>, object: unknown): ControllerRef | undefined {
  const path = workloadKind(ref)?.templateRef;
  const named = path && refOf(objectAt(object, ...path));
  return named && named.name !== '' ? named : controllerOf(object);
}

const isNode = (owner: unknown): boolean =>
  textAt(owner, 'apiVersion') === 'v1' && textAt(owner, 'kind') === 'Node';

function refOf(reference: unknown): ControllerRef {
  const [apiVersion = '', kind = '', name = '', uid = ''] = ['apiVersion', 'kind', 'name', 'uid'].map(
    (field) => textAt(reference, field),
  );
  return { apiVersion, kind, name, uid };
}

const kindForm = /^[A-Za-z][A-Za-z0-9]{0,62}$/;
const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const apiVersionForm = new RegExp(`^(?:${label}(?:\\.${label})*/)?${label}$`);
const nameForm = /^[A-Za-z0-9](?:[-A-Za-z0-9_.:]{0,251}[A-Za-z0-9])?$/;

/** The API server checks no part of an owner reference; what no object can be called leads nowhere. */
export function isReference({ apiVersion, kind, name }: ObjectRef): boolean {
  const isShort = apiVersion.length <= 317;
  return kindForm.test(kind) && isShort && apiVersionForm.test(apiVersion) && nameForm.test(name);
}
