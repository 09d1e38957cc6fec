// A patch of a pod as one of the object that holds its template.

import type { Patch } from '../../model/fix.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';

/** @param path of the pod spec inside the object that is patched: `spec.template.spec` */
export function objectPatch(patch: PodPatch, path: string): Patch {
  const outer = path.split('.').slice(0, -1).toReversed();
  return outer.reduce<Patch>((inner, part) => ({ [part]: inner }), patch);
}

/** It would change nothing, so it is never offered. */
export const isEmptyPatch = ({ metadata, spec = {} }: PodPatch): boolean =>
  metadata === undefined && Object.keys(spec).length === 0;
