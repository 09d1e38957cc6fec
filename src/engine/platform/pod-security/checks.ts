// The table of all checks: the level of each, since which version it reads which field, and what replaces what.

import type { PodSecurityPolicy } from '../../model/pod-security.ts';
import { refusedAppArmor } from './app-armor.ts';
import { refusedCapabilities, unrestrictedCapabilities } from './capabilities.ts';
import type { PodSecurityCheck } from './check.ts';
import { unlessOwnUsers, unlessWindows } from './check.ts';
import { refusedHostPorts, refusedHostProcess, refusedNamespaces, refusedProbeHosts } from './host.ts';
import { refusedEscalation, refusedPrivileged, refusedProcMount } from './privileges.ts';
import { missingSeccomp, refusedSeccomp, refusedSeccompAnnotation } from './seccomp.ts';
import { refusedSeLinux, refusedSeLinuxFrom31 } from './selinux.ts';
import {
  refusedSysctls,
  refusedSysctlsFrom27,
  refusedSysctlsFrom29,
  refusedSysctlsFrom32,
  refusedSysctlsFrom37,
} from './sysctls.ts';
import { refusedRunAsNonRoot, refusedRunAsUser } from './user.ts';
import { refusedHostPaths, refusedVolumes } from './volumes.ts';

type Level = 'baseline' | 'restricted';

type Row = {
  readonly id: string;
  /** The minor version from which on a check is made, and which: the last that is not younger than the policy. */
  readonly since: readonly (readonly [number, PodSecurityCheck])[];
  /** The baseline check that is left out at restricted wherever this one is made. */
  readonly replaces?: string;
};

/** In the order in which their refusals are listed, which is that of their ids. */
const baseline: readonly Row[] = [
  { id: 'appArmorProfile', since: [[0, refusedAppArmor]] },
  { id: 'capabilities_baseline', since: [[0, refusedCapabilities]] },
  { id: 'hostNamespaces', since: [[0, refusedNamespaces]] },
  { id: 'hostPathVolumes', since: [[0, refusedHostPaths]] },
  { id: 'hostPorts', since: [[0, refusedHostPorts]] },
  { id: 'hostProbesAndHostLifecycle', since: [[34, refusedProbeHosts]] },
  { id: 'privileged', since: [[0, refusedPrivileged]] },
  {
    id: 'procMount',
    since: [
      [0, refusedProcMount],
      [35, unlessOwnUsers(refusedProcMount)],
    ],
  },
  {
    id: 'seLinuxOptions',
    since: [
      [0, refusedSeLinux],
      [31, refusedSeLinuxFrom31],
    ],
  },
  {
    id: 'seccompProfile_baseline',
    since: [
      [0, refusedSeccompAnnotation],
      [19, refusedSeccomp],
    ],
  },
  {
    id: 'sysctls',
    since: [
      [0, refusedSysctls],
      [27, refusedSysctlsFrom27],
      [29, refusedSysctlsFrom29],
      [32, refusedSysctlsFrom32],
      [37, refusedSysctlsFrom37],
    ],
  },
  { id: 'windowsHostProcess', since: [[0, refusedHostProcess]] },
];

const restricted: readonly Row[] = [
  {
    id: 'allowPrivilegeEscalation',
    since: [
      [8, refusedEscalation],
      [25, unlessWindows(refusedEscalation)],
    ],
  },
  {
    id: 'capabilities_restricted',
    since: [
      [22, unrestrictedCapabilities],
      [25, unlessWindows(unrestrictedCapabilities)],
    ],
    replaces: 'capabilities_baseline',
  },
  { id: 'procMount_restricted', since: [[35, refusedProcMount]], replaces: 'procMount' },
  { id: 'restrictedVolumes', since: [[0, refusedVolumes]], replaces: 'hostPathVolumes' },
  {
    id: 'runAsNonRoot',
    since: [
      [0, refusedRunAsNonRoot],
      [35, unlessOwnUsers(refusedRunAsNonRoot)],
    ],
  },
  {
    id: 'runAsUser',
    since: [
      [23, refusedRunAsUser],
      [35, unlessOwnUsers(refusedRunAsUser)],
    ],
  },
  {
    id: 'seccompProfile_restricted',
    since: [
      [19, missingSeccomp],
      [25, unlessWindows(missingSeccomp)],
    ],
    replaces: 'seccompProfile_baseline',
  },
];

type LevelCheck = { readonly level: Level; readonly check: PodSecurityCheck };

/** The checks of a policy, in the order in which their refusals are listed: baseline first. */
export function checksAt({ level, version }: PodSecurityPolicy): readonly LevelCheck[] {
  if (level === 'privileged') return [];
  const minor = version === 'latest' ? Infinity : version;
  const strict = level === 'restricted' ? restricted.filter((row) => checkOf(row, minor)) : [];
  const replaced = new Set(strict.map(({ replaces }) => replaces));
  const kept = baseline.filter(({ id }) => !replaced.has(id));
  return [...inForce(kept, 'baseline', minor), ...inForce(strict, 'restricted', minor)];
}

function inForce(rows: readonly Row[], level: Level, minor: number): readonly LevelCheck[] {
  return rows.flatMap((row) => {
    const check = checkOf(row, minor);
    return check === undefined ? [] : [{ level, check }];
  });
}

const checkOf = ({ since }: Row, minor: number): PodSecurityCheck | undefined =>
  since.findLast(([from]) => from <= minor)?.[1];
