// What would cure one container, before it is known where that is written and whether anything forbids it.
//
// A uid is never guessed: it comes from the image, with its evidence, or the cure is a template that says what to fill in.

import type { Cause } from '../../model/cause.ts';
import type { Finding, ImageFacts } from '../../model/finding.ts';
import type { PodManifest } from '../../model/pod-manifest.ts';
import type { SecuritySettings } from '../../model/pod.ts';
import { policyText } from '../../platform/pod-security/pod-security-labels.ts';
import { effective, verifyRunAsNonRoot } from '../../platform/kubelet/kubelet-user.ts';
import { containerNamed, containersOf } from '../../platform/kubernetes/pod-containers.ts';
import { imageCure, manualCure, patchCure, userCure, type Cure } from './change.ts';
import { dockerfileFor, isAllowedId } from './dockerfile.ts';
import { permissionCure } from './permission-cure.ts';

type CureOf = (finding: Finding, manifest: PodManifest | undefined) => Cure;

/** @param manifest the pod that the workload makes, as it was last seen or as its template has it */
export function cureFor(finding: Finding, manifest: PodManifest | undefined): Cure {
  const cure = cureOf[finding.cause](finding, manifest);
  return finding.container.type === 'EphemeralContainer' ? startedAnew(cure) : cure;
}

/** An ephemeral container stands in no template, and a live one cannot be changed. */
function startedAnew({ change: _none, more: _nothing, why: _gone, ...cure }: Cure): Cure {
  if (cure.type === 'ImageChange') return cure;
  return {
    ...cure,
    type: 'Manual',
    summary: `${cure.summary}, in a new ephemeral container`,
  };
}

/** Where the image could not be read, that comes first: its user may need no change at all. */
function changeImage({ image }: Finding): Cure {
  const cure = imageCure(dockerfileFor(image));
  return image.trouble === undefined ? cure : { ...cure, summary: image.trouble };
}

const cureOf: Readonly<Record<Cause, CureOf>> = {
  ImageRunsAsRoot: (finding, manifest) =>
    runAsImageUser(finding, manifest) ?? runAsDroppedUser(finding) ?? changeImage(finding),
  InvalidImageUID: (finding) => runAsDroppedUser(finding) ?? changeImage(finding),
  NonNumericUser: (finding, manifest) => cureOf.ImageRunsAsRoot(finding, manifest),
  RunAsUserIsRoot: dropRootUser,
  WindowsAdministrator: () =>
    patchCure({
      summary: 'runAsUserName ContainerUser',
      change: { level: 'Container', fields: { windowsOptions: { runAsUserName: 'ContainerUser' } } },
      why: ['runs as ContainerUser, which Windows does not regard as root'],
    }),
  UserNotInImage: (finding, manifest) =>
    finding.family === 'userns-unmapped'
      ? unmapped
      : (runAsImageUser(finding, manifest) ?? changeImage(finding)),
  PodSecurityViolation: satisfyPolicy,
  NonRootPermissionDenied: permissionCure,
};

/** A pod's own user namespace has so many ids. */
const unmapped = manualCure("runAsUser from 1 to 65535 (the pod's user namespace has no other IDs)");

/** As the API server names its checks. */
const reasonsAboutUser: ReadonlySet<string> = new Set(['runAsNonRoot != true', 'runAsUser=0']);

/** What the level requires is added to the patch as a whole; here it is about the user, which the kubelet checks next. */
function satisfyPolicy(finding: Finding, manifest: PodManifest | undefined): Cure {
  const { image, violations = [] } = finding;
  const policy = policyName(finding);
  const asksForUser = violations.some(({ reason }) => reasonsAboutUser.has(reason));
  const summary = `what ${policy} requires`;
  const why = [`has what ${policy} requires`];
  const settings = settingsFor(finding, manifest);
  const isChecked = asksForUser || settings.runAsNonRoot === true;
  const passes = isChecked
    ? verifyRunAsNonRoot({ ...settings, runAsNonRoot: true }, image.user).passes
    : true;
  if (passes !== false) return patchCure({ summary, change: { level: 'Container', fields: {} }, why });
  const cure = cureOf.ImageRunsAsRoot(finding, manifest);
  if (!cure.change) return cure;
  return {
    ...cure,
    summary: `${summary}, ${cure.summary}`,
    certainty: 'TestFirst',
    why: [...why, ...(cure.why ?? [])],
  };
}

/** The policy that refuses a pod; a text may not say which. */
export const policyName = ({ policy }: Finding): string => (policy ? policyText(policy) : 'the level');

function settingsFor({ container }: Finding, manifest: PodManifest | undefined): SecuritySettings {
  const own = manifest && containerNamed(manifest, container.name);
  return own ? effective(manifest, own) : {};
}

/** The image's own user by its number, and the group that its files expect, which Kubernetes would otherwise drop. */
function runAsImageUser(finding: Finding, manifest: PodManifest | undefined): Cure | undefined {
  const { image, risks = [] } = finding;
  const { uid, user = '' } = image;
  if (!isAllowedId(uid)) return undefined;
  // A group that is set already stays.
  const isGroupSet = settingsFor(finding, manifest).runAsGroup !== undefined;
  const group = isGroupSet ? undefined : groupFor(image);
  const from = group === undefined ? '' : ` and GID ${group.id} (${group.from})`;
  return {
    ...userCure(uid, group?.id, `runs as UID ${uid}${from}, which is USER ${user} of the image`),
    certainty: risks.length > 0 ? 'TestFirst' : 'Certain',
    dockerfile: dockerfileFor(image),
  };
}

function groupFor({
  userGroup,
  gid,
}: ImageFacts): { readonly id: number; readonly from: string } | undefined {
  if (isAllowedId(userGroup)) return { id: userGroup, from: 'of USER' };
  return isAllowedId(gid) ? { id: gid, from: 'of its passwd entry' } : undefined;
}

/** The one user that the image's entrypoint drops to: named by the image itself, but meant to be reached from root. */
function runAsDroppedUser({ image }: Finding): Cure | undefined {
  const { droppedUser } = image;
  if (!droppedUser || !isAllowedId(droppedUser.uid)) return undefined;
  const { uid, gid, name, detail } = droppedUser;
  const why = `runs as UID ${uid}, the user ${name} that its entrypoint switches to: ${detail}`;
  return { ...userCure(uid, [gid].find(isAllowedId), why), dockerfile: dockerfileFor(image) };
}

/**
 * Without the `runAsUser: 0` of its level, the other level's user counts, else the image's. Where both leave root, or
 * neither is known, the field alone is named.
 */
function dropRootUser(finding: Finding, manifest: PodManifest | undefined): Cure {
  const user = finding.settings.find(({ field }) => field.endsWith('.runAsUser'));
  const where = user?.level === 'Pod' ? 'the pod' : `container ${finding.container.name}`;
  const summary = `remove runAsUser 0 from ${where}`;
  if (!user) return manualCure(summary);
  if (user.setBy.is === 'admission') {
    // It comes back with the next pod, whatever the template says; a container's own user beats only what the pod says.
    const own = user.level === 'Pod' ? runAsImageUser(finding, manifest) : undefined;
    return (
      own ??
      manualCure(`${summary}: an admission webhook sets it in every pod, so change the webhook's policy`)
    );
  }
  const left = user.level === 'Container' ? manifest?.spec.securityContext?.runAsUser : undefined;
  const settings = { runAsNonRoot: true, ...(left !== undefined && { runAsUser: left }) };
  const isCured = verifyRunAsNonRoot(settings, finding.image.user).passes === true;
  // A runtime makes no pod with a group and no user.
  const isNeeded =
    isMeantByOthers(finding, manifest) || manifest?.spec.securityContext?.runAsGroup !== undefined;
  if (!isCured || (user.level === 'Pod' && isNeeded))
    return runAsImageUser(finding, manifest) ?? runAsDroppedUser(finding) ?? manualCure(summary);
  const who = left === undefined ? `${finding.image.user}, the image's USER` : `${left}, the pod's runAsUser`;
  const change = { level: user.level, fields: { runAsUser: null } };
  return patchCure({ summary, change, why: [`runs as ${who}`] });
}

/** Some other container runs as root because the pod says so, and is allowed to: what the pod says must stay. */
function isMeantByOthers({ container }: Finding, manifest: PodManifest | undefined): boolean {
  if (!manifest) return false;
  return containersOf(manifest).some((other) => {
    const { runAsUser, runAsNonRoot } = effective(manifest, other);
    const inherits = other.securityContext?.runAsUser === undefined && runAsUser === 0;
    return other.name !== container.name && inherits && runAsNonRoot !== true;
  });
}
