// The words for every finding: one plain sentence that says what is wrong and what decides it.

import type { Cause } from '../model/cause.ts';
import type { Finding, Setting } from '../model/finding.ts';
import type { ContainerType } from '../model/snapshot.ts';

const containerWords: Readonly<Record<ContainerType, string>> = {
  Container: 'Container',
  InitContainer: 'Init container',
  Sidecar: 'Sidecar container',
  EphemeralContainer: 'Ephemeral container',
};

const because: Readonly<Record<Cause, (finding: Finding) => string>> = {
  ImageRunsAsRoot: ({ image }) => `its image ${image.reference} runs as root, by USER or for want of one`,
  NonNumericUser: ({ image }) =>
    `its image ${image.reference} names its user (${image.user ?? 'a name'}) instead of numbering it, ` +
    'so the kubelet cannot tell that it is not root',
  RunAsUserIsRoot: ({ settings }) =>
    `the spec itself asks for root: ${settings.filter(isUser).map(words).join(', ')}`,
  InvalidImageUID: ({ image }) =>
    `its image ${image.reference} has the user id ${image.user ?? 'outside the range'}, which is not between 1 and 2147483647`,
  WindowsAdministrator: () => 'it would run as ContainerAdministrator, which Windows regards as root',
};

/** `Container app cannot start: …, while runAsNonRoot is required (pod level, set by helm).` */
export function sentence(finding: Finding): string {
  const { name, type } = finding.container;
  const required = finding.settings.filter((setting) => !isUser(setting)).map(words);
  const policy = required.length > 0 ? `, while the spec has ${required.join(', ')}` : '';
  return `${containerWords[type]} ${name} cannot start: ${because[finding.cause](finding)}${policy}.`;
}

const isUser = (setting: Setting): boolean => /\.runAsUser(Name)?$/.test(setting.field);

function words(setting: Setting): string {
  const field = setting.field.slice(setting.field.lastIndexOf('.') + 1);
  return `${field} ${String(setting.value)} (${setting.level.toLowerCase()} level, set by ${setting.setBy})`;
}
