// Our credentials for the API server: certificates, tokens and passwords, read again before they expire.

import { textOf, type Fields } from '../../engine/platform/data/field.ts';
import { causeCode } from '../../net/cause-code.ts';
import { readFile } from 'node:fs/promises';
import { KubeError } from '../api/error.ts';
import type { Context } from './kubeconfig.ts';

/** What a connection needs to know; nothing in here is ever logged. */
export type Authorization = {
  readonly headers: Record<string, string>;
  readonly tls: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly rejectUnauthorized?: boolean;
    readonly servername?: string;
  };
};

/** Rotated files are noticed after this; a kubelet rotates tokens long before they expire. */
const rereadMs = 10_000;
const sharedMs = 1_000;

type CredentialReading = {
  readonly fresh: boolean;
  readonly sinceMs: number;
  readonly authorization: Promise<Authorization>;
};

/** Reads a context's credentials, at most every ten seconds unless asked for fresh ones; callers share one reading. */
export class Credentials {
  readonly #context: Context;
  #reading: CredentialReading | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  async read(fresh: boolean): Promise<Authorization> {
    const reading = this.#reading;
    const ageMs = reading ? performance.now() - reading.sinceMs : Infinity;
    // Watches that are refused together ask for fresh credentials together.
    const isGood = fresh ? (reading?.fresh ?? false) && ageMs < sharedMs : ageMs < rereadMs;
    return await (reading && isGood ? reading : this.#start(fresh)).authorization;
  }

  #start(fresh: boolean): CredentialReading {
    const reading: CredentialReading = {
      fresh,
      sinceMs: performance.now(),
      authorization: authorizationOf(this.#context, fresh),
    };
    this.#reading = reading;
    // A failure goes to the callers that wait for it, and is not kept.
    reading.authorization.catch(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    return reading;
  }
}

async function authorizationOf(context: Context, fresh: boolean): Promise<Authorization> {
  const { cluster, user } = context;
  const ca = await contentOf(cluster, 'certificate-authority');
  const cert = await contentOf(user, 'client-certificate');
  const key = await contentOf(user, 'client-key');
  const servername = textOf(cluster['tls-server-name']);
  const tls: Authorization['tls'] = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(servername && { servername }),
    ...(cluster['insecure-skip-tls-verify'] === true && { rejectUnauthorized: false }),
  };
  if (user['exec'] || user['auth-provider']) return await pluginAuthorization(context, tls, fresh);
  return { headers: { ...impersonationOf(user), ...(await authorizationHeaderOf(user)) }, tls };
}

/** Plugins need the client library. It is large (decision 0011), so it is loaded only here. */
async function pluginAuthorization(
  context: Context,
  tls: Authorization['tls'],
  fresh: boolean,
): Promise<Authorization> {
  const { authorizeByPlugin } = await import('./plugin-credentials.ts');
  const { headers, ...pair } = await authorizeByPlugin(context, fresh);
  return { headers: { ...impersonationOf(context.user), ...headers }, tls: { ...tls, ...pair } };
}

async function authorizationHeaderOf(user: Fields): Promise<Record<string, string>> {
  const tokenFile = textOf(user['tokenFile']);
  const token = (tokenFile ? await textAt(tokenFile) : textOf(user['token'])).trim();
  if (token) return { authorization: `Bearer ${token}` };
  const username = textOf(user['username']);
  if (!username) return {};
  const pair = Buffer.from(`${username}:${textOf(user['password'])}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}

function impersonationOf(user: Fields): Record<string, string> {
  const as = textOf(user['as']);
  return as ? { 'impersonate-user': as } : {};
}

/** The content of `FIELD-data` (base64), or else of the file that `FIELD` names. */
async function contentOf(fields: Fields, field: string): Promise<string | undefined> {
  const data = textOf(fields[`${field}-data`]);
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  const path = textOf(fields[field]);
  return path ? await textAt(path) : undefined;
}

async function textAt(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new KubeError('unauthorized', `Cannot read the credentials in ${path}: ${causeCode(cause)}`, {
      cause,
    });
  }
}
