// A docker config in a file, such as a mounted Secret of the operator's own.

import { printableLine } from '../../engine/platform/data/printable.ts';
import { causeCode } from '../../net/cause-code.ts';
import { createReadStream } from 'node:fs';
import { readBounded } from '../http/bounded.ts';
import type { CredentialSource } from './credential.ts';
import { credentialsFor, parseDockerConfig } from './docker-config.ts';
import { RegistryError } from '../error.ts';

const sizeLimitBytes = 1024 * 1024;

/**
 * Reads the file each time it is asked, so that a rotated Secret needs no restart and nothing is kept. Throws
 * `badCredentials` with the path and what to do.
 */
export function mountedDockerConfig(path: string): CredentialSource {
  const where = `docker config ${printableLine(path)}`;
  return async (image, signal) => {
    const bytes = await bytesAt(path, where, signal);
    const text = bytes.toString('utf8');
    bytes.fill(0);
    return credentialsFor(parseDockerConfig(text, where), image);
  };
}

async function bytesAt(path: string, where: string, signal: AbortSignal): Promise<Buffer> {
  try {
    return await readBounded(createReadStream(path, { signal }), sizeLimitBytes, where);
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause;
    if (signal.aborted) throw new RegistryError('aborted', `${where}: aborted`);
    throw new RegistryError('badCredentials', `${where} ${troubleOf(causeCode(cause))}`, { cause });
  }
}

function troubleOf(code: string): string {
  if (code === 'ENOENT') return 'does not exist: mount it at this path, or change the path';
  if (code === 'EISDIR') return 'is a folder: name the file in it';
  if (code === 'EACCES')
    return 'may not be read by this user: change its mode, or fsGroup where it is mounted';
  return `cannot be read (${code || 'unknown error'})`;
}
