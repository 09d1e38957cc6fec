// Flags that say which registries may be read, and with which credentials.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { ImageOptions } from '../../images/image-options.ts';
import { textFlag, toggle, yesOrNoFlag } from './flag.ts';
import type { Flag, ValuesOf } from './flag.ts';
import { hosts, wholeNumber } from './values.ts';

export const registryFlags = (defaultDockerConfig?: string) => ({
  registryConfig: textFlag('<file>', 'YAML file with CA files, plain HTTP and mirrors for registries'),
  dockerConfig: textFlag('<file>', 'docker config.json with credentials for registries', defaultDockerConfig),
});

const registries: Flag<readonly string[]> = {
  argument: '<hosts>',
  description: 'comma-separated registries to read even if no node has an image from them',
  parse: hosts,
  byDefault: [],
  defaultText: 'none',
};

export const imageFlags = {
  inspectImages: yesOrNoFlag('read images from registries to find the right user', true),
  registries,
  registryMebibytesPerMinute: {
    argument: '<count>',
    description: 'how many MiB per minute may be read from registries; 0 means no limit',
    parse: wholeNumber(0, 1_000_000),
    byDefault: 1024,
  },
  imagePullSecrets: toggle('use imagePullSecrets of pods and service accounts; needs additional permissions'),
  imageCredentialProviderConfig: textFlag(
    '<file>',
    "the kubelet's CredentialProviderConfig, to use its plugins",
  ),
  imageCredentialProviderBinDir: textFlag('<folder>', 'folder with those plugins'),
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

export const dockerLogin = 'the file that docker login writes';

/** Where `docker login` and similar tools leave a person's credentials. */
export function ownDockerConfig(): string | undefined {
  const { DOCKER_CONFIG: folder, HOME: home } = process.env;
  const file = folder ? join(folder, 'config.json') : home && join(home, '.docker', 'config.json');
  return file && existsSync(file) ? file : undefined;
}
