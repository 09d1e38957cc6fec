// Projects a namespace: what it asks of its pods.

import type { Namespace } from '../model/snapshot.ts';
import { objectAt, present, textAt } from '../platform/data/field.ts';

const prefix = 'pod-security.kubernetes.io/';
const modes = ['enforce', 'enforce-version', 'audit', 'audit-version', 'warn', 'warn-version'] as const;

/** A label's value is no longer than this anyway. */
const maxLabelLength = 63;
const maxRangeLength = 128;

/** Undefined for a namespace that is not there, or may not be read. */
export function projectNamespace(object: unknown): Namespace | undefined {
  const name = textAt(object, 'metadata', 'name');
  if (!name) return undefined;
  const labels = objectAt(object, 'metadata', 'labels');
  const podSecurity = modes.flatMap((mode) => {
    const value = textAt(labels, `${prefix}${mode}`)?.slice(0, maxLabelLength);
    return value === undefined ? [] : [[mode, value] as const];
  });
  const uidRange = textAt(object, 'metadata', 'annotations', 'openshift.io/sa.scc.uid-range');
  return present({
    name,
    podSecurity: Object.fromEntries(podSecurity),
    uidRange: uidRange?.slice(0, maxRangeLength),
  });
}
