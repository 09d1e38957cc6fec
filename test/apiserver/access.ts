// What an account may do, as the API server tells it: access reviews about oneself.

import { asFields, at, type Fields } from './object.ts';
import type { ApiRequest } from './request.ts';

/** Decides about `{verb, group, resource, namespace}`. */
export type Allows = (attributes: Fields) => boolean;

export function isAccessReview({ verb, group, resource }: ApiRequest): boolean {
  return verb === 'create' && group === 'authorization.k8s.io' && resource === 'selfsubjectaccessreviews';
}

/** The review with its answer; nothing is stored, and nothing else keeps to it. */
export function reviewed(review: Fields, allows: Allows): Fields {
  const spec = asFields(review['spec']);
  const kind = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata: {} };
  return { ...kind, spec, status: { allowed: allows(asFields(at(spec, 'resourceAttributes'))) } };
}
