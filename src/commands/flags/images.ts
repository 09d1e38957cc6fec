// Flags that say which registries may be read, and with which credentials.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { InvalidArgumentError } from 'commander';

import { parseHost } from '../../engine/platform/image/image-reference.ts';
import type { ImageOptions } from '../../images/image-access.ts';
import { count, list, optionalText, toggle, yesOrNo } from './flag.ts';
import type { ValuesOf } from './flag.ts';

/** What `docker login` wrote is for a person; an operator has only what it is given. */
export const registryFlags = (user: 'person' | 'operator') => ({
  registryConfig: optionalText('<file>', 'YAML file with CA files, plain HTTP and mirrors for registries'),
  dockerConfig: optionalText(
    '<file>',
    'docker config.json with credentials for registries',
    user === 'person' ? 'the file that docker login writes' : undefined,
  ),
});

export const imageFlags = {
  inspectImages: yesOrNo('read images from registries to find the right user', true),
  registries: list(
    '<hosts>',
    'comma-separated registries to read even if no node has an image from them',
    registryHost,
  ),
  registryMebibytesPerMinute: count(
    'how many MiB per minute may be read from registries; 0 means no limit',
    [0, 1_000_000],
    1024,
  ),
  imagePullSecrets: toggle('use imagePullSecrets of pods and service accounts; needs additional permissions'),
  imageCredentialProviderConfig: optionalText(
    '<file>',
    "the kubelet's CredentialProviderConfig, to use its plugins",
  ),
  imageCredentialProviderBinDir: optionalText('<folder>', 'folder with those plugins'),
};

type ImageValues = ValuesOf<typeof imageFlags & ReturnType<typeof registryFlags>>;

export const imageOptions = (values: ImageValues): ImageOptions => ({
  inspect: values.inspectImages,
  registries: values.registries,
  registryConfig: values.registryConfig,
  bytesPerMinute: values.registryMebibytesPerMinute * 1024 * 1024,
  pullSecrets: values.imagePullSecrets,
  dockerConfig: values.dockerConfig,
  credentialProviderConfig: values.imageCredentialProviderConfig,
  credentialProviderBinDir: values.imageCredentialProviderBinDir,
});

/** Where `docker login` and similar tools leave a person's credentials. */
export function ownDockerConfig(): string | undefined {
  const { DOCKER_CONFIG: folder, HOME: home } = process.env;
  const file = folder ? join(folder, 'config.json') : home && join(home, '.docker', 'config.json');
  return file && existsSync(file) ? file : undefined;
}

function registryHost(text: string): string {
  const host = parseHost(text);
  if (host !== undefined) return host;
  throw new InvalidArgumentError(
    'Give hosts separated by commas, with a port if needed: ghcr.io,registry.example:5000.',
  );
}
