// Why an image could not be read, short enough for a column, and what helps.

import type { RegistryError, RegistryErrorCode } from '../registry/error.ts';

type Said = readonly [word: string, see?: string];

/** A name may have so many characters. */
const maxHost = 253;

const credentials = '--image-pull-secrets or --docker-config';
const connection = '--registry-config';

const said: Partial<Record<RegistryErrorCode, Said>> = {
  unauthorized: ['401', credentials],
  forbidden: ['403', credentials],
  notFound: ['404', credentials],
  badCredentials: ['credentials', credentials],
  tooManyRequests: ['429', credentials],
  unreachable: ['unreachable', connection],
  timeout: ['timeout', connection],
  tooSlow: ['too slow', connection],
  tls: ['certificate', connection],
  badOptions: ['options', connection],
  refusedAddress: ['refused address', connection],
  serverError: ['5xx'],
};

export function troubleOf(host: string, { code }: RegistryError): string {
  const [word, see] = said[code] ?? ['bad answer'];
  return `cannot read ${host.slice(0, maxHost)} (${word})${see === undefined ? '' : `: see ${see}`}`;
}
