// Sockets below TCP and UDP, which only root or a capability opens: pings, probes and captures of packets.

import type { Denial } from './sign.ts';

const refused = '(?:operation not permitted|permission denied|\\bEPERM\\b)';

/** Echo requests and their like, which the kernel also takes from a group that may send them. */
const echo = new RegExp(
  `\\b(?:ip[46]?:icmp|icmp)\\b[^\\n]{0,80}${refused}|\\b\\w{0,12}ping6?: [^\\n]{0,60}${refused}|\\b(?:SOCK_RAW|raw[ _-](?:open )?socket)\\b[^\\n]{0,60}${refused}|(?:^|: ?)socket(?:\\(\\))?: operation not permitted|create (?:raw )?socket\\b[^\\n]{0,40}operation not permitted`,
  'i',
);

/** Whole packets, which only a capability lets a program see. */
const packets = new RegExp(
  `\\bpacket[ _-]socket\\b[^\\n]{0,60}${refused}|\\b[AP]F_PACKET\\b[^\\n]{0,60}${refused}|dont have permission to (?:capture|perform this capture) on that device`,
  'i',
);

export function rawSocketDenial(line: string): Denial | undefined {
  if (/\bdisabled?\b|\bunprivileged\b/i.test(line)) return undefined;
  if (packets.test(line)) return { family: 'needs-root' };
  return echo.test(line) ? { family: 'needs-root', attempt: 'rawSocket' } : undefined;
}
