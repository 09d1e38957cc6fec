// What a flag's value may look like. A bad one ends the program with one sentence that says what to give instead.

import { isIP } from 'node:net';

import { InvalidArgumentError } from 'commander';

import type { Platform } from '../../engine/model/image.ts';
import type { PodSecurityPolicy } from '../../engine/model/pod-security.ts';
import { parseHost } from '../../engine/platform/image/image-reference.ts';

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** In seconds. */
export function duration(leastSeconds: number, mostSeconds: number) {
  return (text: string): number => {
    const [, count, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
    const seconds = Number(count) * (unitSeconds[unit ?? ''] ?? Number.NaN);
    if (seconds >= leastSeconds && seconds <= mostSeconds) return seconds;
    throw new InvalidArgumentError(
      `Give a duration such as 30s, 5m or 24h, from ${leastSeconds}s to ${mostSeconds}s.`,
    );
  };
}

export function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

export function oneOf<Choice extends string>(choices: readonly Choice[]) {
  return (text: string): Choice => {
    const choice = choices.find((each) => each === text);
    if (choice !== undefined) return choice;
    throw new InvalidArgumentError(`Give ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}.`);
  };
}

export function yesOrNo(text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw new InvalidArgumentError('Give yes or no.');
}

/** Numbers, which a container runs as. */
export type UserIds = { readonly uid: number; readonly gid?: number };

export function userIds(text: string): UserIds {
  const [, uid, gid] = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(text) ?? [];
  if (uid !== undefined && Math.max(Number(uid), Number(gid ?? 0)) <= 2_147_483_647)
    return { uid: Number(uid), ...(gid !== undefined && { gid: Number(gid) }) };
  throw new InvalidArgumentError('Give a uid, or uid:gid, up to 2147483647.');
}

export function platform(text: string): Platform {
  const [, os, architecture, variant] =
    /^([a-z0-9]{1,32})\/([a-z0-9_]{1,32})(?:\/([a-z0-9]{1,32}))?$/.exec(text) ?? [];
  if (os !== undefined && architecture !== undefined)
    return { os, architecture, ...(variant !== undefined && { variant }) };
  throw new InvalidArgumentError('Give os/architecture, such as linux/amd64.');
}

export function podSecurityPolicy(text: string): PodSecurityPolicy {
  const [, level, minor] = /^(baseline|restricted)(?::(?:latest|v1\.(0|[1-9]\d{0,2})))?$/.exec(text) ?? [];
  if (level === 'baseline' || level === 'restricted')
    return { level, version: minor === undefined ? 'latest' : Number(minor) };
  throw new InvalidArgumentError('Give baseline or restricted, with or without a version: restricted:v1.28.');
}

export function hosts(text: string): readonly string[] {
  return listed(text).map((name) => {
    const host = parseHost(name);
    if (host !== undefined) return host;
    throw new InvalidArgumentError(
      'Give hosts separated by commas, with a port if needed: ghcr.io,registry.example:5000.',
    );
  });
}

export function namespaceName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('Give the name of a namespace: lower-case letters, digits and hyphens.');
}

/** None for an empty text; but commas alone are a mistake, as they would mean every namespace. */
export function namespaceNames(text: string): readonly string[] {
  const names = listed(text);
  if (names.length > 0 || text === '') return [...new Set(names.map(namespaceName))];
  throw new InvalidArgumentError('Give names of namespaces separated by commas.');
}

const listed = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

export type Address = { readonly host: string; readonly port: number };

export function address(text: string): Address {
  const [, bracketed, plain = '', port] = /^(?:\[(.*)\]|(.*)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const isHost = host === '' || host === 'localhost' || isIP(host) !== 0;
  if (isHost && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new InvalidArgumentError('Give [host]:port, where host is an IP address: :8080 or 127.0.0.1:8080.');
}
