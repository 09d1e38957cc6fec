// A patch together with the proofs that need no answer from outside.

import type { ImageFacts } from '../../model/finding.ts';
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
    imageUsers: imageUsers(input),
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
    written: writtenPaths(input),
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

function imageUsers({ cures, others }: PatchInput): ReadonlyMap<string, string> {
  const own = cures.map(({ finding: { container, image } }) => [container.name, image.user] as const);
  const rest = others.map(({ container, user }) => [container, user] as const);
  return known([...rest, ...own]);
}

/** The VOLUMEs of the images that were read; what else a program writes to beside /tmp is not known before it runs. */
function writtenPaths({ cures, others }: PatchInput): ReadonlyMap<string, readonly string[]> {
  const own = cures.map(
    ({ finding: { container, image } }) =>
      [container.name, isRead(image) ? (image.volumes ?? []) : undefined] as const,
  );
  const rest = others.map(
    ({ container, user, volumes }) => [container, user === undefined ? undefined : (volumes ?? [])] as const,
  );
  return known([...rest, ...own]);
}

const isRead = ({ resolution }: ImageFacts): boolean =>
  resolution !== 'NotAttempted' && resolution !== 'Unreadable';

const known = <T>(pairs: readonly (readonly [string, T | undefined])[]): ReadonlyMap<string, T> =>
  new Map(pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
