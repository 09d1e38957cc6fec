import { afterEach, describe, expect, test } from '@jest/globals';
import { image, layer } from '../../../test/registry/image.ts';
import { RegistryServer } from '../../../test/registry/registry-server.ts';
import {
  answers,
  isBlob,
  isManifest,
  redirectsBlobs,
  wantsPassword,
  wantsToken,
} from '../../../test/registry/stories.ts';
import type { AddressKind } from './address.ts';
import type { Credential, CredentialSource } from '../credentials/credential.ts';
import { RegistryError } from '../error.ts';
import { parseRegistryOptions } from '../options.ts';
import { readLayers } from '../layers/read-layers.ts';
import { parseReference, type ImageReference } from '../../engine/platform/image/image-reference.ts';
import { Registry, type RegistrySettings } from '../registry.ts';

const never = new AbortController().signal;
const shop = image([layer([{ name: 'a' }])], { user: 'app' });
const app: Credential = { is: 'basic', username: 'app', password: 'hunter2' };
const other: Credential = { is: 'basic', username: 'other', password: 'swordfish' };
const appBasic = `Basic ${Buffer.from('app:hunter2').toString('base64')}`;
const open: { close: () => Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (each) => await each.close()));
});

async function serverWith(address?: string): Promise<RegistryServer> {
  const server = await new RegistryServer(address).listen();
  open.push(server);
  server.push('x', '1', shop);
  return server;
}

function registryWith(credentials: readonly Credential[], settings: RegistrySettings = {}): Registry {
  const registry = new Registry({ credentials: [async () => credentials], random: () => 0, ...settings });
  open.push(registry);
  return registry;
}

function imageAt({ host }: RegistryServer): ImageReference {
  return parseReference(`${host}/x:1`) ?? { host: '', repository: '' };
}

async function readAll(registry: Registry, server: RegistryServer): Promise<number> {
  const found = await registry.open(imageAt(server), undefined, never);
  const decide = (layers: readonly unknown[], isWhole: boolean) =>
    isWhole ? ({ is: 'answer', answer: layers.length } as const) : ({ is: 'nextLayer' } as const);
  return (await readLayers(found, { paths: [], decide }, {}, never)).answer;
}

async function failure(registry: Registry, server: RegistryServer): Promise<RegistryError> {
  const error: unknown = await registry
    .open(imageAt(server), undefined, never)
    .catch((caught: unknown) => caught);
  if (error instanceof RegistryError) return error;
  throw new Error(`no RegistryError: ${String(error)}`);
}

describe('a registry that wants a token', () => {
  test('gets one without credentials, once for a whole pull', async () => {
    const server = await serverWith();
    server.play(wantsToken({}));
    expect(await readAll(registryWith([]), server)).toBe(1);
    const tokens = server.asked.filter(({ path }) => path.startsWith('/token'));
    expect(tokens).toEqual([
      { method: 'GET', path: '/token?service=the+service&scope=repository%3Ax%3Apull', authorization: '' },
    ]);
  });

  test('gets one with a name and a password, which go nowhere else', async () => {
    const server = await serverWith();
    server.play(wantsToken({ gives: (proof) => (proof === appBasic ? 'for-app' : undefined) }));
    expect(await readAll(registryWith([app]), server)).toBe(1);
    const shown = server.asked.filter(({ path }) => !path.startsWith('/token'));
    expect(new Set(shown.map(({ authorization }) => authorization))).toEqual(new Set(['', 'Bearer for-app']));
  });

  test('gets one for a refresh token, sent in a form', async () => {
    const server = await serverWith();
    const gives = (proof: string): string | undefined => (proof === 'refresh-me' ? 'fresh' : undefined);
    server.play(wantsToken({ gives, field: 'access_token' }));
    expect(await readAll(registryWith([{ is: 'token', identityToken: 'refresh-me' }]), server)).toBe(1);
    expect(server.asked.find(({ path }) => path.startsWith('/token'))).toEqual({
      method: 'POST',
      path: '/token',
      authorization: '',
    });
  });

  test('is shown a bearer token as it is', async () => {
    const server = await serverWith();
    server.play(wantsToken({ gives: () => undefined }));
    server.play();
    const registry = registryWith([{ is: 'bearer', token: 'mine' }]);
    await failure(registry, server);
    expect(server.asked.map(({ authorization }) => authorization)).toContain('Bearer mine');
  });

  test('is asked for another token when one ends within a pull', async () => {
    const server = await serverWith();
    server.play(wantsToken({ uses: 2 }));
    expect(await readAll(registryWith([]), server)).toBe(1);
    expect(server.asked.filter(({ path }) => path.startsWith('/token'))).toHaveLength(2);
  });

  test('is asked a bounded number of times when no token is accepted', async () => {
    const server = await serverWith();
    server.play(wantsToken({ uses: 0 }));
    expect(await failure(registryWith([app, other]), server)).toMatchObject({
      code: 'unauthorized',
      temporary: false,
    });
    expect(server.asked.length).toBeLessThan(10);
  });

  test('tries each credential, the best first, and then anonymous access', async () => {
    const server = await serverWith();
    server.play(wantsToken({ gives: (proof) => (proof === '' ? 'for-anybody' : undefined) }));
    expect(await readAll(registryWith([app, other]), server)).toBe(1);
    const proofs = server.asked
      .filter(({ path }) => path.startsWith('/token'))
      .map(({ authorization }) => authorization);
    expect(proofs).toEqual([appBasic, expect.stringMatching(/^Basic /), '']);
  });

  test('tries the next credential when the first may not see the image', async () => {
    const server = await serverWith();
    server.play(({ request, response }) => {
      if (request.headers.authorization !== 'Bearer of-app') return false;
      response.writeHead(404).end();
      return true;
    });
    server.play(wantsToken({ gives: (proof) => (proof === appBasic ? 'of-app' : 'of-other') }));
    expect(await readAll(registryWith([app, other]), server)).toBe(1);
  });

  test.each([
    ['http://169.254.169.254/token', 'refusedAddress'],
    ['http://user:password@127.0.0.1/token', 'badAnswer'],
    ['/token', 'badAnswer'],
    ['ftp://127.0.0.1/token', 'refusedAddress'],
  ])('is not followed to the realm %s', async (realm, code) => {
    const server = await serverWith();
    server.play(wantsToken({ realm }));
    expect(await failure(registryWith([app], { limits: { retries: 0 } }), server)).toMatchObject({ code });
  });

  test('does not make us show credentials inside when it stands outside', async () => {
    const inside = await serverWith('127.0.0.3');
    const server = await serverWith('127.0.0.2');
    server.play(wantsToken({ realm: `${inside.origin}/token` }));
    const kindOf = (address: string): AddressKind => (address === '127.0.0.2' ? 'public' : 'private');
    expect(await failure(registryWith([app], { kindOf }), server)).toMatchObject({ code: 'refusedAddress' });
    expect(inside.asked).toEqual([]);
  });

  test.each(['', 'with spaces', 'with\r\nx-injected: yes', 7, null])(
    'is refused when its token is %j',
    async (token) => {
      const server = await serverWith();
      server.play(({ url, response }) => {
        if (url.pathname !== '/token') return false;
        response.end(JSON.stringify({ token }));
        return true;
      });
      server.play(wantsToken({}));
      expect(await failure(registryWith([]), server)).toMatchObject({ code: 'badAnswer' });
    },
  );
});

describe('a registry that wants a password', () => {
  test('gets it with every request', async () => {
    const server = await serverWith();
    server.play(wantsPassword('app', 'hunter2'));
    expect(await readAll(registryWith([other, app]), server)).toBe(1);
  });

  test('gets no credential of the wrong kind', async () => {
    const server = await serverWith();
    server.play(wantsPassword('app', 'hunter2'));
    const error = await failure(registryWith([{ is: 'token', identityToken: 'secret' }]), server);
    expect(error).toMatchObject({ code: 'unauthorized' });
    expect(server.asked.every(({ authorization }) => authorization === '')).toBe(true);
  });
});

describe('credentials', () => {
  test('do not follow a redirect to another server, and do not come back with it', async () => {
    const server = await serverWith();
    const elsewhere = await serverWith();
    elsewhere.play(redirectsBlobs(({ pathname }) => `${server.origin}/back${pathname}`));
    server.play(({ url, response, request }) => {
      if (!url.pathname.startsWith('/back')) return false;
      expect(request.headers.authorization).toBeUndefined();
      response.end(shop.config.bytes);
      return true;
    });
    server.play(wantsPassword('app', 'hunter2'));
    server.play(redirectsBlobs(({ pathname }) => `${elsewhere.origin}${pathname}`));
    await expect(registryWith([app]).open(imageAt(server), undefined, never)).resolves.toMatchObject({
      config: { user: 'app' },
    });
    expect(elsewhere.asked).toHaveLength(1);
    expect(elsewhere.asked.every(({ authorization }) => authorization === '')).toBe(true);
    expect(server.asked.filter(({ path }) => path.startsWith('/back'))).toHaveLength(1);
  });

  test('are asked for by the name of the server that will see them', async () => {
    const mirror = await serverWith();
    const origin = await serverWith();
    for (const server of [mirror, origin]) server.play(wantsPassword('nobody', 'x'));
    const hosts = parseRegistryOptions(`hosts: {"${origin.host}": {mirrors: ["${mirror.origin}/m"]}}`);
    const askedFor: string[] = [];
    const source: CredentialSource = async ({ host, repository }) => {
      askedFor.push(`${host}/${repository}`);
      return host === origin.host ? [app] : [];
    };
    await failure(registryWith([], { hosts, credentials: [source] }), origin);
    expect(askedFor).toEqual([`${mirror.host}/m/x`, `${origin.host}/x`]);
    expect(mirror.asked.every(({ authorization }) => authorization === '')).toBe(true);
  });

  test('are not read while no server asks for them', async () => {
    const server = await serverWith();
    const asks: string[] = [];
    const source: CredentialSource = async ({ host }) => {
      asks.push(host);
      return [app];
    };
    expect(await readAll(registryWith([], { credentials: [source] }), server)).toBe(1);
    expect(asks).toEqual([]);
  });

  test('of one source are tried though another source fails, and the failure is reported when nothing works', async () => {
    const server = await serverWith();
    server.play(wantsPassword('app', 'hunter2'));
    const failing: CredentialSource = async () => {
      throw new RegistryError('badCredentials', 'the pull secret shop/pull is not JSON');
    };
    expect(await readAll(registryWith([], { credentials: [failing, async () => [app]] }), server)).toBe(1);
    const error = await failure(registryWith([], { credentials: [failing, async () => [other]] }), server);
    expect(error).toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('shop/pull is not JSON'),
    });
  });

  test('are tried up to a number, and each once', async () => {
    const server = await serverWith();
    server.play(wantsPassword('app', 'hunter2'));
    const many = Array.from({ length: 100 }, (_, at): Credential => ({
      is: 'basic',
      username: `u${at}`,
      password: 'p',
    }));
    await failure(registryWith(many), server);
    expect(server.asked).toHaveLength(17);
  });

  test('are in no error and in none of its causes', async () => {
    const server = await serverWith();
    server.play(wantsToken({ gives: () => undefined }));
    const error = await failure(registryWith([app, { is: 'token', identityToken: 'secret-token' }]), server);
    const everything = [error.message, error.stack, String(error.cause), JSON.stringify(error)].join();
    for (const secret of ['hunter2', 'secret-token', appBasic.slice(6)])
      expect(everything).not.toContain(secret);
  });
});

describe('a refusal', () => {
  test.each([
    [401, 'unauthorized', /without credentials: add a pull secret/],
    [403, 'forbidden', /without credentials/],
    [404, 'notFound', /has no x:1, or does not show it to us \(it says: CODE_404: as the story goes\)/],
    [400, 'badAnswer', /answers 400/],
  ])('of %d names the server, the image and what to do', async (status, code, message) => {
    const server = await serverWith();
    server.play(answers(status, { fits: isManifest }));
    const error = await failure(registryWith([]), server);
    expect(error).toMatchObject({ code, temporary: false });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(server.host);
  });

  test('with credentials says that they are refused', async () => {
    const server = await serverWith();
    server.play(wantsPassword('app', 'other'));
    expect((await failure(registryWith([app]), server)).message).toMatch(/check the pull secret/);
  });

  test('of one layer does not lead to other credentials', async () => {
    const server = await serverWith();
    server.play(wantsPassword('app', 'hunter2'));
    const registry = registryWith([app]);
    const found = await registry.open(imageAt(server), undefined, never);
    server.play(answers(403, { fits: isBlob }));
    const before = server.asked.length;
    await expect(found.layer(found.layers[0]!, never)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(server.asked.length).toBe(before + 1);
  });
});
