// The kubelet's CredentialProviderConfig: which programs hand out credentials for which images.

import { isObject, type Fields } from '../../../engine/platform/data/field.ts';
import { printableLine } from '../../../engine/platform/data/printable.ts';
import { parseDocument } from 'yaml';
import { RegistryError } from '../../error.ts';
import { parseGoDurationMs } from './go-duration.ts';
import { parseImagePattern, type ImagePattern } from '../image-pattern.ts';

export type CredentialProviderConfig = {
  /** Where it stands, for messages. */
  readonly where: string;
  /** In their order: of credentials for the same place, those of the first are tried first. */
  readonly providers: readonly CredentialProvider[];
};

export type CredentialProvider = {
  /** Also the file name of the program. */
  readonly name: string;
  readonly matchImages: readonly ImagePattern[];
  readonly defaultCacheMs: number;
  /** The version of the protocol. */
  readonly apiVersion: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

const textLimit = 1024 * 1024;
const providerLimit = 64;
const listLimit = 1000;
/** The versions differ in nothing that is read here. */
const configVersions = ['v1', 'v1beta1', 'v1alpha1'].map((version) => `kubelet.config.k8s.io/${version}`);
const apiVersions = ['v1', 'v1beta1', 'v1alpha1'].map(
  (version) => `credentialprovider.kubelet.k8s.io/${version}`,
);

type ConfigTrouble = (sentence: string) => RegistryError;

/**
 * Reads the file that a kubelet is given as `--image-credential-provider-config`, in YAML or JSON. Throws `badOptions`
 * with the place, the field and what to do, never with a value of `args` or `env`.
 */
export function parseCredentialProviderConfig(yamlText: string, where: string): CredentialProviderConfig {
  const place = printableLine(where);
  const say: ConfigTrouble = (sentence) => new RegistryError('badOptions', `${place}: ${sentence}`);
  const { kind, apiVersion, providers } = rootOf(yamlText, say);
  if (kind !== 'CredentialProviderConfig' || !isOneOf(configVersions, apiVersion))
    throw say(`it must have kind: CredentialProviderConfig and apiVersion: ${configVersions[0] ?? ''}`);
  if (!Array.isArray(providers) || providers.length === 0)
    throw say('providers must be a list with at least one provider');
  if (providers.length > providerLimit) throw say(`it has more than ${providerLimit} providers`);
  const read = providers.map((provider, index) =>
    providerOf(provider, (sentence) => say(`providers[${index}]${sentence}`)),
  );
  const names = read.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  if (twice >= 0)
    throw say(`providers[${twice}].name is the name of an earlier provider too: keep one of them`);
  return { where: place, providers: read };
}

function rootOf(yamlText: string, say: ConfigTrouble): Fields {
  if (yamlText.length > textLimit) throw say('it is larger than 1 MiB');
  const document = parseDocument(yamlText, { prettyErrors: true, stringKeys: true, logLevel: 'error' });
  const [error] = document.errors;
  // The parser's message quotes the text, and env may hold secrets.
  if (error) throw say(`it is not one YAML document (line ${error.linePos?.[0].line ?? 1})`);
  try {
    const root: unknown = document.toJS({ maxAliasCount: 100 });
    if (isObject(root)) return root;
  } catch {
    throw say('it has too many aliases: write them out');
  }
  throw say('it must be an object of kind CredentialProviderConfig');
}

function providerOf(provider: unknown, say: ConfigTrouble): CredentialProvider {
  if (!isObject(provider)) throw say(' must be an object');
  const { name, apiVersion, tokenAttributes } = provider;
  if (!isProgramName(name))
    throw say(
      '.name must be the plain name of a program in the folder of the providers, without / or spaces',
    );
  const sayOf: ConfigTrouble = (sentence) => say(` (${name})${sentence}`);
  if (tokenAttributes !== undefined && tokenAttributes !== null)
    throw sayOf(
      '.tokenAttributes wants tokens of the service accounts of pods, which are not handed out here: give it an identity of its own and remove tokenAttributes, or remove the provider',
    );
  if (!isOneOf(apiVersions, apiVersion)) throw sayOf(`.apiVersion must be one of ${apiVersions.join(', ')}`);
  return {
    name,
    apiVersion,
    matchImages: patternsOf(provider['matchImages'], sayOf),
    defaultCacheMs: durationOf(provider['defaultCacheDuration'], sayOf),
    args: textsOf(provider['args'], '.args', sayOf),
    env: envOf(provider['env'], sayOf),
  };
}

function isProgramName(name: unknown): name is string {
  return typeof name === 'string' && /^[\w.+-]{1,255}$/.test(name) && name !== '.' && name !== '..';
}

function patternsOf(value: unknown, say: ConfigTrouble): readonly ImagePattern[] {
  const texts = textsOf(value, '.matchImages', say);
  if (texts.length === 0) throw say('.matchImages must have at least one pattern');
  return texts.map((text, index) => {
    const pattern = parseImagePattern(text);
    if (pattern) return pattern;
    throw say(`.matchImages[${index}] must be HOST, HOST:PORT or either with a path, without https://`);
  });
}

function durationOf(value: unknown, say: ConfigTrouble): number {
  const durationMs = typeof value === 'string' ? parseGoDurationMs(value) : undefined;
  if (durationMs !== undefined && durationMs >= 0) return durationMs;
  throw say('.defaultCacheDuration must be a duration such as 12h, or 0s for none');
}

function envOf(value: unknown, say: ConfigTrouble): Readonly<Record<string, string>> {
  const pairs = listOf(value, '.env', say).map((item, index) => {
    const { name, value: text = '' } = isObject(item) ? item : {};
    if (!isPassable(name) || name === '' || name.includes('=') || !isPassable(text))
      throw say(`.env[${index}] must have a name and a value, both text: put numbers in quotes`);
    return [name, text] as const;
  });
  return Object.fromEntries(pairs);
}

function textsOf(value: unknown, name: string, say: ConfigTrouble): readonly string[] {
  return listOf(value, name, say).map((item, index) => {
    if (isPassable(item)) return item;
    throw say(`${name}[${index}] must be text: put numbers in quotes`);
  });
}

function listOf(value: unknown, name: string, say: ConfigTrouble): readonly unknown[] {
  const list: unknown = value ?? [];
  if (Array.isArray(list) && list.length <= listLimit) return list;
  throw say(`${name} must be a list of at most ${listLimit}`);
}

/** Arguments and variables of a program cannot hold a NUL. */
function isPassable(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}

function isOneOf(known: readonly string[], value: unknown): value is string {
  return typeof value === 'string' && known.includes(value);
}
