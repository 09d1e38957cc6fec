// Chooses what would cure the findings of a workload, and has it proved before it is shown.
//
// A cure is what helps one container. All cures of a workload make one patch; the patch with its proofs is a candidate; the
// best candidate becomes the fix, and what else would help its alternatives.

import { refusedControllers } from '../diagnose/witnesses/create-failures.ts';
import type { NamespaceAdvice } from '../model/diagnosis.ts';
import type { Finding } from '../model/finding.ts';
import type { Alternative, Fix, Step } from '../model/fix.ts';
import type { PodManifest } from '../model/pod-manifest.ts';
import type { Namespace, Snapshot } from '../model/snapshot.ts';
import { namespaceLevels, policyText } from '../platform/pod-security/pod-security-labels.ts';
import { podSecurityViolations } from '../platform/pod-security/pod-security.ts';
import type { PodPatch } from '../platform/kubernetes/strategic-merge.ts';
import { workloadKind } from '../platform/kubernetes/workload-kinds.ts';
import { alternativesFor } from './advice/alternatives.ts';
import { replacementSteps, sourceSteps } from './advice/follow-up.ts';
import type { ContainerCure } from './cure/change.ts';
import { policyName } from './cure/cure.ts';
import { supersededPods } from '../diagnose/superseded-pods.ts';
import type { FixInput, FixPolicy, PatchInput } from './fix-input.ts';
import { fixInputOf } from './fix-input.ts';
import { harden } from './patch/harden.ts';
import { changesNothing, objectPatch } from './patch/object-patch.ts';
import type { PlannedFix } from './patch/patch-fix.ts';
import { patchFix } from './patch/patch-fix.ts';
import { placeCures } from './patch/place-cures.ts';

/** Returns one fix for all findings of a workload, and what would have to be asked to prove it. */
export function fixFor(
  { findings, ...pods }: Pick<FixInput, 'failing' | 'others'> & { readonly findings: readonly Finding[] },
  snapshot: Snapshot,
  policy: FixPolicy,
): PlannedFix {
  const { workload, namespace, answers } = snapshot;
  if (findings.length === 0 || !workload) return { questions: [] };
  const refused = refusedControllers(snapshot);
  const input = fixInputOf(findings, { ...pods, refused, workload, policy }, namespace);
  const { made, manager } = input;
  const { fix, ...rest } = isPatchable(input)
    ? patchFix(input, demandedPatch(input, placeCures(input.cures, input.pods)), answers)
    : { fix: unpatchedFix(input), questions: [] };
  return {
    ...rest,
    fix: { ...fix, ...(manager && { managedBy: manager }) },
    ...(namespace && made && { podSecurity: namespaceAdvice(namespace, made) }),
  };
}

const isPatchable = (input: FixInput): input is PatchInput =>
  takesPatches(input) && input.cures.every(({ change, more }) => change !== undefined || more !== undefined);

/** Of a kind that is not in the table, neither the place nor the type of a patch is known. */
const takesPatches = (input: FixInput): input is PatchInput =>
  input.pods !== undefined && workloadKind(input.workload.ref) !== undefined;

/** Where no change of the workload cures all of it: the image's cure leads, or what a person must decide. */
function unpatchedFix(input: FixInput): Fix {
  const { cures, manager } = input;
  const lead = cures.find(({ type }) => type !== 'WorkloadPatch') ?? cures[0];
  if (!lead) throw new Error('a fix needs a cure');
  const { type, certainty, dockerfile } = lead;
  const others = cures.filter((cure) => cure !== lead);
  // Beside the first finding it may be read as about that container.
  const summary =
    lead === cures[0] ? lead.summary : `container ${lead.finding.container.name}: ${lead.summary}`;
  return {
    type: type === 'WorkloadPatch' ? 'Manual' : type,
    certainty,
    summary,
    alternatives: alternativesFor(input, { others, first: besidesImage(input, lead) }),
    ...(dockerfile && { dockerfile }),
    checks: [],
    followUp: type === 'ImageChange' ? [] : [...sourceSteps(manager), ...waySteps(input)],
  };
}

/** What replaces a pod of an older template. */
function waySteps(input: FixInput): readonly Step[] {
  const failing = input.pods ? supersededPods(input.failing, input.pods.template) : [];
  return failing.length > 0 ? replacementSteps({ ...input, failing }) : [];
}

/** A pod that is refused for more than its user needs the rest as well, whatever the image becomes. */
function besidesImage(input: FixInput, { finding, type }: ContainerCure): readonly Alternative[] {
  if (finding.cause !== 'PodSecurityViolation' || type !== 'ImageChange' || !takesPatches(input)) return [];
  const patch = demandedPatch(input, { spec: {} });
  if (changesNothing(patch, input.pods.template.manifest)) return [];
  return [
    {
      summary: `and what ${policyName(finding)} requires, once the image has a non-root USER`,
      certainty: 'TestFirst',
      patch: objectPatch(patch, input.pods),
    },
  ];
}

/** Where the namespace refuses the pods, the patch gives all that its level asks for, and nothing beyond. */
function demandedPatch({ cures, pods, isWindows }: PatchInput, patch: PodPatch): PodPatch {
  const refused = cures.find(({ finding }) => finding.cause === 'PodSecurityViolation')?.finding;
  if (!refused) return patch;
  const level = refused.policy?.level === 'baseline' ? 'baseline' : 'restricted';
  return harden(patch, pods, { isWindows, level });
}

/** What Pod Security asks in the namespace, and what it would refuse of these pods if it asked for restricted. */
function namespaceAdvice({ podSecurity }: Namespace, made: PodManifest): NamespaceAdvice {
  const { enforce, warn, audit } = namespaceLevels(podSecurity);
  const refused = podSecurityViolations(made, { level: 'restricted', version: 'latest' });
  return {
    ...(enforce && { enforce: policyText(enforce) }),
    ...(warn && { warn: policyText(warn) }),
    ...(audit && { audit: policyText(audit) }),
    refusedAtRestricted: refused.map(({ reason }) => reason),
  };
}
