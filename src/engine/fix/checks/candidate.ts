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

/** The smallest patch, and the hardened one where it is proved. */
export const candidatesOf = (input: PatchInput, smallest: PodPatch) =>
  [candidateOf(input, smallest), hardenedCandidate(input, smallest)] as const;

function candidateOf(input: PatchInput, patch: PodPatch): Candidate {
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

const restricted = { level: 'restricted', version: 'latest' } as const;

/** Only where restricted admits the pod, and the kubelet lets all of its containers start. */
function hardenedCandidate(input: PatchInput, smallest: PodPatch): Candidate | undefined {
  const { isWindows, pods } = input;
  const { template, made } = pods;
  const written = knownOf(input, volumesOf);
  const patch = harden(smallest, template.manifest, { written, isWindows, level: restricted.level });
  const found = candidateOf(input, patch);
  const refused = podSecurityViolations(patchedManifest(made, patch), restricted);
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
