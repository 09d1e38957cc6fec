// A patch of a pod as one of the object that holds its template.

import type { Patch } from '../../model/fix.ts';
import { jsonPatch } from '../../platform/kubernetes/json-patch.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import type { Pods } from '../fix-input.ts';

/** Of the type that the workload's kind accepts. */
export function objectPatch(
  patch: PodPatch,
  { template: { path, manifest }, patchType }: Pick<Pods, 'template' | 'patchType'>,
): Patch {
  const outer = path.split('.').slice(0, -1);
  if (patchType === 'json') return jsonPatch(manifest, patch, outer);
  return outer.reduceRight<Patch>((inner, part) => ({ [part]: inner }), patch);
}

/** It would change nothing, so it is never offered. */
export const isEmptyPatch = ({ metadata, spec = {} }: PodPatch): boolean =>
  metadata === undefined && Object.keys(spec).length === 0;
