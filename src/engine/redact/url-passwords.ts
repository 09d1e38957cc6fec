// Takes passwords out of addresses: scheme://user:password@host, and Go's user:password@tcp(host).

import { mark } from './marker.ts';

/** From `://` to the end of the address, or to an address within it. */
const address = /:\/\/((?:(?!:\/\/)[^\s"'`<>\\])+)/g;
const goAddress = /@(?:tcp|udp|unix)?\(/;

export const urlPasswords = (text: string): string => goPasswords(text.replace(address, withoutPassword));

function withoutPassword(whole: string, rest: string): string {
  const userinfo = rest.slice(0, endOfUserinfo(rest));
  const colon = userinfo.indexOf(':');
  if (colon < 0 || colon === userinfo.length - 1) return whole;
  return `://${userinfo.slice(0, colon)}:${mark('password')}${rest.slice(userinfo.length)}`;
}

/** Where `user:password` ends, at the last @ in front of the path; a password may itself hold a slash. */
function endOfUserinfo(rest: string): number {
  const path = rest.search(/[/?#]/);
  const authority = path < 0 ? rest : rest.slice(0, path);
  const at = authority.lastIndexOf('@');
  const later = rest.lastIndexOf('@');
  if (at >= 0) return later > at && !isHost(authority.slice(at + 1)) ? later : at;
  const isPort = /:\d{0,5}$/.test(authority) || !authority.includes(':');
  return isPort ? 0 : Math.max(0, rest.indexOf('@'));
}

/** Behind the @ of a password that itself holds an @ and a slash stands no name of a host. */
const isHost = (text: string): boolean => /[.:]|^localhost$|^$/.test(text);

const goPasswords = (text: string): string =>
  goAddress.test(text) ? text.replace(/[^\s"'`]+/g, withoutGoPassword) : text;

function withoutGoPassword(run: string): string {
  const at = run.search(goAddress);
  const colon = run.indexOf(':');
  if (colon < 0 || colon + 1 >= at || run.startsWith('//', colon + 1)) return run;
  return run.slice(0, colon + 1) + mark('password') + run.slice(at);
}
