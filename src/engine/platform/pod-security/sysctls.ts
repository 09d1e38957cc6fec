// Sysctls: those that the kernel keeps apart for each pod are permitted, and their list grew with the versions.

import type { PodSecurityCheck } from './check.ts';

const from0 = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const from27 = [...from0, 'net.ipv4.ip_local_reserved_ports'];
const from29 = [
  ...from27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const from32 = [...from29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];
const from37 = [...from32, 'net.ipv4.tcp_slow_start_after_idle', 'net.ipv4.tcp_notsent_lowat'];

export const refusedSysctls = refusingAllBut(from0);
export const refusedSysctlsFrom27 = refusingAllBut(from27);
export const refusedSysctlsFrom29 = refusingAllBut(from29);
export const refusedSysctlsFrom32 = refusingAllBut(from32);
export const refusedSysctlsFrom37 = refusingAllBut(from37);

/** The spelling counts: the same sysctl with slashes is another name. */
function refusingAllBut(permitted: readonly string[]): PodSecurityCheck {
  return ({ spec }) => {
    const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name);
    const refused = names.filter((name) => !permitted.includes(name));
    if (refused.length === 0) return undefined;
    return { reason: 'forbidden sysctls', detail: refused.join(', '), pod: true };
  };
}
