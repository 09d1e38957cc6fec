// Chooses what would cure the findings, from what can be known without looking into the image.
//
// A uid is never guessed: where only the image can name it, the fix is a template that says what to fill in.

import { stringify } from 'yaml';

import type { Cause } from '../model/cause.ts';
import type { Finding, Setting } from '../model/finding.ts';
import type { Alternative, Check, Fix } from '../model/fix.ts';
import type { Snapshot, Workload } from '../model/snapshot.ts';
import { isBuiltIn } from '../model/workload.ts';
import { verifyRunAsNonRoot } from '../platform/kubelet-user.ts';
import { diagnosisName, sha256Hex } from './diagnosis-name.ts';

/** As many as the schema takes; the findings themselves are all listed. */
const maxAlternatives = 8;

/** How one container would be cured. `change` is its container-level securityContext patch. */
type Cure = Pick<Fix, 'type' | 'certainty' | 'summary' | 'dockerfile'> & {
  readonly change?: Readonly<Record<string, unknown>>;
  readonly check?: Check;
};

/** Returns the fix for all findings of a workload; the first one leads, the others are alternatives beside it. */
export function fixFor(findings: readonly Finding[], snapshot: Snapshot): Fix | undefined {
  const { workload } = snapshot;
  const [first, ...others] = findings;
  if (!first || !workload) return undefined;
  const cures = findings.map((finding) => ({ finding, cure: cureOf[finding.cause](finding, snapshot) }));
  const lead = cures[0]?.cure;
  if (!lead) return undefined;
  const patch = cures.every(({ cure }) => cure.change) ? patchOf(cures, workload) : undefined;
  const isPatchable = patch !== undefined && !isImmutable(workload);
  return {
    type: lead.change && !isPatchable ? (patch === undefined ? 'Manual' : 'Recreate') : lead.type,
    certainty: lead.certainty,
    summary: lead.summary,
    ...(isPatchable && { digest: digestOf(workload, findings, patch), patch, command: commandFor(workload) }),
    ...(lead.dockerfile && { dockerfile: lead.dockerfile }),
    ...(others.length > 0 && { alternatives: cures.slice(1, 1 + maxAlternatives).map(besides) }),
    ...(lead.check && isPatchable && { checks: cures.flatMap(({ cure }) => cure.check ?? []) }),
    ...(patch !== undefined && !isPatchable && { followUp: [recreate(workload, patch)] }),
  };
}

type CureOf = (finding: Finding, snapshot: Snapshot) => Cure;

const imageUser =
  (who: string): CureOf =>
  (finding) => ({
    type: 'ImageChange',
    certainty: 'Template',
    summary: who.replace('NAME', finding.image.user ?? 'the user'),
    dockerfile: 'USER <uid>:<gid>\n',
  });

const cureOf: Readonly<Record<Cause, CureOf>> = {
  ImageRunsAsRoot: imageUser('numeric non-root USER in the image'),
  InvalidImageUID: imageUser('USER from 1 to 2147483647 in the image'),
  NonNumericUser: (finding, snapshot) =>
    finding.image.user === 'root'
      ? cureOf.ImageRunsAsRoot(finding, snapshot)
      : imageUser('USER <uid of NAME> in the image')(finding, snapshot),
  RunAsUserIsRoot: dropRootUser,
  WindowsAdministrator: () => ({
    type: 'WorkloadPatch',
    certainty: 'TestFirst',
    summary: 'runAsUserName ContainerUser',
    change: { windowsOptions: { runAsUserName: 'ContainerUser' } },
  }),
};

/**
 * A container's own `runAsUser: 0` below a pod that names another user: without it the pod's user counts, and the
 * image need not be known. Elsewhere the image's user decides, and that has not been read.
 */
function dropRootUser(finding: Finding, snapshot: Snapshot): Cure {
  const user = finding.settings.find(({ field }) => field.endsWith('.runAsUser'));
  const podUser = snapshot.workload?.template?.security.runAsUser;
  const summary = `remove runAsUser 0 from ${user?.level === 'Pod' ? 'the pod' : `container ${finding.container.name}`}`;
  const verdict = verifyRunAsNonRoot(
    { runAsNonRoot: true, ...(podUser !== undefined && { runAsUser: podUser }) },
    undefined,
  );
  if (!isEditable(user) || user?.level !== 'Container' || verdict.passes !== true) {
    return { type: 'Manual', certainty: 'Template', summary };
  }
  return {
    type: 'WorkloadPatch',
    certainty: 'TestFirst',
    summary,
    change: { runAsUser: null },
    check: {
      name: 'KubeletUser',
      result: 'Passed',
      message: `Container ${finding.container.name} then runs as ${podUser}, the pod's runAsUser.`,
    },
  };
}

/** A field that admission writes comes back with the next pod, whatever the template says. */
const isEditable = (setting: Setting | undefined): boolean => setting?.setBy !== 'admission, unnamed';

const listOf = {
  InitContainer: 'initContainers',
  Sidecar: 'initContainers',
  Container: 'containers',
} as const;

type Cured = { readonly finding: Finding; readonly cure: Cure };

/** One strategic merge patch for all containers; undefined where a patch of the workload would not reach them. */
function patchOf(cures: readonly Cured[], workload: Workload): string | undefined {
  const { template, ref } = workload;
  // A custom kind takes no strategic merge patch, and its template may stand in an object that it would restore.
  if (!template || !isBuiltIn(ref)) return undefined;
  const lists: Record<string, unknown[]> = {};
  for (const { finding, cure } of cures) {
    const { name, type } = finding.container;
    if (type === 'EphemeralContainer') return undefined;
    (lists[listOf[type]] ??= []).push({ name, securityContext: cure.change });
  }
  const nested = template.path
    .split('.')
    .toReversed()
    .reduce<unknown>((inner, part) => ({ [part]: inner }), lists);
  return stringify(nested);
}

/** The template of a Job cannot be changed, nor the security context of a live pod. */
const isImmutable = ({ ref }: Workload): boolean => ref.kind === 'Pod' || ref.kind === 'Job';

function digestOf({ ref }: Workload, findings: readonly Finding[], patch: string): string {
  const images = findings.map(({ image }) => image.digest ?? image.reference);
  return `sha256:${sha256Hex(JSON.stringify([ref.uid, images, patch]))}`;
}

function commandFor({ ref }: Workload): string {
  const read = `kubectl -n ${ref.namespace} get diagnosis ${diagnosisName(ref)} -o jsonpath='{.status.fix.patch}'`;
  return `${read} | kubectl -n ${ref.namespace} patch ${ref.kind.toLowerCase()}/${ref.name} --patch-file=/dev/stdin`;
}

function recreate({ ref }: Workload, patch: string): string {
  return `Create ${ref.kind} ${ref.name} again with this change, since a live one cannot take it: ${patch.trim()}`;
}

function besides({ finding, cure }: Cured): Alternative {
  return {
    summary: `container ${finding.container.name}: ${cure.summary}`,
    ...(cure.dockerfile && { lines: cure.dockerfile }),
  };
}
