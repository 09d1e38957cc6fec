// What a credential provider plugin prints: a CredentialProviderResponse, read without trusting it.

import { isObject, jsonIn } from '../../../engine/platform/data/field.ts';
import { dockerConfigOf, type DockerConfig } from '../docker-config.ts';
import { RegistryError } from '../../error.ts';
import { parseGoDurationMs } from './go-duration.ts';

/** For which images an answer is valid: this one, all of its registry, all that the provider is asked for. */
const cacheKeyTypes = ['Image', 'Registry', 'Global'] as const;

type CacheKeyType = (typeof cacheKeyTypes)[number];

type ProviderAnswer = {
  readonly config: DockerConfig;
  readonly cacheKeyType: CacheKeyType;
  /** Undefined where the provider leaves it to its config; zero or less for not at all. */
  readonly cacheMs: number | undefined;
};

/** Throws `badCredentials` with what is wrong and what to do, never with any of the text. */
export function parseProviderAnswer(stdout: Uint8Array, apiVersion: string, about: string): ProviderAnswer {
  const say = (sentence: string): RegistryError =>
    new RegistryError('badCredentials', `${about} ${sentence}`);
  const answer = jsonIn(stdout);
  if (!isObject(answer) || answer['kind'] !== 'CredentialProviderResponse')
    throw say('printed no CredentialProviderResponse: see that it is a plugin for kubelets, and its args');
  if (answer['apiVersion'] !== apiVersion)
    throw say(`answered in another version than ${apiVersion}: give it the apiVersion that it speaks`);
  const cacheKeyType = cacheKeyTypes.find((type) => type === answer['cacheKeyType']);
  if (!cacheKeyType) throw say(`gave no cacheKeyType that is known: ${cacheKeyTypes.join(', ')}`);
  const cacheMs = cacheMsOf(answer['cacheDuration'], say);
  return { config: dockerConfigOf(answer['auth'], about), cacheKeyType, cacheMs };
}

function cacheMsOf(value: unknown, say: (sentence: string) => RegistryError): number | undefined {
  if (value === undefined || value === null) return undefined;
  const durationMs = typeof value === 'string' ? parseGoDurationMs(value) : undefined;
  if (durationMs === undefined) throw say('gave a cacheDuration that is not a duration');
  return durationMs;
}
