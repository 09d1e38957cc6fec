// A patch of a pod as one of the object that holds its template.

import type { Patch } from '../../model/fix.ts';
import { jsonPatch } from '../../platform/kubernetes/json-patch.ts';
import { isObject, listAt } from '../../platform/data/field.ts';
import { isSame } from '../../platform/data/same.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { patchedManifest } from '../../platform/kubernetes/strategic-merge.ts';
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

/** It says nothing, whatever it is a patch of. */
export const isEmptyPatch = ({ metadata, spec = {} }: PodPatch): boolean =>
  metadata === undefined && Object.keys(spec).length === 0;

/** The template has all of it already, so that it is never offered. */
export function changesNothing(patch: PodPatch, template: PodManifest): boolean {
  const isKept = isSame(patchedManifest(template, patch), patchedManifest(template, {}));
  return isKept && !setsEnvironment(patch);
}

/** Of variables a manifest holds nothing, so that it cannot be seen whether they are there. */
const setsEnvironment = ({ spec = {} }: PodPatch): boolean =>
  [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')].some(
    (container) => isObject(container) && container['env'] !== undefined,
  );
