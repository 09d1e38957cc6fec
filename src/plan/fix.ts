// Chooses what would cure the findings.
//
// A uid is never guessed: it comes from the image, with its evidence, or the fix is a template that says what to fill in.

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

/** How one container would be cured: by changes of its securityContext, of the pod's, or of the image. */
type Cure = Pick<Fix, 'type' | 'certainty' | 'summary' | 'dockerfile'> & {
  readonly change?: Change;
  readonly podChange?: Change;
  readonly check?: Check;
};

type Change = Readonly<Record<string, unknown>>;

/** Returns the fix for all findings of a workload; the first one leads, the others are alternatives beside it. */
export function fixFor(findings: readonly Finding[], snapshot: Snapshot): Fix | undefined {
  const { workload } = snapshot;
  const [first, ...others] = findings;
  if (!first || !workload) return undefined;
  const cures = findings.map((finding) => ({ finding, cure: cureOf[finding.cause](finding, snapshot) }));
  const lead = cures[0]?.cure;
  if (!lead) return undefined;
  const isCurable = cures.every(({ cure }) => cure.change ?? cure.podChange);
  const patch = isCurable ? patchOf(cures, workload) : undefined;
  const isPatchable = patch !== undefined && !isImmutable(workload);
  return {
    type:
      (lead.change ?? lead.podChange) && !isPatchable
        ? patch === undefined
          ? 'Manual'
          : 'Recreate'
        : lead.type,
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
  ImageRunsAsRoot: (finding, snapshot) =>
    runAsImageUser(finding) ?? imageUser('numeric non-root USER in the image')(finding, snapshot),
  InvalidImageUID: imageUser('USER from 1 to 2147483647 in the image'),
  NonNumericUser: (finding, snapshot) => {
    const isRoot = finding.image.user === 'root' || finding.image.uid === 0;
    if (isRoot) return cureOf.ImageRunsAsRoot(finding, snapshot);
    return runAsImageUser(finding) ?? imageUser('USER <uid of NAME> in the image')(finding, snapshot);
  },
  RunAsUserIsRoot: dropRootUser,
  WindowsAdministrator: () => ({
    type: 'WorkloadPatch',
    certainty: 'TestFirst',
    summary: 'runAsUserName ContainerUser',
    change: { windowsOptions: { runAsUserName: 'ContainerUser' } },
  }),
};

/** The image's own user by its number, and the group that its files expect, which Kubernetes would otherwise drop. */
function runAsImageUser(finding: Finding): Cure | undefined {
  const { uid, gid, userGroup, user = '' } = finding.image;
  const { risks = [], container } = finding;
  if (!uid || !isAllowedId(uid)) return undefined;
  const group = [userGroup, gid].find((id) => id !== undefined && isAllowedId(id));
  const from =
    group === undefined
      ? ''
      : ` and group ${group} (${group === userGroup ? 'of USER' : 'of its passwd entry'})`;
  return {
    type: 'WorkloadPatch',
    certainty: risks.length > 0 ? 'TestFirst' : 'Certain',
    summary: `runAsUser ${uid}`,
    change: { runAsUser: uid, ...(group !== undefined && { runAsGroup: group }) },
    dockerfile: `USER ${uid}${group === undefined ? '' : `:${group}`}\n`,
    check: passed(
      `Container ${container.name} then runs as uid ${uid}${from}, which the image itself means by USER ${user}.`,
    ),
  };
}

/** Kubernetes takes ids up to this one; root is no cure. */
const isAllowedId = (id: number): boolean => id > 0 && id <= 2_147_483_647;

/** Only for changes that verifyRunAsNonRoot has passed. */
const passed = (message: string): Check => ({ name: 'KubeletUser', result: 'Passed', message });

/**
 * Without the `runAsUser: 0` of its level, the other level's user counts, else the image's. Where both leave root, or
 * nobody knows, the field alone is named.
 */
function dropRootUser(finding: Finding, { workload }: Snapshot): Cure {
  const user = finding.settings.find(({ field }) => field.endsWith('.runAsUser'));
  const where = user?.level === 'Pod' ? 'the pod' : `container ${finding.container.name}`;
  const summary = `remove runAsUser 0 from ${where}`;
  if (!user || !isEditable(user)) return { type: 'Manual', certainty: 'Template', summary };
  const left = user.level === 'Container' ? workload?.template?.security.runAsUser : undefined;
  const settings = { runAsNonRoot: true, ...(left !== undefined && { runAsUser: left }) };
  if (verifyRunAsNonRoot(settings, finding.image.user).passes !== true) {
    return runAsImageUser(finding) ?? { type: 'Manual', certainty: 'Template', summary };
  }
  const who = left === undefined ? `${finding.image.user}, the image's USER` : `${left}, the pod's runAsUser`;
  return {
    type: 'WorkloadPatch',
    certainty: 'TestFirst',
    summary,
    ...(user.level === 'Pod' ? { podChange: { runAsUser: null } } : { change: { runAsUser: null } }),
    check: passed(`Container ${finding.container.name} then runs as ${who}.`),
  };
}

/** A field that admission writes comes back with the next pod, whatever the template says. */
const isEditable = (setting: Setting): boolean => setting.setBy !== 'admission, unnamed';

/** Where a template lists the container; an ephemeral one stands in none. */
function listOf({ container }: Finding): 'initContainers' | 'containers' | undefined {
  if (container.type === 'EphemeralContainer') return undefined;
  return container.type === 'Container' ? 'containers' : 'initContainers';
}

type Cured = { readonly finding: Finding; readonly cure: Cure };

/** One strategic merge patch for all containers; undefined where a patch of the workload would not reach them. */
function patchOf(cures: readonly Cured[], workload: Workload): string | undefined {
  const { template, ref } = workload;
  // A custom kind takes no strategic merge patch, and its template may stand in an object that it would restore.
  if (!template || !isBuiltIn(ref)) return undefined;
  const spec: Record<string, unknown> = {};
  const podChange = Object.fromEntries(cures.flatMap(({ cure }) => Object.entries(cure.podChange ?? {})));
  if (Object.keys(podChange).length > 0) spec['securityContext'] = podChange;
  for (const list of ['initContainers', 'containers'] as const) {
    const changed = cures.filter(({ finding, cure }) => cure.change && listOf(finding) === list);
    if (changed.length > 0) spec[list] = changed.map(containerPatch);
  }
  if (cures.some(({ finding, cure }) => cure.change && listOf(finding) === undefined)) return undefined;
  const nested = template.path
    .split('.')
    .toReversed()
    .reduce<unknown>((inner, part) => ({ [part]: inner }), spec);
  return stringify(nested);
}

const containerPatch = ({ finding, cure }: Cured): unknown => ({
  name: finding.container.name,
  securityContext: cure.change,
});

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
