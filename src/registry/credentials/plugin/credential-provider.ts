// Credentials from the kubelet's credential provider plugins: programs asked in their own protocol, and their answers.

import { printableLine } from '../../../engine/platform/data/printable.ts';
import { join } from 'node:path';
import { BoundedCache } from '../../../net/bounded-cache.ts';
import type { CredentialSource } from '../credential.ts';
import type { CredentialProvider, CredentialProviderConfig } from './credential-provider-config.ts';
import { credentialsAmong, type DockerConfig } from '../docker-config.ts';
import { matchesImage } from '../image-pattern.ts';
import { parseProviderAnswer } from './provider-answer.ts';
import { providerFailure } from './provider-failure.ts';
import type { ImageReference } from '../../../engine/platform/image/image-reference.ts';
import { runProgram } from './run-program.ts';

type CredentialProviderSettings = {
  /** The folder of the programs. */
  readonly binDir: string;
  /** What the programs inherit, as they would from the kubelet; our own ROOTCAUSE_ variables are kept from them. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For one run of a program; a minute unless given, which is what the kubelet grants. */
  readonly timeMs?: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
};

const defaultTimeMs = 60_000;
const stdoutLimitBytes = 1024 * 1024;
const cacheLimit = 256;

/**
 * Asks all providers whose patterns fit the image, one after the other, and merges what they answer. Answers are kept in
 * memory for as long as the provider says, at most 256 of them. A provider that fails is skipped where another one
 * has credentials; else throws, with the provider's name and what to do: `timeout` when it takes too long, `aborted`
 * with the signal, `badCredentials` for the rest.
 */
export function credentialProviderSource(
  config: CredentialProviderConfig,
  settings: CredentialProviderSettings,
): CredentialSource {
  const cache = new BoundedCache<DockerConfig>(cacheLimit, settings.now ?? (() => performance.now()));
  return async (image, signal) => {
    const asked = config.providers.filter(({ matchImages }) =>
      matchImages.some((pattern) => matchesImage(pattern, image)),
    );
    return await credentialsAmong(image, asked, (provider) => {
      const ask: Ask = { provider, image, settings, where: config.where };
      return cached(cache, ask) ?? answerOf(cache, ask, signal);
    });
  };
}

type Cache = BoundedCache<DockerConfig>;

type Ask = {
  readonly provider: CredentialProvider;
  readonly image: ImageReference;
  readonly settings: CredentialProviderSettings;
  /** The place of the config. */
  readonly where: string;
};

function cached(cache: Cache, ask: Ask): DockerConfig | undefined {
  for (const key of Object.values(cacheKeys(ask))) {
    const known = cache.get(key);
    if (known) return known;
  }
  return undefined;
}

function cacheKeys({ provider: { name }, image }: Ask) {
  return {
    Image: `${name} Image ${nameOf(image)}`,
    Registry: `${name} Registry ${image.host}`,
    Global: `${name} Global`,
  };
}

/** Plugins are given neither tag nor digest. */
function nameOf({ host, repository }: ImageReference): string {
  return `${host}/${repository}`;
}

async function answerOf(cache: Cache, ask: Ask, signal: AbortSignal): Promise<DockerConfig> {
  const { name, apiVersion, defaultCacheMs } = ask.provider;
  const stdout = await stdoutOf(ask, signal);
  try {
    const about = `credential provider ${name}`;
    const { config, cacheKeyType, cacheMs } = parseProviderAnswer(stdout, apiVersion, about);
    cache.set(cacheKeys(ask)[cacheKeyType], config, cacheMs ?? defaultCacheMs);
    return config;
  } finally {
    stdout.fill(0);
  }
}

async function stdoutOf({ provider, image, settings, where }: Ask, signal: AbortSignal): Promise<Buffer> {
  const { name, args, apiVersion } = provider;
  const request = { kind: 'CredentialProviderRequest', apiVersion, image: nameOf(image) };
  const program = {
    path: join(settings.binDir, name),
    args,
    env: { ...inheritedFrom(settings.env), ...provider.env },
    input: JSON.stringify(request),
  };
  const timeMs = settings.timeMs ?? defaultTimeMs;
  const outcome = await runProgram(program, { timeMs, stdoutBytes: stdoutLimitBytes }, signal);
  if (outcome.is === 'ended' && outcome.status === 0) return outcome.stdout;
  const binDir = printableLine(settings.binDir);
  const failure = providerFailure(outcome, { name, binDir, where, program, timeMs });
  if (outcome.is === 'ended') outcome.stdout.fill(0);
  throw failure;
}

function inheritedFrom(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && !pair[0].startsWith('ROOTCAUSE_'),
    ),
  );
}
