// A patch together with the proofs that need no answer from outside.

import type { Check, Patch } from '../../model/fix.ts';
import { present } from '../../platform/data/field.ts';
import { podSecurityViolations } from '../../platform/pod-security/pod-security.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { patchedManifest } from '../../platform/kubernetes/strategic-merge.ts';
import { reasonsFor } from '../cure/change.ts';
import type { PatchInput } from '../fix-input.ts';
import { harden } from '../patch/harden.ts';
import { withoutLoneGroup } from '../patch/lone-group.ts';
import { changesNothing, objectPatch } from '../patch/object-patch.ts';
import { podChecks } from './checks.ts';

export type Candidate = {
  readonly patch: Patch;
  /** The same of the pod alone. */
  readonly podPatch: PodPatch;
  readonly isEmpty: boolean;
  readonly checks: readonly Check[];
};

/** The smallest patch, and the hardened one where it is proved. */
export const candidatesOf = (input: PatchInput, smallest: PodPatch) =>
  [candidateOf(input, smallest), hardenedCandidate(input, smallest)] as const;

function candidateOf(input: PatchInput, wanted: PodPatch): Candidate {
  const { failing, namespace, cures, isWindows, pods, images } = input;
  const [pod] = failing;
  const patch = withoutLoneGroup(wanted, pods.template.manifest);
  const change = {
    before: pods.made,
    after: patchedManifest(pods.made, patch),
    imageUserOf: (container: string) => images.get(container)?.user,
    isWindows,
    ...present({ pod, namespace }),
  };
  const why = cures
    .flatMap((cure) => reasonsFor(cure, `container ${cure.finding.container.name}`))
    .map((reason) => `${reason}.`);
  return {
    patch: objectPatch(patch, pods),
    podPatch: patch,
    isEmpty: changesNothing(patch, pods.template.manifest),
    checks: podChecks(change, why),
  };
}

const restricted = { level: 'restricted', version: 'latest' } as const;

/** Only where restricted admits the pod, and the kubelet lets all of its containers start. */
function hardenedCandidate(input: PatchInput, smallest: PodPatch): Candidate | undefined {
  const { isWindows, pods } = input;
  const patch = harden(smallest, pods, { isWindows, level: restricted.level });
  const found = candidateOf(input, patch);
  const refused = podSecurityViolations(patchedManifest(pods.made, patch), restricted);
  const isStarting = found.checks.some(({ name, result }) => name === 'KubeletUser' && result === 'Passed');
  return isStarting && refused.length === 0 ? found : undefined;
}
