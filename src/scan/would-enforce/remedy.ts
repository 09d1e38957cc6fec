// How a workload that would be refused is brought to pass: a command with a patch, or why there is none.

import { levelPatch } from '../../engine/fix/patch/level-patch.ts';
import type { PodSecurityPolicy } from '../../engine/model/pod-security.ts';
import type { EnforcementRemedy } from '../../engine/model/scan.ts';
import type { WorkloadRef } from '../../engine/model/workload.ts';
import { isBuiltIn } from '../../engine/model/workload.ts';
import { containersOf } from '../../engine/platform/kubernetes/pod-containers.ts';
import { isImmutable, workloadKind } from '../../engine/platform/kubernetes/workload-kinds.ts';
import { violationsText } from '../../engine/platform/pod-security/pod-security.ts';
import { commandText } from '../../engine/report/command-text.ts';
import type { PodMaker } from './pod-makers.ts';

const none = (because: string): EnforcementRemedy => ({ is: 'none', because });

/**
 * @param maker the workload itself, where it is of a kind that is known to make pods
 */
export function remedyFor(
  ref: WorkloadRef,
  maker: PodMaker | undefined,
  { level, version }: PodSecurityPolicy,
): EnforcementRemedy {
  if (level === 'privileged') return none('privileged refuses nothing');
  if (ref.kind === 'Pod' && isBuiltIn(ref))
    return none('the fields of a pod cannot be changed: create it again');
  if (!maker)
    return none(`its pods come from ${ref.kind}/${ref.name}, which is not a built-in kind: change that`);
  if (isImmutable(ref)) return none(`the template of a ${ref.kind} cannot be changed: create it again`);
  const { template } = maker;
  if (!template) return none('its template passes: its pods are older, or changed at admission');
  const patchType = workloadKind(ref)?.patch ?? 'strategic';
  const { patch, remaining, newlyChecked } = levelPatch({ template, patchType }, { level, version });
  if (remaining.length > 0) return none(violationsText(remaining));
  const command = commandText({ do: 'patch', workload: ref, patch }, { namespace: ref.namespace });
  if (command === undefined) return none('its kind or name is not one that kubectl accepts');
  const images = containersOf(template.manifest).flatMap(({ name, image }) =>
    newlyChecked.includes(name) && image !== undefined ? [image] : [],
  );
  return { is: 'patch', command, images: [...new Set(images)] };
}
