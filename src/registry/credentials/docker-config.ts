// Docker configs, new and old: which credentials they hold for an image, matched as the kubelet does it.

import { isObject, textOf, type Fields } from '../../engine/platform/data/field.ts';
import { printableLine } from '../../engine/platform/data/printable.ts';
import type { Credential } from './credential.ts';
import { readDockerAuth } from './docker-auth.ts';
import { RegistryError } from '../error.ts';
import { bestMatches, parseImagePattern, type ImagePattern } from './image-pattern.ts';
import { fieldOf } from '../json.ts';
import type { ImageReference } from '../../engine/platform/image/image-reference.ts';

export type DockerConfig = {
  readonly entries: readonly { readonly pattern: ImagePattern; readonly credential: Credential }[];
  /** Registries whose credentials a credential helper keeps, and the file that says so. */
  readonly helped: readonly { readonly pattern: ImagePattern; readonly where: string }[];
};

const textLimit = 1024 * 1024;
const entryLimit = 1000;
const credentialLimit = 16;

type DockerConfigTrouble = (sentence: string) => RegistryError;

/**
 * Reads a `config.json` or `.dockerconfigjson` (with `auths`), or a `.dockercfg` (registries at the top). Keys that can
 * match no image are skipped. Throws `badCredentials` with the file, the number of the entry and what to do, never with
 * any of the text.
 */
export function parseDockerConfig(text: string, where: string): DockerConfig {
  const place = printableLine(where);
  const say: DockerConfigTrouble = (sentence) => new RegistryError('badCredentials', `${place}: ${sentence}`);
  const root = rootOf(text, say);
  const isNew = ['auths', 'credhelpers', 'credsstore'].some((name) => fieldOf(root, name) !== undefined);
  const auths = isNew ? mapOf(fieldOf(root, 'auths'), 'auths', say) : registriesOf(root);
  const read = readEntries(auths, say);
  const helpers = Object.keys(mapOf(fieldOf(root, 'credhelpers'), 'credHelpers', say)).flatMap(patternsOf);
  const stored = textOf(fieldOf(root, 'credsstore')) === '' ? [] : read.empty;
  return {
    entries: read.entries,
    helped: [...helpers, ...stored].map((pattern) => ({ pattern, where: place })),
  };
}

/** A map of registries to entries alone, such as a credential provider answers. Throws as `parseDockerConfig` does. */
export function dockerConfigOf(auths: unknown, where: string): DockerConfig {
  const say: DockerConfigTrouble = (sentence) =>
    new RegistryError('badCredentials', `${printableLine(where)}: ${sentence}`);
  return { entries: readEntries(mapOf(auths, 'auth', say), say).entries, helped: [] };
}

/**
 * The credentials of all configs that `read` finds. A config that cannot be read is skipped where another one has
 * credentials; else its error is thrown, of several the first one.
 */
export async function credentialsAmong<T>(
  image: ImageReference,
  items: readonly T[],
  read: (item: T) => DockerConfig | Promise<DockerConfig>,
): Promise<readonly Credential[]> {
  const configs: DockerConfig[] = [];
  let trouble: RegistryError | undefined;
  for (const item of items) {
    try {
      configs.push(await read(item));
    } catch (cause) {
      if (!(cause instanceof RegistryError) || cause.code === 'aborted') throw cause;
      trouble ??= cause;
    }
  }
  const credentials = credentialsFor(mergeDockerConfigs(configs), image);
  if (credentials.length === 0 && trouble) throw trouble;
  return credentials;
}

/** Several as one; of entries for the same place, those of the first come first. */
function mergeDockerConfigs(configs: readonly DockerConfig[]): DockerConfig {
  return {
    entries: configs.flatMap(({ entries }) => entries),
    helped: configs.flatMap(({ helped }) => helped),
  };
}

/**
 * At most 16 credentials, the most specific first; none where no entry fits. Throws `badCredentials` where none fits
 * and the config says that a credential helper keeps them: rootcause runs no helper.
 */
export function credentialsFor(config: DockerConfig, image: ImageReference): readonly Credential[] {
  const found = bestMatches(config.entries, image).map(({ credential }) => credential);
  const [helped] = found.length > 0 ? [] : bestMatches(config.helped, image);
  if (helped)
    throw new RegistryError(
      'badCredentials',
      `${helped.where}: the credentials for ${image.host} are kept by a credential helper, which is not run: write them into auths, or use a credential provider`,
    );
  return withoutRepeats(found).slice(0, credentialLimit);
}

function rootOf(text: string, say: DockerConfigTrouble): Fields {
  if (text.length > textLimit) throw say('it is larger than 1 MiB, which no docker config is');
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, so it is dropped.
  }
  if (isObject(root)) return root;
  throw say(
    'it is not a JSON object: make it again, with kubectl create secret docker-registry or docker login',
  );
}

/** In the old form the keys are registries. A config without credentials has no key that looks like one. */
function registriesOf(root: Fields): Fields {
  return Object.fromEntries(Object.entries(root).filter(([key]) => /[.:]|^localhost/.test(key)));
}

function mapOf(value: unknown, name: string, say: DockerConfigTrouble): Fields {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw say(`${name} must be an object with a field for each registry`);
  return value;
}

type Entries = Pick<DockerConfig, 'entries'> & { readonly empty: readonly ImagePattern[] };

function readEntries(auths: Fields, say: DockerConfigTrouble): Entries {
  const pairs = Object.entries(auths);
  if (pairs.length > entryLimit) throw say(`it has more than ${entryLimit} entries`);
  const read = pairs.flatMap(([key, value], index) => {
    const credential = readDockerAuth(value, (wrong) => say(`entry ${index + 1}: ${wrong}`));
    return patternsOf(key).map((pattern) => ({ pattern, credential }));
  });
  return {
    entries: read.flatMap(({ pattern, credential }) => (credential ? [{ pattern, credential }] : [])),
    empty: read.filter(({ credential }) => !credential).map(({ pattern }) => pattern),
  };
}

/** `https://HOST/v1/` and `https://HOST/v2/` mean the host. */
function patternsOf(key: string): readonly ImagePattern[] {
  const address = key.replace(/^https?:\/\//, '').replace(/^([^/]*)\/v[12]\//, '$1/');
  const pattern = parseImagePattern(address);
  return pattern ? [pattern] : [];
}

function withoutRepeats(credentials: readonly Credential[]): readonly Credential[] {
  const seen = new Set<string>();
  return credentials.filter((credential) => {
    const text = JSON.stringify(credential);
    return !seen.has(text) && seen.add(text);
  });
}
