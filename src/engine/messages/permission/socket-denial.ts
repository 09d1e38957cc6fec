// Sockets that may not be bound: ports below 1024, and files in directories of someone else.

import type { Denial } from './sign.ts';
import { hasErrorWords } from './error-words.ts';

/** Ports from here on need no right. */
const firstOpenPort = 1024;

const binding =
  /\bbind(?:ing)?\b|\bbind\(|\bBindException\b|\bDoBind\b|\bmake_sock\b|\blisten(?:er|ing)?\b|\bsocket\b|SocketException|\bsocket\.error\b|connect to \('|\bopen port \d/i;
/** What can only be meant of a socket, even if no port is named. */
const unnamed =
  /\bbind(?:ing)?(?:\(\.{0,3}\))?(?: failed)?:? ?(?:\(\d{1,3}\) ?)?:? ?["']?permission denied|\bBindException: permission denied|\bSocketException(?: \(13\))?: permission denied|\blisten EACCES|\bbind\(\.\.\) failed: permission|socket\.error|\bbind(?:ing)?\b[^\n]{0,60}\bsocket\b[^\n]{0,40}permission denied/i;
const namedPorts: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  domain: 53,
  ssh: 22,
  smtp: 25,
  ldap: 389,
  ldaps: 636,
  syslog: 514,
  ntp: 123,
  tftp: 69,
  snmp: 161,
};

const numbered: readonly RegExp[] = [
  /\bport[ :='"(]{1,3}(\d{1,5})\b/i,
  /(?:\d{1,3}(?:\.\d{1,3}){3}|\*|<null>|\[[0-9a-f:]{0,40}\]|localhost|::|\b(?:tcp|udp)[46]?:? )\]?(?:', |:)(\d{1,5})\b/i,
  /(?:^|[\s[(/]|(?<!\w)["'])(?:[0-9a-f]{0,4}:){0,8}:?(?:0\.0\.0\.0)?:(\d{1,5})(?=$|[\s'"\]):,;.])/i,
];
const named =
  /(?:\b(?:tcp|udp)[46]?|\]|\d):? ?(?:\[::\]|\d{1,3}(?:\.\d{1,3}){3})?:(http|https|domain|ssh|smtp|ldaps?|syslog|ntp|tftp|snmp)\b/i;
const ofUnix = /\bunix (?:domain )?socket|\bunix(?::\/\/)? ?\/|\.sock\b/i;
const unixSocket =
  /(?:unix(?::\/\/)?|socket|sock|address|\[)[^\n/]{0,40}?["'[ ](?<path>\/[^\s"'\]:]{1,512})/i;

/** What a line says of a socket; `none`: of one that needs no right, so that the user is not the reason. */
export function socketDenial(line: string): Denial | 'none' | undefined {
  if (!binding.test(line) || !hasErrorWords(line) || /\bdial\b|connect: /.test(line)) return undefined;
  const port = portIn(line);
  if (port !== undefined)
    return port < firstOpenPort && port > 0 ? { family: 'bind-privileged-port', port } : 'none';
  if (ofUnix.test(line)) {
    const path = unixSocket.exec(line)?.groups?.['path'];
    return { family: 'image-dir-ownership', ...(path !== undefined && { path }) };
  }
  return unnamed.test(line) ? { family: 'bind-privileged-port' } : undefined;
}

function portIn(line: string): number | undefined {
  const name = named.exec(line)?.[1];
  if (name !== undefined) return namedPorts[name.toLowerCase()];
  for (const pattern of numbered) {
    const port = Number(pattern.exec(line)?.[1] ?? Number.NaN);
    if (port <= 65_535) return port;
  }
  return undefined;
}
