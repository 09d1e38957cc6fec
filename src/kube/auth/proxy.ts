// Which proxy the environment wants for a server, by the rules of HTTPS_PROXY and NO_PROXY.

import { BlockList, isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy's URL, or undefined to go there directly. As in Go, loopback never goes through a proxy. */
export function proxyFor(server: URL, environment: Environment): string | undefined {
  const read = (name: string): string => environment[name.toUpperCase()] || environment[name] || '';
  const proxy = read(server.protocol === 'http:' ? 'http_proxy' : 'https_proxy');
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (proxy === '' || isLoopback(host) || isExempt(host, read('no_proxy'))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function isExempt(host: string, list: string): boolean {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== '');
  return entries.some((entry) => matches(host, entry.toLowerCase()));
}

function matches(host: string, entry: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInSubnet(host, entry);
  const name = entry.replace(/:\d+$/, '').replace(/^\*?\./, '');
  return host === name || host.endsWith(`.${name}`);
}

function isInSubnet(host: string, subnet: string): boolean {
  const [network = '', prefix = ''] = subnet.split('/');
  const family = isIP(host) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(host) === 0 || isIP(network) !== isIP(host) || !/^\d{1,3}$/.test(prefix)) return false;
  if (Number(prefix) > (family === 'ipv6' ? 128 : 32)) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(prefix), family);
  return block.check(host, family);
}
