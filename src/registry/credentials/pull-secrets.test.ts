import { describe, expect, test } from '@jest/globals';
import { RegistryError } from '../error.ts';
import { pullSecretSource, type PullSecret } from './pull-secrets.ts';

const image = { host: 'r.example', repository: 'team/app' };
const { signal } = new AbortController();
const base64 = (text: string): string => Buffer.from(text).toString('base64');

function secret(name: string, auths: object): PullSecret {
  const text = JSON.stringify({ auths });
  return {
    namespace: 'team',
    name,
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': base64(text) },
  };
}

function oldSecret(name: string, registries: object): PullSecret {
  const data = { '.dockercfg': base64(JSON.stringify(registries)) };
  return { namespace: 'team', name, type: 'kubernetes.io/dockercfg', data };
}

const basic = (username: string): object => ({ username, password: 'hunter2secret' });

async function usersIn(...secrets: readonly PullSecret[]): Promise<readonly string[]> {
  const credentials = await pullSecretSource(async () => secrets)(image, signal);
  return credentials.map((credential) => (credential.is === 'basic' ? credential.username : credential.is));
}

async function troubleWith(read: () => Promise<readonly PullSecret[]>): Promise<RegistryError> {
  const outcome: unknown = await pullSecretSource(read)(image, signal).catch((error: unknown) => error);
  if (outcome instanceof RegistryError) return outcome;
  throw new Error('nothing is wrong with it');
}

describe('pull secrets', () => {
  test('of one host are tried in the order of the pod', async () => {
    expect(
      await usersIn(
        secret('a', { 'r.example': basic('first') }),
        oldSecret('b', { 'https://r.example/v1/': basic('second') }),
      ),
    ).toEqual(['first', 'second']);
  });

  test('for a path come before those for its host, whichever secret holds them', async () => {
    expect(
      await usersIn(
        secret('a', { 'r.example': basic('host'), '*.example': basic('any') }),
        secret('b', { 'r.example/team': basic('team'), 'other.example': basic('other') }),
      ),
    ).toEqual(['team', 'host', 'any']);
  });

  test('of other types, without their key or empty are skipped', async () => {
    const other: PullSecret = { ...secret('a', { 'r.example': basic('a') }), type: 'Opaque' };
    const keyless: PullSecret = {
      ...secret('b', { 'r.example': basic('b') }),
      type: 'kubernetes.io/dockercfg',
    };
    const empty: PullSecret = { ...secret('c', {}), data: { '.dockerconfigjson': '' } };
    expect(await usersIn(other, keyless, empty)).toEqual([]);
  });

  test('that are damaged do not keep the others from being used', async () => {
    const damaged: PullSecret = { ...secret('a', {}), data: { '.dockerconfigjson': base64('{') } };
    expect(await usersIn(damaged, secret('b', { 'r.example': basic('b') }))).toEqual(['b']);
  });

  test('that are damaged are named where nothing else helps', async () => {
    const damaged: PullSecret = {
      ...secret('login', {}),
      data: { '.dockerconfigjson': base64('{"auths": {"r.example": {"auth": "hunter2secret"}}}') },
    };
    const error = await troubleWith(async () => [secret('b', { 'q.example': basic('b') }), damaged]);
    expect(error.code).toBe('badCredentials');
    expect(error.cause).toBeUndefined();
    expect(error.message).toBe(
      'Secret team/login, key .dockerconfigjson: entry 1: auth must be the base64 form of USERNAME:PASSWORD',
    );
  });

  test.each(['%%%', base64('\u0000'), 'A'.repeat(2_000_000)])('hold no JSON: %#', async (value) => {
    const damaged: PullSecret = { ...secret('login', {}), data: { '.dockerconfigjson': value } };
    const error = await troubleWith(async () => [damaged]);
    expect(error.message).toMatch(/^Secret team\/login, key .dockerconfigjson: it is (not a JSON|larger)/);
  });

  test('are read anew for every image, and nothing of them is kept', async () => {
    const users = ['first', 'second'];
    const source = pullSecretSource(async () => [secret('a', { 'r.example': basic(users.shift() ?? '') })]);
    expect(await source(image, signal)).toMatchObject([{ username: 'first' }]);
    expect(await source(image, signal)).toMatchObject([{ username: 'second' }]);
  });

  test('that may not be read are named with what to do, and without the text of the error', async () => {
    const error = await troubleWith(async () => {
      throw Object.assign(new Error('forbidden: hunter2secret'), { code: 'forbidden', temporary: false });
    });
    expect(error.message).toBe(
      'the pull secrets cannot be read (forbidden): see that they exist, and that manifests/options/pull-secrets is applied',
    );
    expect(error.cause).toBeUndefined();
  });

  test('that cannot be read for now may be read later', async () => {
    const error = await troubleWith(async () => {
      throw Object.assign(new Error('x'), { code: 'hunter2 secret', temporary: true });
    });
    expect(error).toMatchObject({ temporary: true, message: 'the pull secrets cannot be read for now' });
  });

  test('are given the signal, and say when it was aborted', async () => {
    const stopped = AbortSignal.abort();
    const source = pullSecretSource(async (given) => {
      given.throwIfAborted();
      return [];
    });
    await expect(source(image, stopped)).rejects.toMatchObject({ code: 'aborted' });
  });
});
