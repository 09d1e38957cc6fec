// Whether an IP address is public, in a private network, on this machine, or valid on this link only.

import { BlockList, isIP } from 'node:net';

/** From the outside to the inside: a server may redirect to the left only. */
const addressKinds = ['public', 'private', 'loopback', 'linkLocal'] as const;
export type AddressKind = (typeof addressKinds)[number];

/** A server may redirect to addresses no further inside than its own. */
export function mayRedirect(from: AddressKind, to: AddressKind): boolean {
  return addressKinds.indexOf(to) <= addressKinds.indexOf(from);
}

/** Text that is not an address counts as link-local, the strictest kind. */
export function addressKindOf(address: string): AddressKind {
  const [plain = ''] = address.split('%');
  const family = isIP(plain);
  if (family === 0) return 'linkLocal';
  const inner = family === 6 ? embeddedAddress(plain) : undefined;
  if (inner !== undefined) return addressKindOf(inner);
  const type = family === 6 ? 'ipv6' : 'ipv4';
  if (linkLocal.check(plain, type)) return 'linkLocal';
  if (loopback.check(plain, type)) return 'loopback';
  return internal.check(plain, type) ? 'private' : 'public';
}

/** Besides link-local addresses, those at which clouds hand out machine credentials. */
const linkLocal = listOf([
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
]);
const loopback = listOf(['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128']);
const internal = listOf([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '192.0.0.0/24',
  '198.18.0.0/15',
  '224.0.0.0/3',
  'fc00::/7',
  'fec0::/10',
  'ff00::/8',
]);

function listOf(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [net = '', bits = ''] = block.split('/');
    list.addSubnet(net, Number(bits), isIP(net) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** The IPv4 address within a mapped, translated (NAT64) or tunnelled (6to4) one. */
function embeddedAddress(address: string): string | undefined {
  const groups = groupsOf(address);
  const start = groups.slice(0, 6).join(':');
  if (start === '0:0:0:0:0:65535' || start === '100:65435:0:0:0:0') return dotted(groups[6], groups[7]);
  if (start === '0:0:0:0:0:0' && groups[6] !== 0) return dotted(groups[6], groups[7]);
  return groups[0] === 0x2002 ? dotted(groups[1], groups[2]) : undefined;
}

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const { hostname } = new URL(`http://[${address}]`);
  const [left = '', right] = hostname.slice(1, -1).split('::');
  const before = numbersOf(left);
  if (right === undefined) return before;
  const after = numbersOf(right);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function numbersOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
