// The words for every finding: one plain sentence that says what is wrong and what decides it.

import type { Cause } from '../model/cause.ts';
import type { RecordedFinding, RecordedSetting } from '../model/diagnosis.ts';
import type { ImageFacts } from '../model/finding.ts';
import type { PermissionFamily } from '../model/permission.ts';
import { permissionFamilies } from '../model/permission.ts';
import type { ContainerType } from '../model/pod.ts';

const containerWords: Readonly<Record<ContainerType, string>> = {
  Container: 'Container',
  InitContainer: 'Init container',
  Sidecar: 'Sidecar container',
  EphemeralContainer: 'Ephemeral container',
};

const because: Readonly<Record<Cause, (finding: RecordedFinding) => string>> = {
  ImageRunsAsRoot: ({ image }) => `its image ${image.reference} runs as root, by USER or for want of one`,
  NonNumericUser: ({ image }) =>
    `its image ${image.reference} names its user (${image.user ?? 'a name'}) instead of numbering it, ` +
    'so the kubelet cannot tell that it is not root',
  RunAsUserIsRoot: ({ settings }) =>
    `the spec itself asks for root: ${settings.filter(isUser).map(words).join(', ')}`,
  InvalidImageUID: ({ image }) =>
    `its image ${image.reference} has the user id ${image.user ?? 'outside the range'}, which is not between 1 and 2147483647`,
  WindowsAdministrator: () => 'it would run as ContainerAdministrator, which Windows regards as root',
  UserNotInImage: ({ image, family }) => notInImage(image, family),
  PodSecurityViolation: ({ family, violations = [] }) =>
    `the namespace enforces Pod Security ${family ?? ''}, which refuses its pods: ` +
    violations.map(({ reason }) => reason).join(', '),
  NonRootPermissionDenied: (finding) => denied(finding),
};

function notInImage({ reference, user = 'a name' }: ImageFacts, family: string | undefined): string {
  if (family === 'userns-unmapped') return `its user lies outside the pod's user namespace`;
  const where =
    family === 'passwd-file' ? 'which has no /etc/passwd to look it up in' : 'which has no such user';
  return `the container runtime does not find the user ${user} of its image ${reference}, ${where}`;
}

const lacks: Readonly<Record<PermissionFamily, string>> = {
  'image-dir-ownership': 'it may not write where its image belongs to root',
  'volume-ownership': 'it may not write to a volume that belongs to somebody else',
  'bind-privileged-port': 'only root may listen on such a port',
  'privilege-drop': 'its entrypoint wants to change its user, which only root may do',
  'home-missing': 'it has no home that it may write to',
  'uid-without-passwd-entry': 'its uid has no name in /etc/passwd',
  workdir: 'it may not enter its working directory',
  'exec-mode': 'it may not execute its program',
  'file-caps': 'its program has file capabilities that it may not have here',
  'secret-mode': 'it may not read a Secret that belongs to root',
  'needs-root': "what it does is root's alone",
};

function denied({ family, path, port, image }: RecordedFinding): string {
  const what = permissionFamilies.find((name) => name === family);
  const where = path ?? (port === undefined ? undefined : `port ${port}`);
  const lack = what ? lacks[what] : 'it lacks a permission';
  return `it runs as a user that is not root, and ends: ${lack}${where === undefined ? '' : ` (${where})`}, image ${image.reference}`;
}

/** `Container app cannot start: …, while runAsNonRoot is required (pod level, set by helm).` */
export function sentence(finding: RecordedFinding): string {
  const { name, type } = finding.container;
  const required = finding.settings.filter((setting) => !isUser(setting)).map(words);
  const policy = required.length > 0 ? `, while the spec has ${required.join(', ')}` : '';
  const fails = finding.cause === 'NonRootPermissionDenied' ? 'cannot run' : 'cannot start';
  return `${containerWords[type]} ${name} ${fails}: ${because[finding.cause](finding)}${policy}.`;
}

const isUser = (setting: RecordedSetting): boolean => /\.runAsUser(Name)?$/.test(setting.field);

function words(setting: RecordedSetting): string {
  const field = setting.field.slice(setting.field.lastIndexOf('.') + 1);
  return `${field} ${String(setting.value)} (${setting.level.toLowerCase()} level, set by ${setting.setBy})`;
}
