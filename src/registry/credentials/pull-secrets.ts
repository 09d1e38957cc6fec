// The pull secrets of a pod and its service account, as credentials. The caller reads them from the cluster.

import { objectAt, textOf, type Fields } from '../../engine/platform/data/field.ts';
import type { CredentialSource } from './credential.ts';
import { credentialsAmong, parseDockerConfig, type DockerConfig } from './docker-config.ts';
import { RegistryError } from '../error.ts';

export type PullSecret = {
  readonly namespace: string;
  readonly name: string;
  /** `kubernetes.io/dockerconfigjson` or `kubernetes.io/dockercfg`; others are skipped, as the kubelet does. */
  readonly type: string;
  /** In base64, as the API gives it. */
  readonly data: Fields;
};

/** More secrets than this are not read. */
const secretLimit = 32;

const keys: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
  ['kubernetes.io/dockercfg', '.dockercfg'],
]);

/**
 * Asks `read` for the secrets in their order (the pod's, then its service account's) for every image, and keeps nothing:
 * values live for the length of the call. All secrets count as one config, so that the most specific entry comes first
 * whichever holds it. A damaged secret is skipped where another one has credentials; else throws `badCredentials`
 * with the secret's namespace, name and key.
 */
export function pullSecretSource(
  read: (signal: AbortSignal) => Promise<readonly PullSecret[]>,
): CredentialSource {
  return async (image, signal) => {
    const secrets = await readAll(read, signal);
    return await credentialsAmong(image, secrets.slice(0, secretLimit), configOf);
  };
}

async function readAll(
  read: (signal: AbortSignal) => Promise<readonly PullSecret[]>,
  signal: AbortSignal,
): Promise<readonly PullSecret[]> {
  try {
    return await read(signal);
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause;
    if (signal.aborted) throw new RegistryError('aborted', 'the pull secrets: given up');
    throw unread(cause);
  }
}

/** Of the error, only its code and `temporary` are kept: its text might quote a secret. */
function unread(cause: unknown): RegistryError {
  const { code, temporary } = objectAt(cause);
  const reason = typeof code === 'string' && /^[A-Za-z_]{1,32}$/.test(code) ? ` (${code})` : '';
  return temporary === true
    ? new RegistryError('serverError', `the pull secrets cannot be read for now${reason}`)
    : new RegistryError(
        'badCredentials',
        `the pull secrets cannot be read${reason}: see that they exist, and that manifests/options/pull-secrets is applied`,
      );
}

function configOf({ namespace, name, type, data }: PullSecret): DockerConfig {
  const key = keys.get(type);
  const value = key === undefined ? '' : textOf(data, key);
  if (key === undefined || value === '') return { entries: [], helped: [] };
  const bytes = Buffer.from(value, 'base64');
  const text = bytes.toString('utf8');
  bytes.fill(0);
  return parseDockerConfig(text, `Secret ${namespace}/${name}, key ${key}`);
}
