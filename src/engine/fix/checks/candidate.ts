// A patch together with the proofs that need nobody's answer.

import type { ImageFacts } from '../../model/finding.ts';
import type { Check } from '../../model/fix.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import type { Template } from '../../model/pod.ts';
import { podSecurityViolations } from '../../platform/pod-security/pod-security.ts';
import type { PodPatch } from '../../platform/kubernetes/strategic-merge.ts';
import { patchedManifest } from '../../platform/kubernetes/strategic-merge.ts';
import type { Proposal } from './checks.ts';
import { kubeletUser, openShiftRange, podSecurity } from './checks.ts';
import { harden } from '../patch/harden.ts';
import type { FixInput } from '../fix-input.ts';
import { patchText } from '../patch/patch-text.ts';

export type Candidate = { readonly text: string; readonly checks: readonly Check[] };

/** @param made the pod as the workload makes it now */
export function candidateOf(
  occasion: FixInput,
  patch: PodPatch,
  template: Template,
  made: PodManifest,
): Candidate {
  const { failing, snapshot, cures, isWindows } = occasion;
  const [pod] = failing;
  const proposal: Proposal = {
    before: made,
    after: patchedManifest(made, patch),
    imageUsers: imageUsers(occasion),
    isWindows,
    ...(pod && { pod }),
    ...(snapshot.namespace && { namespace: snapshot.namespace }),
  };
  const why = cures.flatMap((cure) => cure.why ?? []);
  return {
    text: patchText(patch, template.path),
    checks: [kubeletUser(proposal, why), podSecurity(proposal), openShiftRange(proposal)],
  };
}

/** Only where it is proved: restricted admits the pod, and the kubelet lets all of its containers start. */
export function hardenedCandidate(
  occasion: FixInput,
  smallest: PodPatch,
  template: Template,
  made: PodManifest,
): Candidate | undefined {
  const patch = harden(smallest, template.manifest, {
    written: writtenPaths(occasion),
    isWindows: occasion.isWindows,
    level: 'restricted',
  });
  const found = candidateOf(occasion, patch, template, made);
  const refused = podSecurityViolations(patchedManifest(made, patch), {
    level: 'restricted',
    version: 'latest',
  });
  const isStarting = found.checks.some(({ name, result }) => name === 'KubeletUser' && result === 'Passed');
  return isStarting && refused.length === 0 ? found : undefined;
}

function imageUsers({ findings, others }: FixInput): ReadonlyMap<string, string> {
  const own = findings.map(({ container, image }) => [container.name, image.user] as const);
  const rest = others.map(({ container, user }) => [container, user] as const);
  return known([...rest, ...own]);
}

/** The VOLUMEs of the images that were read; what else a program writes to beside /tmp, nobody knows before it runs. */
function writtenPaths({ findings, others }: FixInput): ReadonlyMap<string, readonly string[]> {
  const own = findings.map(
    ({ container, image }) => [container.name, isRead(image) ? (image.volumes ?? []) : undefined] as const,
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
