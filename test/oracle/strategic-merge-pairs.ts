// The templates and patches that the API server is asked about.

import * as fc from 'fast-check';
import type { PodPatch } from '../../src/engine/platform/kubernetes/strategic-merge.ts';
import { patchOf } from './strategic-merge-patch.ts';
import { template } from './strategic-merge-template.ts';
import type { Template } from './strategic-merge-template.ts';

/** One template and what is done to it. */
export type Pairs = { readonly template: Template; readonly patches: readonly PodPatch[] };

const templates = 40;
const patchesPerTemplate = 8;

/** Always the same ones, as long as fast-check stays the same. */
export function allPairs(): readonly Pairs[] {
  const pairs = template.chain((one) =>
    fc.record({
      template: fc.constant(one),
      patches: fc.array(patchOf(one), { minLength: patchesPerTemplate, maxLength: patchesPerTemplate }),
    }),
  );
  return fc.sample(pairs, { seed: 1, numRuns: templates });
}
