// One repository at one server, with the first credential that the server accepts.

import { listAt, objectAt, jsonIn, textOf } from '../../engine/platform/data/field.ts';
import { printableLine } from '../../engine/platform/data/printable.ts';
import type { AddressKind } from './address.ts';
import { readBounded } from './bounded.ts';
import { parseChallenges, type Challenge } from './challenge.ts';
import type { Credential } from '../credentials/credential.ts';
import { codeOfStatus, RegistryError, type RegistryErrorCode } from '../error.ts';
import { authorize } from './token.ts';
import type { HttpAnswer, HttpRequest, HttpClient } from './http.ts';

export type Server = {
  /** As in image names: `docker.io`, with its port. */
  readonly host: string;
  /** `https://registry-1.docker.io/v2/library/nginx/`; of a mirror, with its path. */
  readonly repositoryUrl: string;
  readonly repository: string;
  /** How far inside its address may be. */
  readonly innermost: AddressKind;
  /** Read when they are first needed; `trouble` says why some may be missing. */
  readonly credentials: (
    signal: AbortSignal,
  ) => Promise<{ readonly found: readonly Credential[]; readonly trouble: RegistryError | undefined }>;
};

type RepositoryRequest = {
  readonly method: 'GET' | 'HEAD';
  /** `manifests/…`, `blobs/…` */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** More credentials than this for one image are not tried. */
const candidateLimit = 16;
const errorLimitBytes = 64 * 1024;

/** Statuses that another credential may change. */
const curable = new Set([401, 403, 404]);

/** Keeps its token for as long as it lives. */
export class Session {
  readonly #http: HttpClient;
  readonly #server: Server;
  #challenges: readonly Challenge[] = [];
  #candidates: (Credential | undefined)[] | undefined;
  #trouble: RegistryError | undefined;
  #current: { readonly credential: Credential | undefined; readonly header: string } | undefined;
  #isSettled = false;
  #best: RegistryError | undefined;

  constructor(http: HttpClient, server: Server) {
    this.#http = http;
    this.#server = server;
  }

  /** The one in use; undefined where none is. */
  get credential(): Credential | undefined {
    return this.#current?.credential;
  }

  /** An answer of 2xx, to be disposed of. Throws a RegistryError. */
  async send(ask: RepositoryRequest, signal: AbortSignal): Promise<HttpAnswer> {
    for (let renewals = 0; ;) {
      const answer = await this.#http.send(this.#asked(ask), signal);
      if (answer.status >= 200 && answer.status <= 299) {
        this.#isSettled = true;
        return answer;
      }
      const error = await this.#refusal(ask, answer);
      if (this.#isSettled) {
        renewals += 1;
        if (renewals > 1 || answer.status !== 401 || !(await this.#renew(answer, signal))) throw error;
      } else if (!(await this.#tryNext(answer, error, signal))) throw this.#conclusion(error);
    }
  }

  #asked({ method, path, headers = {} }: RepositoryRequest): HttpRequest {
    const { repositoryUrl, innermost } = this.#server;
    const authorization = this.#current && { authorization: this.#current.header };
    return { method, url: new URL(repositoryUrl + path), headers, innermost, ...authorization };
  }

  /** A token may expire during a long pull. */
  async #renew(answer: HttpAnswer, signal: AbortSignal): Promise<boolean> {
    this.#challenges = parseChallenges(answer.header('www-authenticate'));
    const header = await this.#authorize(this.#current?.credential, signal);
    this.#current = header === undefined ? undefined : { credential: this.#current?.credential, header };
    return header !== undefined;
  }

  async #tryNext(answer: HttpAnswer, error: RegistryError, signal: AbortSignal): Promise<boolean> {
    if (!curable.has(answer.status)) return false;
    this.#remember(error);
    const challenges = answer.status === 401 ? parseChallenges(answer.header('www-authenticate')) : [];
    if (challenges.length > 0) this.#challenges = challenges;
    if (this.#challenges.length === 0) return false;
    this.#candidates ??= await this.#load(signal);
    while (this.#candidates.length > 0) {
      const credential = this.#candidates.shift();
      const header = await this.#authorize(credential, signal).catch((cause: unknown) => this.#skip(cause));
      if (header === undefined) continue;
      this.#current = { credential, header };
      return true;
    }
    return false;
  }

  /** Anonymous access comes last: a public image needs no valid credential. */
  async #load(signal: AbortSignal): Promise<(Credential | undefined)[]> {
    const { found, trouble } = await this.#server.credentials(signal);
    this.#trouble = trouble;
    return [...found.slice(0, candidateLimit), undefined];
  }

  async #authorize(credential: Credential | undefined, signal: AbortSignal): Promise<string | undefined> {
    const { repository, innermost, repositoryUrl } = this.#server;
    const registry = { url: new URL(repositoryUrl), innermost };
    const question = { challenges: this.#challenges, credential, registry, repository };
    return await authorize(this.#http, question, signal);
  }

  /** Only an error that depends on the credential is a reason to try the next one. */
  #skip(cause: unknown): undefined {
    if (!(cause instanceof RegistryError) || !rankedCodes.includes(cause.code)) throw cause;
    this.#remember(cause);
  }

  /** The error of the credential that came furthest says the most. */
  #remember(error: RegistryError): void {
    if (rankOf(error) >= rankOf(this.#best)) this.#best = error;
  }

  #conclusion(last: RegistryError): RegistryError {
    const error = this.#best ?? last;
    return this.#trouble && rankOf(error) > 0
      ? error.withMessage(`${error.message}; ${this.#trouble.message}`)
      : error;
  }

  async #refusal(ask: RepositoryRequest, answer: HttpAnswer): Promise<RegistryError> {
    using _ = answer;
    const said = ask.method === 'HEAD' ? '' : await saidIn(answer);
    const { host, repository } = this.#server;
    const name = ask.path.slice(ask.path.indexOf('/') + 1);
    const what = `${repository}${name.includes(':') ? '@' : ':'}${name}`;
    const sentence = sentenceOf(answer.status, host, what, this.#current?.credential !== undefined);
    const message = said === '' ? sentence : `${sentence} (it says: ${said})`;
    return new RegistryError(codeOfStatus(answer.status), message);
  }
}

const rankedCodes: readonly RegistryErrorCode[] = ['unauthorized', 'forbidden', 'notFound', 'badAnswer'];

function rankOf(error: RegistryError | undefined): number {
  return error ? rankedCodes.indexOf(error.code) + 1 : -1;
}

function sentenceOf(status: number, host: string, what: string, hasCredential: boolean): string {
  if (status === 404) return `${host} has no ${what}, or does not show it to us`;
  if (status !== 401 && status !== 403) return `${host} answers ${status} for ${what}`;
  return hasCredential
    ? `${host} refuses ${what} with these credentials: check the pull secret or docker config`
    : `${host} refuses ${what} without credentials: add a pull secret, a docker config or a credential provider`;
}

/** Registries explain errors in JSON; the HTML of a proxy is left out. */
async function saidIn(answer: HttpAnswer): Promise<string> {
  const bytes = await readBounded(answer.body, errorLimitBytes, 'an error').catch(() => Buffer.alloc(0));
  const [first] = listAt(objectAt(jsonIn(bytes))['errors']);
  const { code, message } = objectAt(first);
  return printableLine([textOf(code), textOf(message)].filter((text) => text !== '').join(': '));
}
