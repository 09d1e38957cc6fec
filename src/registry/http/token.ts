// Turns a challenge and a credential into an Authorization header.

import { textOf } from '../../engine/platform/data/field.ts';
import { readBounded } from './bounded.ts';
import type { Challenge } from './challenge.ts';
import type { Credential } from '../credentials/credential.ts';
import { codeOfStatus, RegistryError } from '../error.ts';
import { parseFields } from '../json.ts';
import type { HttpAnswer, HttpRequest, HttpClient } from './http.ts';

type TokenQuestion = {
  readonly challenges: readonly Challenge[];
  /** Undefined: anonymously. */
  readonly credential: Credential | undefined;
  /** The registry that asks, and how it was asked. */
  readonly registry: Pick<HttpRequest, 'url' | 'innermost'>;
  readonly repository: string;
};

const clientId = 'rootcause';
const answerLimitBytes = 256 * 1024;
const tokenForm = /^[\x21-\x7e]{1,65536}$/;

/** The Authorization header; undefined when the credential does not fit what is asked for. Throws a RegistryError. */
export async function authorize(
  http: HttpClient,
  question: TokenQuestion,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { credential, challenges } = question;
  const bearer = challenges.find(({ is }) => is === 'bearer');
  if (credential?.is === 'bearer' && bearer) return `Bearer ${checked(credential.token, question)}`;
  if (bearer?.is === 'bearer') return `Bearer ${await tokenFor(http, bearer, question, signal)}`;
  const isBasic = challenges.some(({ is }) => is === 'basic');
  return isBasic && credential?.is === 'basic' ? basic(credential) : undefined;
}

type Bearer = Extract<Challenge, { readonly is: 'bearer' }>;

async function tokenFor(
  http: HttpClient,
  challenge: Bearer,
  question: TokenQuestion,
  signal: AbortSignal,
): Promise<string> {
  const ask = tokenAsk(realmOf(challenge, question), challenge, question, http.kindOf(question.registry.url));
  using answer = await http.send(ask, signal);
  if (answer.status < 200 || answer.status > 299) throw refusal(answer, question);
  const about = `the token from ${ask.url.host}`;
  const fields = parseFields(await readBounded(answer.body, answerLimitBytes, about), about);
  return checked(textOf(fields['token']) || textOf(fields['access_token']), question);
}

/** Credentials go to the realm, so it must be as well protected as the registry. */
function realmOf({ realm }: Bearer, { registry: { url } }: TokenQuestion): URL {
  const address = URL.parse(realm);
  const isPlain = address?.protocol === 'http:' && url.protocol === 'http:';
  if (!address || address.username !== '' || address.password !== '')
    throw new RegistryError('badAnswer', `${url.host} names an invalid address for tokens`);
  if (address.protocol !== 'https:' && !isPlain)
    throw new RegistryError(
      'refusedAddress',
      `${url.host} wants a token over plain HTTP from ${address.host}`,
    );
  return address;
}

function tokenAsk(
  realm: URL,
  { service, scope }: Bearer,
  { credential, registry, repository }: TokenQuestion,
  kind: HttpRequest['innermost'],
): HttpRequest {
  const innermost = realm.origin === registry.url.origin ? registry.innermost : kind;
  const wanted = {
    ...(service !== '' && { service }),
    scope: scope || `repository:${repository}:pull`,
  };
  if (credential?.is === 'token') {
    const form = {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: credential.identityToken,
    };
    const body = new URLSearchParams({ ...wanted, ...form }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    return { method: 'POST', url: realm, headers, body, innermost };
  }
  const url = new URL(realm);
  for (const [key, value] of Object.entries(wanted)) url.searchParams.set(key, value);
  const authorization = credential?.is === 'basic' ? { authorization: basic(credential) } : {};
  return { method: 'GET', url, headers: { accept: 'application/json' }, innermost, ...authorization };
}

function basic({ username, password }: Extract<Credential, { readonly is: 'basic' }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** Only characters that a header allows; the value itself is in no message. */
function checked(token: string, { registry }: TokenQuestion): string {
  if (tokenForm.test(token)) return token;
  throw new RegistryError('badAnswer', `the token for ${registry.url.host} is empty or malformed`);
}

function refusal(answer: HttpAnswer, { registry }: TokenQuestion): RegistryError {
  const code = answer.status === 400 ? 'unauthorized' : codeOfStatus(answer.status);
  const message = `${answer.url.host} gives no token for ${registry.url.host} (${answer.status})`;
  return new RegistryError(code, message);
}
