// A fix for failures in a text, where the workload's manifest was pasted too: the operator's own, over that manifest.

import { fixFor } from '../../fix/fix.ts';
import { objectPatch } from '../../fix/patch/object-patch.ts';
import type { Fix } from '../../model/fix.ts';
import type { Snapshot, Workload } from '../../model/snapshot.ts';
import { keyOf } from '../../model/workload.ts';
import { containersOf } from '../../platform/kubernetes/pod-containers.ts';
import { isImmutable, workloadKind } from '../../platform/kubernetes/workload-kinds.ts';
import type { PlacedFailure } from '../place/placed-failure.ts';
import { injectedFix } from './injected-fix.ts';
import { inspectStep } from './open-values.ts';
import { requiredFields } from './required-fields.ts';
import { userFirst } from './user-first.ts';

const policy = { allowRootExemption: false };
const maxSteps = 8;

type InWorkload = NonNullable<PlacedFailure['placed']>;

/** Undefined where none of them is about a workload of a known kind. */
export function placedFix(members: readonly PlacedFailure[], isOwn: boolean): Fix | undefined {
  const placed = members.flatMap((one) => one.placed ?? []);
  const [first] = placed;
  const workload = first?.place.workload;
  const added = placed.find(isInjected);
  const advice = added && injectedFix(added.container.name);
  if (advice) return advice;
  if (!first || !workload || !workloadKind(workload.ref)) return undefined;
  const required = refusedFix(members, workload);
  if (required) return required;
  const fix = fixOver(first, workload, placed, members);
  const findings = placed.map(({ finding }) => finding);
  const path = first.place.template.path.split('.').slice(0, -1);
  const found = userFirst(fix, findings, path, isOwn);
  if (found === fix) return fix;
  const steps = findings.map((finding) => inspectStep(finding));
  return { ...found, followUp: [...steps, ...fix.followUp].slice(0, maxSteps) };
}

/** Only what the message asks for: the manifest may have been shortened, so that more seems to be missing. */
function refusedFix(members: readonly PlacedFailure[], workload: Workload): Fix | undefined {
  const { template, ref } = workload;
  const [{ failure } = {}] = members;
  if (!template || !failure || members.some((one) => one.failure.cause !== 'PodSecurityViolation'))
    return undefined;
  const { summary, followUp, example, isWhole } = requiredFields(failure, template.manifest);
  const isReady =
    example !== undefined && isWhole && !isImmutable(ref) && !/"fillIn"/.test(JSON.stringify(example));
  const patchType = workloadKind(ref)?.patch ?? 'strategic';
  const patch = example && objectPatch(example, { template, patchType });
  return {
    type: isReady ? 'WorkloadPatch' : 'Manual',
    certainty: isReady ? 'TestFirst' : 'Template',
    summary,
    ...(isReady && patch && { patch, command: { do: 'patch', workload: ref, patch } }),
    alternatives: !isReady && patch ? [{ summary, certainty: 'TestFirst', example: patch }] : [],
    checks: [],
    followUp,
  };
}

/** The template does not have it. */
const isInjected = ({ container, place }: InWorkload): boolean =>
  containersOf(place.template.manifest).every(({ name }) => name !== container.name);

function fixOver(
  first: InWorkload,
  workload: Workload,
  placed: readonly InWorkload[],
  members: readonly PlacedFailure[],
): Fix {
  const findings = placed.map(({ finding }) => finding);
  const names = new Set(findings.map(({ container }) => container.name));
  // A pod that the text does not name is none that a command could delete.
  const isPodKnown = members.some(({ failure }) => failure.pod.name !== undefined && !failure.enforced);
  const failing = isPodKnown || placed.some(isInjected) ? [first.pod] : [];
  const others = containersOf(first.pod.manifest)
    .filter(({ name }) => !names.has(name))
    .map(({ name }) => ({ container: name, isPending: false }));
  const snapshot: Snapshot = {
    key: keyOf(workload.ref),
    now: '',
    workload,
    pods: failing,
    nodes: [],
    podsTotal: failing.length,
    answers: [],
    remembered: {},
  };
  const { questions } = fixFor({ findings, failing, others }, snapshot, policy);
  const answers = questions.map((question) => ({
    question,
    tried: { is: 'untried', because: 'there is no cluster to try it in.' } as const,
  }));
  const { fix } = fixFor({ findings, failing, others }, { ...snapshot, answers }, policy);
  if (!fix) throw new Error('findings have a fix');
  return withKnownChecks(fix);
}

/** Of the namespace and of a dry run nothing is known here, and it need not be said. */
const withKnownChecks = ({ checks, ...fix }: Fix): Fix => ({
  ...fix,
  checks: checks.filter(({ name, result }) => name === 'KubeletUser' || result !== 'Skipped'),
});
