// The proofs of a fix, each over the pod that the changed workload would make.

import type { Check, Fix } from '../../model/fix.ts';
import type { ContainerSpec, PodManifest } from '../../model/pod-manifest.ts';
import type { Namespace } from '../../model/snapshot.ts';
import type { Pod } from '../../model/pod.ts';
import type { DryRun } from '../../model/question.ts';
import { effective, verifyRunAsNonRoot } from '../../platform/kubelet/kubelet-user.ts';
import { containerNamed, containersOf } from '../../platform/kubernetes/pod-containers.ts';
import { parseUidRange, takesAnyUid } from '../../platform/openshift/openshift-range.ts';
import { namespaceLevels, policyText } from '../../platform/pod-security/pod-security-labels.ts';
import { podSecurityViolations, violationsText } from '../../platform/pod-security/pod-security.ts';
import type { PodSecurityPolicy } from '../../model/pod-security.ts';
import { hasLoneGroup } from '../patch/lone-group.ts';

/** The pod before and after the change, and what is known around it. */
type PodChange = {
  readonly before: PodManifest;
  readonly after: PodManifest;
  /** USER of a container's image, where it is known. */
  readonly imageUserOf: (container: string) => string | undefined;
  /** The pod that shows the failure; absent where there is none. */
  readonly pod?: Pod;
  readonly isWindows: boolean;
  readonly namespace?: Namespace;
};

/** @param why what says that the containers start, in sentences */
export const podChecks = (change: PodChange, why: readonly string[]): readonly Check[] => [
  check('KubeletUser', kubeletUser(change, why)),
  check('PodSecurity', podSecurity(change)),
  check('OpenShiftRange', openShiftRange(change)),
];

const maxMessageLength = 1000;

type CheckOutcome = readonly [result: Check['result'], message: string];

const check = (name: Check['name'], [result, message]: CheckOutcome): Check => ({
  name,
  result,
  message: message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)}…` : message,
});

/** Whether the kubelet lets every container start: those that are changed, and those that it has not examined yet. */
function kubeletUser(change: PodChange, why: readonly string[]): CheckOutcome {
  const named = (passes: Passes): readonly string[] =>
    containersOf(change.after)
      .filter((container) => passesOf(change, container) === passes)
      .map(({ name }) => name);
  const [refused, unknown] = [named(false), named('unknown')];
  if (isWithoutSandbox(change))
    return [
      'Failed',
      `The pod would have runAsGroup ${change.after.spec.securityContext?.runAsGroup} without runAsUser, and no runtime makes a sandbox for it.`,
    ];
  if (refused.length > 0) return ['Failed', `The kubelet would still refuse ${listed(refused)}.`];
  if (unknown.length > 0)
    return ['Skipped', `${why.join(' ')} Not known for ${listed(unknown)}: the image has not been read.`];
  return ['Passed', why.join(' ')];
}

/** Whether the runtime would refuse the pod before any container; one that it made as it is proves the opposite. */
const isWithoutSandbox = ({ before, after, pod, isWindows }: PodChange): boolean =>
  !isWindows && hasLoneGroup(after) && !(pod && hasLoneGroup(before));

type Passes = boolean | 'unknown';

function passesOf(
  { before, after, imageUserOf, pod, isWindows }: PodChange,
  container: ContainerSpec,
): Passes {
  if (isWindows) return passesOnWindows(after, container);
  const settings = effective(after, container);
  const { passes } = verifyRunAsNonRoot(settings, imageUserOf(container.name));
  if (passes !== 'unknown') return passes;
  const was = containerNamed(before, container.name);
  const seen = pod && containerNamed(pod.manifest, container.name);
  const ran = seen?.lastStartedTime !== undefined || seen?.state?.is === 'running';
  return ran && was && effective(before, was).runAsNonRoot === true ? true : 'unknown';
}

/** Only the account's name counts there, and an image's own account is not known before it starts. */
function passesOnWindows(after: PodManifest, container: ContainerSpec): Passes {
  const account = effective(after, container).runAsUserName;
  return account === undefined ? 'unknown' : account.toLowerCase() !== 'containeradministrator';
}

const listed = (names: readonly string[]): string =>
  names.length === 1 ? `container ${names[0]}` : `containers ${names.join(', ')}`;

const unreadable = "the API server's own defaults and exemptions cannot be read";

/** Whether the namespace's Pod Security level admits the pod; warnings and audit notes stand beside it. */
function podSecurity({ after, namespace }: PodChange): CheckOutcome {
  if (!namespace)
    return ['Skipped', 'No permission to read the namespace, so its Pod Security level is not known.'];
  const { enforce, warn, audit } = namespaceLevels(namespace.podSecurity);
  const notes = [...note('warn', warn, after), ...note('audit', audit, after)];
  if (!enforce) {
    const message = `Namespace ${namespace.name} has no Pod Security label to enforce; ${unreadable}.`;
    return ['Passed', [message, ...notes].join(' ')];
  }
  const violations = podSecurityViolations(after, enforce);
  if (violations.length > 0)
    return [
      'Failed',
      `Namespace ${namespace.name} enforces ${policyText(enforce)} and refuses the pods: ${violationsText(violations)}.`,
    ];
  const message = `Namespace ${namespace.name} enforces ${policyText(enforce)}, which admits the pods; ${unreadable}.`;
  return ['Passed', [message, ...notes].join(' ')];
}

function note(
  mode: 'warn' | 'audit',
  policy: PodSecurityPolicy | undefined,
  after: PodManifest,
): readonly string[] {
  const reasons = policy ? podSecurityViolations(after, policy).map(({ reason }) => reason) : [];
  if (!policy || reasons.length === 0) return [];
  return [`Its ${mode} level ${policyText(policy)} reports ${reasons.join(', ')}.`];
}

/** Whether OpenShift's constraints for the namespace take the uids that the change writes. */
function openShiftRange({ before, after, pod, namespace }: PodChange): CheckOutcome {
  const constraints = pod?.manifest.annotations?.['openshift.io/scc'];
  if (namespace?.uidRange === undefined)
    return ['Skipped', 'Not an OpenShift namespace (it has no UID range).'];
  const range = parseUidRange(namespace.uidRange);
  if (!range) return ['Skipped', 'The UID range of the namespace is not valid.'];
  const uids = newUids(before, after);
  const words = `${range.first} to ${range.last}`;
  if (takesAnyUid(constraints))
    return ['Passed', `The pods are admitted by ${constraints}, which allows any UID.`];
  const outside = uids.filter((uid) => uid < range.first || uid > range.last);
  if (outside.length === 0) return ['Passed', `No new UID outside the range ${words}.`];
  const who = constraints === undefined ? 'a restricted SCC' : `SCC ${constraints}`;
  return ['Failed', `${who} refuses UID ${outside.join(', ')}: the UIDs of this namespace are ${words}.`];
}

function newUids(before: PodManifest, after: PodManifest): readonly number[] {
  const uidsOf = (manifest: PodManifest): readonly number[] =>
    [manifest.spec, ...containersOf(manifest)].flatMap(
      ({ securityContext }) => securityContext?.runAsUser ?? [],
    );
  const old = new Set(uidsOf(before));
  return [...new Set(uidsOf(after))].filter((uid) => !old.has(uid));
}

/** What the API server itself said to the patch; undefined while there is no answer. */
export const dryRun = (tried: DryRun | undefined): Check => check('DryRun', dryRunOf(tried));

function dryRunOf(tried: DryRun | undefined): CheckOutcome {
  switch (tried?.is) {
    case undefined:
      return ['Skipped', 'The API server has not answered yet.'];
    case 'accepted': {
      const warned = tried.warnings.length > 0 ? ` It warns: ${tried.warnings.join('; ')}` : '';
      return ['Passed', `The API server accepts the patch.${warned}`];
    }
    case 'refused':
      return ['Failed', `The API server refuses the patch: ${tried.because}`];
    case 'untried':
      return ['Skipped', tried.because];
    default:
      return tried satisfies never;
  }
}

export const isReady = ({ checks }: Pick<Fix, 'checks'>): boolean =>
  checks.every(({ result }) => result !== 'Failed');
