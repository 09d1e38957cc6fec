// A patch together with the proofs that need no answer from outside.

import type { ImageFacts, OtherImage } from '../../model/finding.ts';
import type { Check, Patch } from '../../model/fix.ts';
import { present } from '../../platform/data/field.ts';
import { podSecurityViolations } from '../../platform/pod-security/pod-security.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { patchedManifest } from '../../platform/kubernetes/strategic-merge.ts';
import { reasonsFor } from '../cure/change.ts';
import type { PatchInput } from '../fix-input.ts';
import { harden } from '../patch/harden.ts';
import { isEmptyPatch, objectPatch } from '../patch/object-patch.ts';
import { podChecks } from './checks.ts';

export type Candidate = {
  readonly patch: Patch;
  readonly isEmpty: boolean;
  readonly checks: readonly Check[];
};

export function candidateOf(input: PatchInput, patch: PodPatch): Candidate {
  const { failing, namespace, cures, isWindows, pods } = input;
  const [pod] = failing;
  const change = {
    before: pods.made,
    after: patchedManifest(pods.made, patch),
    imageUsers: knownOf(input, ({ user }) => user),
    isWindows,
    ...present({ pod, namespace }),
  };
  const why = cures
    .flatMap((cure) => reasonsFor(cure, `container ${cure.finding.container.name}`))
    .map((reason) => `${reason}.`);
  return {
    patch: objectPatch(patch, pods),
    isEmpty: isEmptyPatch(patch),
    checks: podChecks(change, why),
  };
}

/** Only where it is proved: restricted admits the pod, and the kubelet lets all of its containers start. */
export function hardenedCandidate(input: PatchInput, smallest: PodPatch): Candidate | undefined {
  const { template, made } = input.pods;
  const patch = harden(smallest, template.manifest, {
    written: knownOf(input, volumesOf),
    isWindows: input.isWindows,
    level: 'restricted',
  });
  const found = candidateOf(input, patch);
  const refused = podSecurityViolations(patchedManifest(made, patch), {
    level: 'restricted',
    version: 'latest',
  });
  const isStarting = found.checks.some(({ name, result }) => name === 'KubeletUser' && result === 'Passed');
  return isStarting && refused.length === 0 ? found : undefined;
}

/** The VOLUMEs of the images that were read; what else a program writes to beside /tmp is not known before it runs. */
const volumesOf = (image: ImageFacts | OtherImage): readonly string[] | undefined =>
  isRead(image) ? (image.volumes ?? []) : undefined;

function isRead(image: ImageFacts | OtherImage): boolean {
  if (!('resolution' in image)) return image.user !== undefined;
  return image.resolution !== 'NotAttempted' && image.resolution !== 'Unreadable';
}

/** By container, what is known of its image. */
function knownOf<T>(
  { cures, others }: PatchInput,
  read: (image: ImageFacts | OtherImage) => T | undefined,
): ReadonlyMap<string, T> {
  const own = cures.map(({ finding: { container, image } }) => [container.name, read(image)] as const);
  const all = [...others.map((image) => [image.container, read(image)] as const), ...own];
  return new Map(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}
