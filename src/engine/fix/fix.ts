// Chooses what would cure the findings, and has it proved before it is shown.

import type { Alternative, Fix } from '../model/fix.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { isBuiltIn } from '../model/workload.ts';
import { alternativesFor, maxAlternatives } from './advice/alternatives.ts';
import type { Cure } from './cure/change.ts';
import { policyName } from './cure/cure.ts';
import { sourceAdvice } from './advice/follow-up.ts';
import { namespaceAdvice } from './advice/namespace-advice.ts';
import type { Diagnosed, FixPolicy, FixInput } from './fix-input.ts';
import { fixInputOf } from './fix-input.ts';
import type { PlannedFix } from './patch/patched-fix.ts';
import { imageChange, listed, patchedFix } from './patch/patched-fix.ts';
import { patchText } from './patch/patch-text.ts';
import { isPlaceable, placeCures } from './patch/place-cures.ts';
import { harden } from './patch/harden.ts';
import type { PodPatch } from '../platform/kubernetes/strategic-merge.ts';

/** Returns one fix for all findings of a workload, and what would have to be asked to prove it. */
export function fixFor(diagnosed: Diagnosed, snapshot: Snapshot, policy: FixPolicy): PlannedFix {
  const { workload } = snapshot;
  if (diagnosed.findings.length === 0 || !workload) return { questions: [] };
  const occasion = fixInputOf(diagnosed, snapshot, workload, policy);
  return { ...planned(occasion), ...advice(occasion) };
}

function advice({ made, snapshot }: FixInput): Pick<PlannedFix, 'podSecurity'> {
  const { namespace } = snapshot;
  return namespace && made ? { podSecurity: namespaceAdvice(namespace, made) } : {};
}

function planned(occasion: FixInput): PlannedFix {
  const { cures, made, workload } = occasion;
  const { template, ref } = workload;
  // A custom kind takes no strategic merge patch, and its template may stand in an object that it would restore.
  if (!cures.every(isPlaceable) || !template || !made || !isBuiltIn(ref))
    return { fix: unpatchedFix(occasion), questions: [] };
  return patchedFix(occasion, demanded(occasion, placeCures(cures, template.manifest, made)), template, made);
}

/** Where no change of the workload cures all of it: the image's cure leads, or what a person must decide. */
function unpatchedFix(occasion: FixInput): Fix {
  const { cures, manager } = occasion;
  const lead = leadOf(cures);
  const others = cures.filter((cure) => cure !== lead);
  return {
    type: lead.type === 'WorkloadPatch' ? 'Manual' : lead.type,
    certainty: lead.certainty,
    summary: lead.summary,
    ...listed(
      'alternatives',
      [...besidesImage(occasion, lead), ...alternativesFor(others, occasion)].slice(0, maxAlternatives),
    ),
    ...imageChange([lead]),
    ...(manager && { managedBy: manager }),
    ...(manager && lead.type !== 'ImageChange' && { followUp: [sourceAdvice(manager)] }),
  };
}

/** A pod that is refused for more than its user needs the rest as well, whatever the image becomes. */
function besidesImage(occasion: FixInput, { finding, type }: Cure): readonly Alternative[] {
  const { template, ref } = occasion.workload;
  if (finding.cause !== 'PodSecurityViolation' || type !== 'ImageChange' || !template || !isBuiltIn(ref))
    return [];
  const patch = patchText(demanded(occasion, { spec: {} }), template.path);
  return [
    {
      summary: `and what ${policyName(finding)} asks for, once the image has such a user`,
      certainty: 'TestFirst',
      patch,
    },
  ];
}

function leadOf(cures: readonly Cure[]): Cure {
  const lead = cures.find(({ type }) => type !== 'WorkloadPatch') ?? cures[0];
  if (!lead) throw new Error('a fix needs a cure');
  return lead;
}

/** Where the namespace refuses the pods, the patch gives all that its level asks for, and nothing beyond. */
function demanded({ findings, workload, isWindows }: FixInput, patch: PodPatch): PodPatch {
  const refused = findings.find(({ cause }) => cause === 'PodSecurityViolation');
  if (!refused || !workload.template) return patch;
  const level = refused.policy?.level === 'baseline' ? 'baseline' : 'restricted';
  return harden(patch, workload.template.manifest, { written: new Map(), isWindows, level });
}
