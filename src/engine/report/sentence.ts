// The words for every finding: one plain sentence that says what is wrong and what decides it.

import type { Cause } from '../model/cause.ts';
import type { RecordedFinding, RecordedSetting } from '../model/diagnosis.ts';
import type { PermissionFamily } from '../model/permission.ts';
import { permissionFamilies } from '../model/permission.ts';
import type { ContainerType } from '../model/pod.ts';

const containerWords: Readonly<Record<ContainerType, string>> = {
  Container: 'Container',
  InitContainer: 'Init container',
  Sidecar: 'Sidecar container',
  EphemeralContainer: 'Ephemeral container',
};

/** As much of a finding as is known; nothing is said of the rest. */
type PartialFinding = Pick<
  RecordedFinding,
  'cause' | 'predicted' | 'family' | 'path' | 'paths' | 'attempt' | 'port' | 'unconfirmed' | 'violations'
> & {
  readonly image: Partial<Pick<RecordedFinding['image'], 'user' | 'reference'>>;
  readonly settings?: RecordedFinding['settings'];
};

/** `Container app cannot start: runAsNonRoot is true (pod level, set by helm), but …`. */
export const sentence = (finding: RecordedFinding): string =>
  sentenceAbout(`${containerWords[finding.container.type]} ${finding.container.name}`, finding);

/** @param subject what fails */
export function sentenceAbout(subject: string, finding: PartialFinding, verb = verbOf(finding)): string {
  const required = (finding.settings ?? []).filter((setting) => !isUser(setting)).map(words);
  const policy = required.length > 0 ? `${required.join(' and ')}, but ` : '';
  return `${subject} ${verb}: ${policy}${because[finding.cause](finding)}.`;
}

/** Of a program that is only known by its log, it is not known that it ended. */
function verbOf({ cause, predicted, settings }: PartialFinding): string {
  if (predicted) return 'will not start either';
  if (cause !== 'NonRootPermissionDenied') return 'cannot start';
  return settings ? 'cannot run' : 'lacks a permission';
}

const because: Readonly<Record<Cause, (finding: PartialFinding) => string>> = {
  ImageRunsAsRoot: (finding) => `${imageOf(finding)} runs as root: USER is 0, root or not set`,
  NonNumericUser: (finding) =>
    `${imageOf(finding)} sets USER to a name${finding.image.user === undefined ? '' : ` (${finding.image.user})`}, ` +
    'and the kubelet can only verify a numeric UID',
  RunAsUserIsRoot: ({ settings = [] }) =>
    settings.some(isUser) ? settings.filter(isUser).map(words).join(' and ') : 'runAsUser is 0',
  InvalidImageUID: (finding) =>
    `${imageOf(finding)} sets USER to ${finding.image.user ?? 'a number'}, which is not a UID between 1 and 2147483647`,
  WindowsAdministrator: ({ image }) =>
    `it would run as ${image.user || 'ContainerAdministrator'}, which Windows regards as root`,
  UserNotInImage: notInImage,
  PodSecurityViolation: ({ family, violations = [] }) =>
    `its pod violates Pod Security${family === undefined ? '' : ` ${family}`}` +
    (violations.length > 0 ? `: ${violations.map(({ reason }) => reason).join(', ')}` : ''),
  NonRootPermissionDenied: denied,
};

const imageOf = ({ image: { reference } }: PartialFinding): string =>
  reference === undefined ? 'its image' : `its image ${reference}`;

function notInImage(finding: PartialFinding): string {
  const { family, image } = finding;
  if (family === 'userns-unmapped') return `its user is outside the pod's user namespace`;
  const why = family === 'passwd-file' ? 'the image has no /etc/passwd' : 'the image has no such user';
  const user = image.user === undefined ? 'the user' : `user ${image.user}`;
  return `the container runtime cannot find ${user} in ${imageOf(finding)}: ${why}`;
}

const lacks: Readonly<Record<PermissionFamily, string>> = {
  'image-dir-ownership': 'it cannot write to a directory that root owns in the image',
  'volume-ownership': 'it cannot write to a volume that another user owns',
  'bind-privileged-port': 'only root can listen on a port this low',
  'privilege-drop': 'its entrypoint changes the user, which only root can do',
  'home-missing': 'it has no home directory that it can write to',
  'uid-without-passwd-entry': 'its UID has no name in /etc/passwd',
  workdir: 'it cannot enter its working directory',
  'exec-mode': 'it cannot execute its program',
  'file-caps': 'its program has file capabilities that the container does not have',
  'secret-mode': 'it cannot read a Secret that root owns',
  'needs-root': 'it does what only root can do',
};

function denied(finding: PartialFinding): string {
  const { image, settings, port, path } = finding;
  const paths = finding.paths ?? (path === undefined ? [] : [path]);
  const where = paths.length > 0 ? paths.join(', ') : port === undefined ? '' : `port ${port}`;
  const lack = `${lackOf(finding)}${where === '' ? '' : ` (${where})`}`;
  if (!settings) return lack;
  const from = image.reference === undefined ? '' : ` of image ${image.reference}`;
  return finding.unconfirmed
    ? `the program${from} exits as a non-root user, and only its log names a possible reason: ${lack}`
    : `the program${from} exits as a non-root user: ${lack}`;
}

function lackOf({ family, attempt }: PartialFinding): string {
  const what = permissionFamilies.find((name) => name === family);
  if (what === 'image-dir-ownership' && attempt === 'read') return 'it cannot read a file of the image';
  if (what === 'needs-root' && attempt === 'rawSocket')
    return 'it opens a raw socket, which takes a capability';
  return what ? lacks[what] : 'a permission is missing';
}

const isUser = (setting: RecordedSetting): boolean => /\.runAsUser(Name)?$/.test(setting.field);

function words({ field, value, level, setBy }: RecordedSetting): string {
  return `${field.slice(field.lastIndexOf('.') + 1)} is ${String(value)} (${level.toLowerCase()} level${setByWords(setBy)})`;
}

/** In place of a field manager. */
export const unnamedAdmission = 'admission, unnamed';

/** Nothing where it is not known: kubectl leaves managed fields out of what it prints. */
export function setByWords(setBy: string): string {
  if (setBy === 'unknown') return '';
  return setBy === unnamedAdmission ? ', added at admission' : `, set by ${setBy}`;
}
