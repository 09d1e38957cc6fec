import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { Platform } from '../engine/model/image.ts';
import { blob, image, index, indexType, layer, type BuiltImage } from '../../test/registry/image.ts';
import { RegistryServer } from '../../test/registry/registry-server.ts';
import { answers, isBlob, isManifest, redirectsBlobs, sends } from '../../test/registry/stories.ts';
import type { AddressKind } from './http/address.ts';
import { parseRegistryOptions } from './options.ts';
import { readLayers } from './layers/read-layers.ts';
import { parseReference, type ImageReference } from '../engine/platform/image/image-reference.ts';
import { Registry, type RegistrySettings } from './registry.ts';

const never = new AbortController().signal;
const amd64: Platform = { os: 'linux', architecture: 'amd64' };
const open: { close: () => Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (each) => await each.close()));
});

async function serverWith(built: BuiltImage = shop): Promise<RegistryServer> {
  const server = await new RegistryServer().listen();
  open.push(server);
  server.push('shop/web', '1', built);
  return server;
}

/** Pauses between attempts are short, whatever chance says. */
function registryWith(settings: RegistrySettings = {}): Registry {
  const registry = new Registry({ random: () => 0, ...settings });
  open.push(registry);
  return registry;
}

function reference(text: string): ImageReference {
  const found = parseReference(text);
  if (!found) throw new Error(`${text} is not a reference`);
  return found;
}

function web({ host }: RegistryServer): ImageReference {
  return reference(`${host}/shop/web:1`);
}

/** Opens it and reads all of it. */
async function readAll(
  registry: Registry,
  of: ImageReference,
  signal = never,
): Promise<{ readonly answer: number }> {
  const found = await registry.open(of, amd64, signal);
  const decide = (layers: readonly unknown[], isWhole: boolean) =>
    isWhole ? ({ is: 'answer', answer: layers.length } as const) : ({ is: 'nextLayer' } as const);
  return await readLayers(found, { paths: ['etc/passwd'], decide }, {}, signal);
}

const shop = image([layer([{ name: 'etc/passwd', content: 'x' }]), layer([{ name: 'y' }], 'zstd')], {
  user: 'app',
});

describe('Registry', () => {
  test('opens an image by its tag, and its layers as they are read', async () => {
    const server = await serverWith();
    const registry = registryWith();
    const found = await registry.open(web(server), amd64, never);
    expect(found).toMatchObject({
      digest: shop.manifest.digest,
      config: { user: 'app' },
    });
    expect(found).not.toHaveProperty('indexDigest');
    expect(found.layers.map(({ digest }) => digest)).toEqual(shop.layers.map(({ digest }) => digest));
    expect(found.layers.map(({ diffId }) => diffId)).toEqual(shop.layers.map(({ diffId }) => diffId));
    expect(server.asked.filter(({ path }) => path.includes('/blobs/'))).toHaveLength(1);
    await expect(readAll(registry, web(server))).resolves.toMatchObject({ answer: 2, layersRead: 2 });
  });

  test('opens Docker schema 2, and an image by its digest', async () => {
    const docker = image(shop.layers, { user: '7', format: 'docker' });
    const server = await serverWith(docker);
    const registry = registryWith();
    const byDigest = reference(`${server.host}/shop/web:other@${docker.manifest.digest}`);
    await expect(registry.open(byDigest, amd64, never)).resolves.toMatchObject({ config: { user: '7' } });
    expect(server.asked[0]?.path).toContain(docker.manifest.digest);
  });

  test('reads which digest a tag means now: the index where there is one', async () => {
    const server = await serverWith();
    const list = index([{ of: shop.manifest, platform: amd64 }]);
    server.pushManifest('shop/web', 'multi', list);
    const registry = registryWith();
    await expect(registry.digestNow(web(server), never)).resolves.toBe(shop.manifest.digest);
    await expect(registry.digestNow(reference(`${server.host}/shop/web:multi`), never)).resolves.toBe(
      list.digest,
    );
  });

  test('takes a digest from a header without fetching the manifest', async () => {
    const server = await serverWith();
    const digest = blob('elsewhere').digest;
    server.play(answers(200, { headers: { 'docker-content-digest': digest } }));
    await expect(registryWith().digestNow(web(server), never)).resolves.toBe(digest);
    expect(server.asked.map(({ method }) => method)).toEqual(['HEAD']);
  });

  test('chooses from an index by platform, and passes over attestations', async () => {
    const arm = image([], { user: 'arm', architecture: 'arm64' });
    const note = image([], { os: 'unknown', architecture: 'unknown' });
    const list = index([
      { of: note.manifest, platform: { os: 'unknown', architecture: 'unknown' } },
      { of: arm.manifest, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
      { of: shop.manifest, platform: amd64 },
    ]);
    const server = await serverWith();
    server.push('shop/web', 'arm', arm);
    server.pushManifest('shop/web', '1', list);
    const registry = registryWith();
    await expect(registry.open(web(server), amd64, never)).resolves.toMatchObject({
      digest: shop.manifest.digest,
      indexDigest: list.digest,
    });
    const arm64 = { os: 'linux', architecture: 'arm64' };
    await expect(registry.open(web(server), arm64, never)).resolves.toMatchObject({
      config: { user: 'arm' },
    });
    await expect(
      registry.open(web(server), { os: 'linux', architecture: 's390x' }, never),
    ).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/no image for linux\/s390x; it has linux\/arm64, linux\/amd64/),
    });
    await expect(registry.open(web(server), undefined, never)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('a platform must be named'),
    });
    expect(server.asked.some(({ path }) => path.includes(note.manifest.digest))).toBe(false);
  });

  test('opens the only image of an index without a platform', async () => {
    const server = await serverWith();
    const note = { of: blob('{}'), platform: { os: 'unknown', architecture: 'unknown' } };
    server.pushManifest('shop/web', '1', index([{ of: shop.manifest, platform: amd64 }, note]));
    await expect(registryWith().open(web(server), undefined, never)).resolves.toMatchObject({
      digest: shop.manifest.digest,
    });
  });

  test('reads the config where an index names no platform', async () => {
    const arm = image([], { architecture: 'arm64' });
    const server = await serverWith();
    server.push('shop/web', 'arm', arm);
    server.pushManifest('shop/web', '1', index([{ of: arm.manifest }, { of: shop.manifest }]));
    await expect(registryWith().open(web(server), amd64, never)).resolves.toMatchObject({
      digest: shop.manifest.digest,
    });
  });

  test('follows indexes within indexes, to a bounded depth', async () => {
    const server = await serverWith();
    const within = (depth: number): string => {
      let inner = index([{ of: shop.manifest, platform: amd64 }]);
      for (let at = 1; at < depth; at += 1) {
        server.pushManifest('shop/web', `d${at}`, inner);
        inner = index([{ of: inner, mediaType: indexType, platform: amd64 }]);
      }
      server.pushManifest('shop/web', 'deep', inner);
      return `${server.host}/shop/web:deep`;
    };
    const registry = registryWith();
    await expect(registry.open(reference(within(3)), amd64, never)).resolves.toMatchObject({
      digest: shop.manifest.digest,
    });
    await expect(registry.open(reference(within(4)), amd64, never)).rejects.toMatchObject({
      code: 'tooDeep',
    });
  });

  test('says why it cannot read schema 1, an artifact or a foreign layer', async () => {
    const server = await serverWith();
    server.pushManifest('shop/web', 'old', blob(JSON.stringify({ schemaVersion: 1, fsLayers: [] })));
    const chart = { mediaType: 'application/vnd.cncf.helm.config.v1+json', digest: blob('').digest, size: 0 };
    server.pushManifest(
      'shop/web',
      'chart',
      blob(JSON.stringify({ schemaVersion: 2, config: chart, layers: [] })),
    );
    const [first, second] = shop.layers;
    const foreign = image([
      { ...first!, mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' },
      second!,
    ]);
    server.push('shop/web', 'foreign', foreign);
    const registry = registryWith();
    for (const tag of ['old', 'chart'])
      await expect(
        registry.open(reference(`${server.host}/shop/web:${tag}`), amd64, never),
      ).rejects.toMatchObject({ code: 'unsupported' });
    await expect(readAll(registry, reference(`${server.host}/shop/web:foreign`))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('kept elsewhere'),
    });
  });

  test('reads on when the wall clock is set back an hour, under a bound on bytes per minute', async () => {
    const server = await serverWith();
    const registry = registryWith({ limits: { bytesPerMinute: 64 * 1024 * 1024 } });
    await registry.open(web(server), amd64, never);
    const wall = Date.now.bind(Date);
    const stepped = jest.spyOn(Date, 'now').mockImplementation(() => wall() - 3_600_000);
    await expect(readAll(registry, web(server), AbortSignal.timeout(4_000))).resolves.toMatchObject({
      answer: 2,
    });
    stepped.mockRestore();
  });

  test('asks mirrors first, under their own path, and passes over those that fail', async () => {
    const origin = await serverWith();
    const mirror = await serverWith(image([], { user: 'mirrored' }));
    const broken = await serverWith();
    broken.play(answers(403));
    const built = image([], { user: 'mirrored' });
    mirror.push('hub/shop/web', '1', built);
    const hosts = parseRegistryOptions(
      `hosts: {"${origin.host}": {mirrors: ["${broken.origin}", "${mirror.origin}/hub"]}}`,
    );
    await expect(registryWith({ hosts }).open(web(origin), amd64, never)).resolves.toMatchObject({
      config: { user: 'mirrored' },
    });
    expect(broken.asked).not.toEqual([]);
    expect(mirror.asked[0]?.path).toBe('/v2/hub/shop/web/manifests/1');
    expect(origin.asked).toEqual([]);
    mirror.play(answers(500));
    const impatient = registryWith({ hosts, limits: { retries: 0 } });
    await expect(impatient.open(web(origin), amd64, never)).resolves.toMatchObject({
      config: { user: 'app' },
    });
  });

  test('ends requests under way when it is aborted', async () => {
    const server = await serverWith();
    const { promise, resolve } = Promise.withResolvers<void>();
    server.play(sends(isManifest, () => resolve()));
    const controller = new AbortController();
    const opening = registryWith().open(web(server), amd64, controller.signal);
    await promise;
    controller.abort();
    await expect(opening).rejects.toMatchObject({ code: 'aborted', temporary: false });
  });

  test('gives slots back, whatever came of their requests', async () => {
    const server = await serverWith();
    server.play(answers(404, { fits: isBlob, times: 1 }), answers(401, { fits: isBlob, times: 1 }));
    const registry = registryWith({ limits: { concurrency: 1, retries: 0 } });
    for (const code of ['notFound', 'unauthorized'])
      await expect(registry.open(web(server), amd64, never)).rejects.toMatchObject({ code });
    const found = await registry.open(web(server), amd64, never);
    const stream = found.layer(found.layers[0]!, never)[Symbol.asyncIterator]();
    await stream.next();
    await stream.return?.();
    await expect(readAll(registry, web(server))).resolves.toMatchObject({ answer: 2 });
  });

  test('retries temporary failures, and reports a registry that cannot be reached', async () => {
    const server = await serverWith();
    server.play(answers(503, { times: 1 }));
    const registry = registryWith();
    await registry.digestNow(web(server), never);
    expect(server.asked).toHaveLength(3);
    await expect(registry.open(reference('127.0.0.1:1/x'), amd64, never)).rejects.toMatchObject({
      code: 'unreachable',
    });
  });
});

describe('a redirect', () => {
  test('is followed to where the bytes are', async () => {
    const store = await serverWith();
    const server = await serverWith();
    server.play(redirectsBlobs(({ pathname }) => `${store.origin}${pathname}?signature=x`));
    await expect(readAll(registryWith(), web(server))).resolves.toMatchObject({ answer: 2 });
    expect(store.asked.every(({ path }) => path.endsWith('?signature=x'))).toBe(true);
  });

  test('is followed five times and not six', async () => {
    const server = await serverWith();
    let left = 5;
    server.play((exchange) => left > 0 && redirectsBlobs((url) => ((left -= 1), url.pathname))(exchange));
    const registry = registryWith();
    await expect(registry.open(web(server), amd64, never)).resolves.toBeDefined();
    left = 6;
    await expect(registry.open(web(server), amd64, never)).rejects.toMatchObject({
      code: 'badAnswer',
      message: expect.stringContaining('redirects more than 5 times'),
    });
  });

  test.each([
    ['http://169.254.169.254/latest/meta-data', 'refusedAddress'],
    ['http://[fe80::1]/x', 'refusedAddress'],
    ['http://[::ffff:169.254.169.254]/x', 'refusedAddress'],
    ['file:///etc/passwd', 'badAnswer'],
    ['http://user:password@127.0.0.1/', 'badAnswer'],
    ['http://[', 'badAnswer'],
    ['', 'badAnswer'],
  ])('to %j is not followed', async (location, code) => {
    const server = await serverWith();
    server.play(redirectsBlobs(() => location));
    const registry = registryWith({ limits: { retries: 0 } });
    await expect(registry.open(web(server), amd64, never)).rejects.toMatchObject({ code });
  });

  test.each(['127.0.0.1', 'localhost'])('from the outside does not lead inside, to %s', async (inside) => {
    // On this machine, 127.0.0.2 stands for the world.
    const kindOf = (address: string): AddressKind => (address === '127.0.0.2' ? 'public' : 'private');
    const secret = await serverWith();
    const server = await new RegistryServer('127.0.0.2').listen();
    open.push(server);
    server.push('shop/web', '1', shop);
    server.play(redirectsBlobs(() => `${secret.origin.replace('127.0.0.1', inside)}/secret`));
    await expect(registryWith({ kindOf }).open(web(server), amd64, never)).rejects.toMatchObject({
      code: 'refusedAddress',
      temporary: false,
    });
    expect(secret.asked).toEqual([]);
  });

  test('within the inside is followed', async () => {
    const store = await serverWith();
    const server = await serverWith();
    server.play(redirectsBlobs(({ pathname }) => `${store.origin}${pathname}`));
    const registry = registryWith({ kindOf: () => 'private' });
    await expect(registry.open(web(server), amd64, never)).resolves.toMatchObject({
      config: { user: 'app' },
    });
  });
});
