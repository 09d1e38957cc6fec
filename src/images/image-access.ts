// Which registries may be asked, how, and as whom: what the flags about images come to.

import { readFile } from 'node:fs/promises';

import type { KubeClient } from '../kube/api/client.ts';
import { pathOf } from '../kube/api/discovery.ts';
import type { ImageQuestion } from '../engine/model/question.ts';
import { listAt, objectAt, textAt } from '../engine/platform/data/field.ts';
import { KnownRegistries } from '../observe/known-registries.ts';
import type { CredentialSource } from '../registry/credentials/credential.ts';
import { parseCredentialProviderConfig } from '../registry/credentials/plugin/credential-provider-config.ts';
import { credentialProviderSource } from '../registry/credentials/plugin/credential-provider.ts';
import { mountedDockerConfig } from '../registry/credentials/mounted-docker-config.ts';
import type { RegistryOptions } from '../registry/options.ts';
import { isListed, noOptions, parseRegistryOptions } from '../registry/options.ts';
import type { PullSecret } from '../registry/credentials/pull-secrets.ts';
import { LayerCache } from '../registry/layers/layer-cache.ts';
import { pullSecretSource } from '../registry/credentials/pull-secrets.ts';
import { Registry } from '../registry/registry.ts';
import type { Inspector } from './inspect-image.ts';
import { SharedAnswers } from './shared-answers.ts';

/** Where images may be read from, and with which credentials. */
type ImageAccessFiles = {
  readonly registryConfig?: string | undefined;
  readonly dockerConfig?: string | undefined;
  readonly credentialProviderConfig?: string | undefined;
  readonly credentialProviderBinDir?: string | undefined;
};

export type ImageOptions = ImageAccessFiles & {
  readonly inspect: boolean;
  /** Registries that may be read although no node has an image from them. */
  readonly registries: readonly string[];
  /** 0 means no limit. */
  readonly bytesPerMinute: number;
  readonly pullSecrets: boolean;
};

/** What was read from files when the program started. */
export type ImageAccess = {
  readonly options: RegistryOptions;
  readonly sources: readonly CredentialSource[];
};

/** For manifest and config of an image; its layers have a time of their own. */
const openingMs = 60_000;

/** Some dozens of layers as large as those of a base image. */
const layerCacheBytes = 24 * 1024 * 1024;

const maxConfigBytes = 1024 * 1024;

/**
 * @param environment for the plugins, which are programs of their own
 * @throws Error of one line that names the file and what to do
 */
export async function loadImageAccess(
  files: ImageAccessFiles,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<ImageAccess> {
  const { registryConfig, dockerConfig, credentialProviderConfig: config } = files;
  const binDir = files.credentialProviderBinDir;
  const options =
    registryConfig === undefined ? noOptions : parseRegistryOptions(await textOf(registryConfig));
  const sources = dockerConfig === undefined ? [] : [mountedDockerConfig(dockerConfig)];
  if (config !== undefined && binDir !== undefined) {
    const providers = parseCredentialProviderConfig(await textOf(config), config);
    sources.push(credentialProviderSource(providers, { binDir, env: environment }));
  } else if (config !== binDir) {
    throw new Error(
      '--image-credential-provider-config and --image-credential-provider-bin-dir go together.',
    );
  }
  return { options, sources };
}

async function textOf(file: string): Promise<string> {
  const bytes = await readFile(file);
  if (bytes.length > maxConfigBytes) throw new Error(`${file} has more than ${maxConfigBytes} bytes.`);
  return bytes.toString('utf8');
}

type InspectorParts = {
  readonly config: ImageOptions;
  readonly access: ImageAccess;
  readonly client: KubeClient;
  readonly nowMs: () => number;
};

export function createInspector({ config, access, client, nowMs }: InspectorParts): Inspector {
  const known = new KnownRegistries(client, nowMs);
  const listed = new Set(config.registries);
  return {
    registry: new Registry({
      hosts: access.options,
      credentials: access.sources,
      limits: { bytesPerMinute: config.bytesPerMinute, totalMs: openingMs },
    }),
    refusalOf: async (host, { namespace, isPulled }, signal) =>
      isPulled || listed.has(host) || isListed(access.options, host)
        ? undefined
        : known.refusalOf(host, namespace, signal),
    shared: new SharedAnswers(nowMs),
    layers: new LayerCache(layerCacheBytes),
    credentialsFor: (question) =>
      config.pullSecrets ? [pullSecretSource((signal) => readPullSecrets(question, client, signal))] : [],
  };
}

/** Secrets of the pod, then those of its service account. One that is missing is left out, as the kubelet does. */
async function readPullSecrets(
  { namespace, serviceAccount, pullSecrets }: ImageQuestion,
  client: KubeClient,
  signal: AbortSignal,
): Promise<readonly PullSecret[]> {
  const at = { apiVersion: 'v1', namespace };
  const account = await client.get(
    pathOf({ ...at, plural: 'serviceaccounts', name: serviceAccount }),
    signal,
  );
  const ofAccount = listAt(account, 'imagePullSecrets').flatMap((secret) => textAt(secret, 'name') ?? []);
  const secrets: PullSecret[] = [];
  for (const name of new Set([...pullSecrets, ...ofAccount])) {
    const secret = await client.get(pathOf({ ...at, plural: 'secrets', name }), signal);
    const type = textAt(secret, 'type') ?? '';
    if (secret !== undefined) secrets.push({ namespace, name, type, data: objectAt(secret, 'data') });
  }
  return secrets;
}
