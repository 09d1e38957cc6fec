// The Pod Security policies that a namespace asks for with its labels.

import { podSecurityLevels } from '../../model/pod-security.ts';
import type { PodSecurityLevel, PodSecurityPolicy, PolicyVersion } from '../../model/pod-security.ts';

type NamespaceLevels = {
  readonly enforce?: PodSecurityPolicy;
  readonly warn?: PodSecurityPolicy;
  readonly audit?: PodSecurityPolicy;
};

type NamespaceLabels = Readonly<Record<string, string>>;
type Mode = keyof NamespaceLevels;

/**
 * What the labels say; a mode without a label is absent, and then the API server's own configuration decides, which
 * cannot be read.
 *
 * As in the API server, a level that does not exist is `restricted` for enforce and `privileged` for warn and audit, a
 * version that cannot be read is `latest`, and a namespace that enforces a level without saying what to warn of
 * warns of that level. New labels of that kind are refused; they can only be older than Pod Security.
 *
 * @param labels those with the prefix `pod-security.kubernetes.io/`, without it: `enforce`, `enforce-version`, …
 */
export function namespaceLevels(labels: NamespaceLabels): NamespaceLevels {
  const enforce = policyOf(labels, 'enforce', 'restricted');
  const warn = policyOf(labels, 'warn', 'privileged') ?? warningOfEnforced(labels);
  const audit = policyOf(labels, 'audit', 'privileged');
  return { ...(enforce && { enforce }), ...(warn && { warn }), ...(audit && { audit }) };
}

/** `restricted:latest`, `baseline:v1.28`. */
export function policyText({ level, version }: PodSecurityPolicy): string {
  return `${level}:${version === 'latest' ? version : `v1.${version}`}`;
}

/**
 * What an API server takes a policy for: it does not know what is newer than itself.
 *
 * @param minor of the API server; undefined where it is not known
 */
export function policyAtServer(policy: PodSecurityPolicy, minor: number | undefined): PodSecurityPolicy {
  const isNewer = minor !== undefined && (policy.version === 'latest' || policy.version > minor);
  return isNewer ? { level: policy.level, version: minor } : policy;
}

function policyOf(
  labels: NamespaceLabels,
  mode: Mode,
  ifInvalid: PodSecurityLevel,
): PodSecurityPolicy | undefined {
  const label = labels[mode];
  if (label === undefined) return undefined;
  return { level: levelOf(label) ?? ifInvalid, version: versionOf(labels[`${mode}-version`]) };
}

/** Only a level that can be read, and one that could be warned of. */
function warningOfEnforced(labels: NamespaceLabels): PodSecurityPolicy | undefined {
  const level = levelOf(labels['enforce'] ?? '');
  if (level === undefined || level === 'privileged') return undefined;
  return { level, version: versionOf(labels['warn-version'] ?? labels['enforce-version']) };
}

const levelOf = (label: string): PodSecurityLevel | undefined =>
  podSecurityLevels.find((level) => level === label);

function versionOf(label = 'latest'): PolicyVersion {
  const [, digits] = /^v1\.(0|[1-9][0-9]{0,14})$/.exec(label) ?? [];
  return digits === undefined ? 'latest' : Number(digits);
}
