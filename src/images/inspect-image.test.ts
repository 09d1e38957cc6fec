// What the operator reads of an image, how much of it, and what is left when that fails.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { blob, image as built, layer } from '../../test/registry/image.ts';
import type { BuiltImage } from '../../test/registry/image.ts';
import { RegistryServer } from '../../test/registry/registry-server.ts';
import { wantsPassword } from '../../test/registry/stories.ts';
import type { SoughtAccess } from '../engine/model/image.ts';
import type { ImageReading } from '../engine/model/question.ts';
import { LayerCache } from '../registry/layers/layer-cache.ts';
import { Registry } from '../registry/registry.ts';
import { inspectImage, type Inspector } from './inspect-image.ts';
import { SharedAnswers } from './shared-answers.ts';

const MiB = 1024 * 1024;

let server: RegistryServer;
let registry: Registry;

beforeEach(async () => {
  server = await new RegistryServer().listen();
  registry = new Registry({ limits: { retries: 0 } });
  shared = new SharedAnswers(() => 0);
  layerCache = new LayerCache(MiB);
});

afterEach(async () => Promise.all([registry.close(), server.close()]));

const program = { content: '\u007FELF', mode: 0o755 };
const debian = layer([
  { name: 'etc/passwd', content: 'root:x:0:0::/root:/bin/sh\nredis:x:999:998::/:/bin/sh\na:x:10001:1::/:\n' },
  { name: 'etc/group', content: 'root:x:0:\n' },
  { name: 'usr/lib/os-release', content: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n' },
  ...['bin/sh', 'usr/sbin/useradd', 'usr/sbin/groupadd'].map((name) => ({ name, ...program })),
]);
const entrypoint = layer([
  { name: 'entrypoint.sh', content: '#!/bin/sh\nexec gosu redis "$@"\n', mode: 0o755 },
]);

function imageOf(user: string): BuiltImage {
  return built([debian, entrypoint], {
    user,
    config: { Entrypoint: ['/entrypoint.sh'], Volumes: { '/data': {} } },
  });
}

/** The same image, whose bottom layer is said to be larger than it is. */
function saidToHave(bytes: number, { manifest, ...rest }: BuiltImage): BuiltImage {
  const text = manifest.bytes.toString();
  return { ...rest, manifest: blob(text.replace(`"size":${debian.bytes.length}`, `"size":${bytes}`)) };
}

/** As the operator has one for all that it reads. */
let shared: SharedAnswers;
let layerCache: LayerCache;

async function inspect(image: BuiltImage, access?: SoughtAccess, namespace = 'shop'): Promise<ImageReading> {
  server.push('web', '1', image);
  server.asked.length = 0;
  const inspector = {
    registry,
    credentialsFor,
    refusalOf: async () => undefined,
    shared,
    layers: layerCache,
  };
  const question = {
    ask: 'image',
    reference: `${server.host}/web:1`,
    digest: image.manifest.digest,
    namespace,
    serviceAccount: 'default',
    pullSecrets: [],
    ...(access && { access }),
  } as const;
  return inspectImage(question, inspector, new AbortController().signal);
}

/** Layers and the config. */
const blobsAsked = (): number => server.asked.filter(({ path }) => path.includes('/blobs/')).length;

const cure = {
  base: { name: 'Debian GNU/Linux 12 (bookworm)', makesUsersWith: 'useradd', freeId: 10002 },
  droppedUser: { name: 'redis', uid: 999, gid: 998 },
};

describe('an image whose user is', () => {
  test.each(['', '0', '0:0', ':5', 'root', 'ghost', '4294967294', '-1'])(
    '%j is read with what would cure it, and each layer once',
    async (user) => {
      expect(await inspect(imageOf(user))).toMatchObject({ ...cure, is: 'read', volumes: ['/data'] });
      expect(blobsAsked()).toBe(3);
    },
  );

  test.each([
    ['10001', 3],
    ['redis', 3], // risks are looked for in all layers
  ])('%j is not asked for a cure', async (user, blobs) => {
    const reading = await inspect(imageOf(user));
    expect(reading).toMatchObject({ is: 'read', user: { is: 'resolved' }, volumes: ['/data'] });
    expect(reading).not.toHaveProperty('base');
    expect(blobsAsked()).toBe(blobs);
  });
});

describe('of an image that runs as root, only the user is read', () => {
  const asRoot = { is: 'read', user: { is: 'resolved', uid: 0 }, volumes: ['/data'] };

  const notChecked = (detail: unknown) => ({ risks: [{ code: 'NotChecked', detail }] });

  test.each(['', '10001'])('where the layers of USER %j are too large for more', async (user) => {
    const reading = await inspect(saidToHave(2049 * MiB, imageOf(user)));
    expect(reading).toMatchObject({ is: 'read', ...notChecked('the image is larger than 2048 MiB') });
    expect(reading).not.toHaveProperty('base');
  });

  test('where its layers are damaged', async () => {
    const whole = imageOf('');
    const layers = whole.layers.map((each) => ({ ...each, bytes: Buffer.from('damaged') }));
    const reading = await inspect({ ...whole, layers });
    expect(reading).toMatchObject({ ...asRoot, ...notChecked(expect.stringContaining('its digest')) });
    expect(reading).not.toHaveProperty('isPartial');
    expect(reading).not.toHaveProperty('base');
  });

  test('where its layers cannot be had now, and the rest is read later', async () => {
    server.play(({ url, response }) => {
      if (!url.pathname.endsWith(debian.digest)) return false;
      response.writeHead(503).end();
      return true;
    });
    const reading = await inspect(imageOf(''));
    expect(reading).toMatchObject({
      ...asRoot,
      ...notChecked(expect.stringContaining('503')),
      isPartial: true,
    });
  });
});

test('a WORKDIR of root is a risk in an image of 90 MB as in any other, and each layer is fetched once', async () => {
  const modules = layer(
    [{ name: 'usr/lib/modules', content: Buffer.alloc(90 * MiB).toString('latin1') }],
    'none',
  );
  const app = layer([
    { name: 'app/', type: '5', mode: 0o755 },
    { name: 'app/server.js', content: 'serve()' },
    { name: 'usr/bin/node', type: '2', linkName: '/usr/local/bin/node' },
    { name: 'usr/local/bin/node', ...program },
  ]);
  const config = { WorkingDir: '/app', Entrypoint: ['/usr/bin/node', 'server.js'] };
  expect(await inspect(built([debian, modules, app], { user: 'redis', config }))).toMatchObject({
    user: { uid: 999 },
    risks: [
      {
        code: 'RootOwnedPath',
        detail: 'WORKDIR /app is owned by 0:0 with mode 0755 and not writable by 999',
      },
    ],
  });
  expect(blobsAsked()).toBe(4);
}, 30_000);

describe('whether a process was rightly denied something', () => {
  const access = { path: '/usr/lib/x', uid: 10001, gid: 0 };
  const detail = '/usr/lib is owned by 0:0 with mode 0755 and not writable by 10001';

  test.each(['', 'redis', '10001'])('is read from an image with USER %j', async (user) => {
    expect(await inspect(imageOf(user), access)).toMatchObject({
      is: 'read',
      user: { is: 'resolved' },
      access: { detail, isAllowed: false },
    });
    expect(blobsAsked()).toBe(3);
  });

  test('is not read without a question for it, or where the layers are too large', async () => {
    expect(await inspect(imageOf('10001'))).not.toHaveProperty('access');
    const reading = await inspect(saidToHave(2049 * MiB, imageOf('10001')), access);
    expect(reading).toMatchObject({ is: 'read', user: { is: 'resolved', uid: 10001 } });
    expect(reading).not.toHaveProperty('access');
    expect(blobsAsked()).toBe(1);
  });

  test('is not read where the layers are damaged, but the user is', async () => {
    const whole = imageOf('10001');
    const layers = whole.layers.map((each) => ({ ...each, bytes: Buffer.from('damaged') }));
    const reading = await inspect({ ...whole, layers }, access);
    expect(reading).toMatchObject({ is: 'read', user: { is: 'resolved', uid: 10001 } });
    expect(reading).not.toHaveProperty('access');
  });
});

/** Only this namespace has the pull secret. */
const credentialsFor: Inspector['credentialsFor'] = ({ namespace }) => [
  async () => (namespace === 'bank' ? [{ is: 'basic', username: 'bank', password: 'hunter2' }] : []),
];

describe('what is read for one namespace', () => {
  const layersAsked = (): number => blobsAsked() - 1;

  test('is read once for all, where the image is public', async () => {
    const found = imageOf('redis');
    const first = await inspect(found, undefined, 'bank');
    expect(layersAsked()).toBe(2);
    expect(await inspect(found, undefined, 'shop')).toEqual(first);
    expect(layersAsked()).toBe(0);
  });

  test('is read once for all images of a repository that have the same layers', async () => {
    const [first, second] = [imageOf('redis'), built([debian, layer([])], { user: 'redis' })];
    await inspect(first);
    expect(await inspect(second)).toMatchObject({ is: 'read', user: { uid: 999 } });
    expect(layersAsked()).toBe(1);
  });

  test('is read anew for another namespace, where its pull secret opened the image', async () => {
    server.play(wantsPassword('bank', 'hunter2'));
    const found = imageOf('redis');
    await inspect(found, undefined, 'bank');
    server.play(() => false);
    await inspect(found, { path: '/x', uid: 1, gid: 1 }, 'bank');
    expect(layersAsked()).toBe(0);
  });

  test('is known in that namespace only, where its pull secret opened the image', async () => {
    server.play(wantsPassword('bank', 'hunter2'));
    const found = imageOf('redis');
    expect(await inspect(found, undefined, 'bank')).toMatchObject({ is: 'read', user: { uid: 999 } });
    const elsewhere = await inspect(found, undefined, 'shop');
    expect(elsewhere).toMatchObject({
      is: 'unread',
      trouble: `cannot read ${server.host} (401): see --image-pull-secrets or --docker-config`,
    });
    expect(JSON.stringify(elsewhere)).not.toMatch(/999|passwd|redis/);
  });

  test('says nothing of another that may read it', async () => {
    server.play(wantsPassword('bank', 'hunter2'));
    const found = imageOf('redis');
    expect(await inspect(found, undefined, 'shop')).toMatchObject({ is: 'unread' });
    expect(await inspect(found, undefined, 'bank')).toMatchObject({ is: 'read', user: { uid: 999 } });
  });

  test('is read anew where the first reading failed', async () => {
    let isDown = true;
    server.play(({ url, response }) => {
      if (!url.pathname.endsWith(debian.digest) || !isDown) return false;
      response.writeHead(503).end();
      return true;
    });
    expect(await inspect(imageOf('redis'), undefined, 'bank')).toMatchObject({ is: 'unread' });
    isDown = false;
    expect(await inspect(imageOf('redis'), undefined, 'shop')).toMatchObject({ is: 'read' });
  });
});
