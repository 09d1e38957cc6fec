// A patch as kubectl takes it.

import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { yamlOf } from './yaml.ts';

/**
 * YAML for `kubectl patch --patch-file`.
 *
 * @param path of the pod spec inside the object that is patched: `spec.template.spec`
 */
export function patchText(patch: PodPatch, path: string): string {
  const outer = path.split('.').slice(0, -1).toReversed();
  return yamlOf(outer.reduce<unknown>((inner, part) => ({ [part]: inner }), patch));
}
