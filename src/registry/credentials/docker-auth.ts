// One entry of a docker config: a credential in one of several forms.

import { isObject, type Fields } from '../../engine/platform/data/field.ts';
import type { Credential } from './credential.ts';
import { fieldOf } from '../json.ts';

/**
 * The entry's credential, undefined where there is none. An identity token goes before a registry token, and that
 * before a password; `auth` outweighs `username` and `password`. Throws what `say` returns for an entry that is wrong.
 */
export function readDockerAuth(entry: unknown, say: (sentence: string) => Error): Credential | undefined {
  if (entry === null) return undefined;
  if (!isObject(entry)) throw say('it must be an object with auth, or with username and password');
  const text = (name: string): string => textFieldOf(entry, name, say);
  const auth = text('auth');
  const { username, password } =
    auth === '' ? { username: text('username'), password: text('password') } : decode(auth, say);
  const identityToken = text('identitytoken').trim();
  const token = text('registrytoken').trim();
  if (identityToken) return { is: 'token', identityToken, ...(username && { username }) };
  if (token) return { is: 'bearer', token };
  return username || password ? { is: 'basic', username, password } : undefined;
}

function textFieldOf(entry: Fields, name: string, say: (sentence: string) => Error): string {
  const value = fieldOf(entry, name) ?? '';
  if (typeof value !== 'string') throw say(`${name} must be text`);
  return value;
}

const base64Form = /^[A-Za-z0-9+/]+={0,2}$/;

function decode(auth: string, say: (sentence: string) => Error): { username: string; password: string } {
  const compact = auth.replaceAll(/\s+/g, '');
  const bytes = base64Form.test(compact) ? Buffer.from(compact, 'base64') : Buffer.alloc(0);
  const pair = bytes.toString('utf8');
  bytes.fill(0);
  const colon = pair.indexOf(':');
  if (colon < 0) throw say('auth must be the base64 form of USERNAME:PASSWORD');
  return { username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}
