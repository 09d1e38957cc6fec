// Chooses what would cure the findings of a workload, and has it proved before it is shown.
//
// A cure is what helps one container. All cures of a workload make one patch; the patch with its proofs is a candidate; the
// best candidate becomes the fix, and what else would help its alternatives.

import type { NamespaceAdvice } from '../model/diagnosis.ts';
import type { Alternative, Fix } from '../model/fix.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { PodPatch } from '../platform/kubernetes/strategic-merge.ts';
import { workloadKind } from '../platform/kubernetes/workload-kinds.ts';
import { alternativesFor, maxAlternatives } from './advice/alternatives.ts';
import { sourceStep } from './advice/follow-up.ts';
import { namespaceAdvice } from './advice/namespace-advice.ts';
import type { ContainerCure } from './cure/change.ts';
import { policyName } from './cure/cure.ts';
import type { Diagnosed, FixInput, FixPolicy, PatchInput } from './fix-input.ts';
import { fixInputOf, podMadeBy } from './fix-input.ts';
import { harden } from './patch/harden.ts';
import { isEmptyPatch, objectPatch } from './patch/object-patch.ts';
import type { PlannedFix } from './patch/patch-fix.ts';
import { dockerfileIn, patchFix } from './patch/patch-fix.ts';
import { isPlaceable, placeCures } from './patch/place-cures.ts';

/** Returns one fix for all findings of a workload, and what would have to be asked to prove it. */
export function fixFor(
  diagnosed: Diagnosed,
  { workload, namespace, answers }: Snapshot,
  policy: FixPolicy,
): PlannedFix & { readonly podSecurity?: NamespaceAdvice } {
  if (diagnosed.findings.length === 0 || !workload) return { questions: [] };
  const made = podMadeBy(diagnosed.failing, workload.template);
  const input = fixInputOf(diagnosed, workload, made, { namespace, policy });
  return {
    ...(isPatchable(input)
      ? patchFix(input, demandedPatch(input, placeCures(input.cures, input.pods)), answers)
      : { fix: unpatchedFix(input), questions: [] }),
    ...(namespace && made && { podSecurity: namespaceAdvice(namespace, made) }),
  };
}

const isPatchable = (input: FixInput): input is PatchInput =>
  takesPatches(input) && input.cures.every(isPlaceable);

/** Of a kind that is not in the table, neither the place nor the type of a patch is known. */
const takesPatches = (input: FixInput): input is PatchInput =>
  input.pods !== undefined && workloadKind(input.workload.ref) !== undefined;

/** Where no change of the workload cures all of it: the image's cure leads, or what a person must decide. */
function unpatchedFix(input: FixInput): Fix {
  const { cures, manager } = input;
  const lead = leadOf(cures);
  const others = cures.filter((cure) => cure !== lead);
  return {
    type: lead.type === 'WorkloadPatch' ? 'Manual' : lead.type,
    certainty: lead.certainty,
    summary: lead.summary,
    alternatives: [...besidesImage(input, lead), ...alternativesFor(others, input)].slice(0, maxAlternatives),
    ...dockerfileIn([lead]),
    checks: [],
    ...(manager && { managedBy: manager }),
    followUp: manager && lead.type !== 'ImageChange' ? [sourceStep(manager)] : [],
  };
}

/** A pod that is refused for more than its user needs the rest as well, whatever the image becomes. */
function besidesImage(input: FixInput, { finding, type }: ContainerCure): readonly Alternative[] {
  if (finding.cause !== 'PodSecurityViolation' || type !== 'ImageChange' || !takesPatches(input)) return [];
  const patch = demandedPatch(input, { spec: {} });
  if (isEmptyPatch(patch)) return [];
  return [
    {
      summary: `and what ${policyName(finding)} requires, once the image has a non-root USER`,
      certainty: 'TestFirst',
      patch: objectPatch(patch, input.pods),
    },
  ];
}

function leadOf(cures: readonly ContainerCure[]): ContainerCure {
  const lead = cures.find(({ type }) => type !== 'WorkloadPatch') ?? cures[0];
  if (!lead) throw new Error('a fix needs a cure');
  return lead;
}

/** Where the namespace refuses the pods, the patch gives all that its level asks for, and nothing beyond. */
function demandedPatch({ cures, pods, isWindows }: PatchInput, patch: PodPatch): PodPatch {
  const refused = cures.find(({ finding }) => finding.cause === 'PodSecurityViolation')?.finding;
  if (!refused) return patch;
  const level = refused.policy?.level === 'baseline' ? 'baseline' : 'restricted';
  return harden(patch, pods.template.manifest, { written: new Map(), isWindows, level });
}
