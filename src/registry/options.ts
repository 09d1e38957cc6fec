// Options for single registries, from a small YAML file in the style of the container runtimes' own.

import { printableLine } from '../engine/platform/data/printable.ts';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Pair } from 'yaml';
import { RegistryError } from './error.ts';
import { parseHost } from '../engine/platform/image/image-reference.ts';

export type RegistryOptions = {
  /** By host, or by `*.example.com` for all below it. */
  readonly hosts: Readonly<Record<string, HostOptions>>;
  /** Registries that may be asked though no node has an image of them; also `*.example.com`. */
  readonly allow: readonly string[];
};

type HostOptions = {
  /** Trusted besides the system's. */
  readonly ca?: { readonly file: string } | { readonly pem: string };
  readonly plainHttp: boolean;
  /** Tried first, in this order: `https://mirror.example/docker-hub`, the path going before the repository. */
  readonly mirrors: readonly string[];
};

export const noOptions: RegistryOptions = { hosts: {}, allow: [] };

const textLimit = 1024 * 1024;

/**
 * `hosts: {HOST: {ca: FILE or PEM, plainHttp: true, mirrors: [URL]}}` and `allow: [HOST]`. Throws a RegistryError
 * `badOptions` of one line with the place and what to do; the caller knows the name of the file.
 */
export function parseRegistryOptions(yamlText: string): RegistryOptions {
  if (yamlText.length > textLimit)
    throw new RegistryError('badOptions', 'registry options are larger than 1 MiB');
  const lines = new LineCounter();
  const document = parseDocument(yamlText, { lineCounter: lines, stringKeys: true });
  const say: OptionsTrouble = (node, sentence) => failAt(lines, node?.range?.[0] ?? 0, sentence);
  const [error] = document.errors;
  if (error) throw failAt(lines, error.pos[0], `this is not YAML: ${error.message.split('\n')[0] ?? ''}`);
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return noOptions;
  const found = fieldsOf(root, ['hosts', 'allow'], 'at the top', say);
  return {
    hosts: hostsOf(found.get('hosts'), say),
    allow: textsOf(found.get('allow'), 'allow', say).map(([text, node]) => patternOf(text, node, say)),
  };
}

/** What holds for a host: its own options, else those of the longest pattern that fits, else none. */
export function optionsOf(options: RegistryOptions, host: string): HostOptions {
  const patterns = Object.keys(options.hosts).filter((pattern) => fits(pattern, host));
  const best = patterns.toSorted((a, b) => b.length - a.length)[0];
  const name = Object.hasOwn(options.hosts, host) ? host : best;
  return (name === undefined ? undefined : options.hosts[name]) ?? { plainHttp: false, mirrors: [] };
}

/** True when the options name the host, as one to allow or as one with options of its own. */
export function isListed(options: RegistryOptions, host: string): boolean {
  return [...options.allow, ...Object.keys(options.hosts)].some((pattern) => fits(pattern, host));
}

type OptionsTrouble = (node: Node | undefined, sentence: string) => RegistryError;

function failAt(lines: LineCounter, offset: number, sentence: string): RegistryError {
  const { line, col } = lines.linePos(offset);
  return new RegistryError(
    'badOptions',
    `registry options, line ${line}, column ${col}: ${printableLine(sentence)}`,
  );
}

function hostsOf(node: Node | undefined, say: OptionsTrouble): Readonly<Record<string, HostOptions>> {
  if (node === undefined) return {};
  const pairs = pairsOf(node, 'hosts', say);
  return Object.fromEntries(
    pairs.map(([name, value, key]) => [patternOf(name, key, say), hostOf(name, value, say)]),
  );
}

function hostOf(name: string, node: Node, say: OptionsTrouble): HostOptions {
  const found = fieldsOf(node, ['ca', 'plainHttp', 'mirrors'], `under ${name}`, say);
  const plainHttp = found.get('plainHttp');
  const isPlain = plainHttp === undefined ? false : booleanOf(plainHttp, 'plainHttp', say);
  const mirrors = textsOf(found.get('mirrors'), 'mirrors', say).map(([text, at]) => mirrorOf(text, at, say));
  const ca = found.get('ca');
  if (ca === undefined) return { plainHttp: isPlain, mirrors };
  if (isPlain) throw say(ca, `${name} has both ca and plainHttp: plain HTTP has no certificates, drop one`);
  return { plainHttp: isPlain, mirrors, ca: caOf(ca, say) };
}

function caOf(node: Node, say: OptionsTrouble): { readonly file: string } | { readonly pem: string } {
  const text = scalarText(node, 'ca', say);
  if (text === '') throw say(node, 'ca is empty: write the path of a PEM file, or the PEM itself');
  return text.includes('-----BEGIN') ? { pem: text } : { file: text };
}

function mirrorOf(text: string, node: Node, say: OptionsTrouble): string {
  const url = URL.parse(/^https?:\/\//.test(text) ? text : `https://${text}`);
  const isWhole = url && parseHost(url.host) !== undefined && /^(\/[\w.-]+)*\/?$/.test(url.pathname);
  if (!isWhole || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw say(
      node,
      `${text.replace(/.*@/, '…@')} is not a mirror: write https://HOST or https://HOST/PATH, without credentials`,
    );
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function patternOf(text: string, node: Node | undefined, say: OptionsTrouble): string {
  const [star, rest] = text.startsWith('*.') ? ['*.', text.slice(2)] : ['', text];
  const host = parseHost(rest);
  if (host === undefined)
    throw say(node, `${text} is not a registry: write HOST, HOST:PORT or *.DOMAIN, without https://`);
  return star + host;
}

function fits(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : pattern === host;
}

/** Names from other tools, and what to write here. */
const hints: Readonly<Record<string, string>> = {
  skip_verify: 'certificates are always verified: give the one to trust as ca',
  insecure: 'certificates are always verified: give the one to trust as ca, or set plainHttp: true',
  insecure_skip_verify: 'certificates are always verified: give the one to trust as ca',
  plain_http: 'write plainHttp',
  mirror: 'write mirrors, a list of URLs',
  endpoint: 'write mirrors, a list of URLs',
  server: 'the host is the key; what is to be asked in its place goes under mirrors',
  location: 'the host is the key; what is to be asked in its place goes under mirrors',
  registries: 'write hosts',
  username: 'credentials have no place here: use an image pull secret or a docker config',
  password: 'credentials have no place here: use an image pull secret or a docker config',
  auth: 'credentials have no place here: use an image pull secret or a docker config',
};

function fieldsOf(
  node: Node,
  known: readonly string[],
  where: string,
  say: OptionsTrouble,
): ReadonlyMap<string, Node> {
  const pairs = pairsOf(node, where, say);
  for (const [name, , key] of pairs)
    if (!known.includes(name))
      throw say(
        key,
        `${name} is not known ${where}: ${(Object.hasOwn(hints, name) && hints[name]) || `known are ${known.join(', ')}`}`,
      );
  return new Map(pairs.map(([name, value]) => [name, value]));
}

function pairsOf(node: Node, where: string, say: OptionsTrouble): readonly (readonly [string, Node, Node])[] {
  if (!isMap<Node, Node | null>(node)) throw say(node, `${where} must be a map of names to values`);
  return node.items.map(({ key, value }: Pair<Node, Node | null>) => {
    const name = scalarText(key, where, say);
    if (value === null || (isScalar(value) && value.value === null))
      throw say(key, `${name} has no value: remove it, or write {} for a host without options`);
    return [name, value, key];
  });
}

function textsOf(
  node: Node | undefined,
  name: string,
  say: OptionsTrouble,
): readonly (readonly [string, Node])[] {
  if (node === undefined) return [];
  if (!isSeq<Node>(node)) throw say(node, `${name} must be a list`);
  return node.items.map((item) => [scalarText(item, name, say), item]);
}

function booleanOf(node: Node, name: string, say: OptionsTrouble): boolean {
  if (isScalar(node) && typeof node.value === 'boolean') return node.value;
  throw say(node, `${name} must be true or false`);
}

function scalarText(node: Node, name: string, say: OptionsTrouble): string {
  if (isScalar(node) && typeof node.value === 'string') return node.value.trim();
  throw say(node, `${name} must be text`);
}
