// Which servers to ask for an image: its mirrors in their order, then its own registry.

import type { Credential, CredentialSource } from '../credentials/credential.ts';
import { RegistryError } from '../error.ts';
import { isListed, optionsOf, type RegistryOptions } from '../options.ts';
import type { ImageReference } from '../../engine/platform/image/image-reference.ts';
import type { Server } from './session.ts';

/** Each server gets only the credentials that match its own host. */
export function serversOf(
  reference: ImageReference,
  options: RegistryOptions,
  sources: readonly CredentialSource[],
): readonly Server[] {
  const mirrors = optionsOf(options, reference.host).mirrors.map((address) => new URL(address));
  const named = mirrors.map((url) => [url, url.host] as const);
  const own = [originOf(reference.host, options), reference.host] as const;
  return [...named, own].map(([{ origin, pathname }, host]) => {
    const path = pathname.replace(/^\/|\/$/g, '');
    const repository = path === '' ? reference.repository : `${path}/${reference.repository}`;
    const isOwn = host === reference.host;
    const image = isOwn ? reference : { ...reference, host, repository };
    return {
      host,
      repository,
      repositoryUrl: `${origin}/v2/${repository}/`,
      // Link-local addresses hand out cloud credentials: only a registry that is listed may have one.
      innermost: !isOwn || isListed(options, host) ? 'linkLocal' : 'loopback',
      credentials: async (signal) => await gather(sources, image, signal),
    };
  });
}

/** The API of Docker Hub has another host name than its images. */
const apiHosts: ReadonlyMap<string, string> = new Map([['docker.io', 'registry-1.docker.io']]);

/** Plain HTTP to this machine, as with other runtimes, or where the options say so. */
function originOf(host: string, options: RegistryOptions): URL {
  const { plainHttp, ca } = optionsOf(options, host);
  const isPlain = plainHttp || (isThisMachine(host) && !ca);
  return new URL(`${isPlain ? 'http' : 'https'}://${apiHosts.get(host) ?? host}`);
}

function isThisMachine(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host);
}

/** After a source that fails, the others are still asked. */
async function gather(
  sources: readonly CredentialSource[],
  image: ImageReference,
  signal: AbortSignal,
): ReturnType<Server['credentials']> {
  const found: Credential[] = [];
  let trouble: RegistryError | undefined;
  for (const source of sources) {
    try {
      found.push(...(await source(image, signal)));
    } catch (cause) {
      if (!(cause instanceof RegistryError) || cause.code === 'aborted') throw cause;
      trouble = cause;
    }
  }
  return { found, trouble };
}
