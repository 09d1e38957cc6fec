// Images on a disk: OCI layouts and archives.

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import type { Platform } from '../engine/model/image.ts';
import { blob, image, index, layer, packed, type Blob, type BuiltImage } from '../../test/registry/image.ts';
import { tar, type TarPart } from '../../test/registry/tar.ts';
import { openArchive } from './local/docker-archive.ts';
import type { ImageSource } from './image/image-source.ts';
import { openOciLayout } from './local/oci-layout.ts';
import { readLayers } from './layers/read-layers.ts';

const never = new AbortController().signal;
const amd64: Platform = { os: 'linux', architecture: 'amd64' };
const refName = 'org.opencontainers.image.ref.name';
const shop = image([layer([{ name: 'etc/passwd', content: 'shop' }])], { user: 'app' });
const arm = image([layer([{ name: 'etc/passwd', content: 'arm' }])], { user: 'arm', architecture: 'arm64' });
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

type File = { readonly name: string; readonly content: string | Buffer };

function blobFile({ digest, bytes }: Blob): File {
  return { name: `blobs/${digest.replace(':', '/')}`, content: bytes };
}

function filesOf(list: Blob, ...images: readonly BuiltImage[]): readonly File[] {
  const blobs = images.flatMap(({ manifest, config, layers }) => [manifest, config, ...layers]);
  return [
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', content: list.bytes },
    ...blobs.map(blobFile),
  ];
}

async function onDisk(name: string, files: readonly File[]): Promise<string> {
  for (const file of files) {
    await mkdir(dirname(join(folder, name, file.name)), { recursive: true });
    await writeFile(join(folder, name, file.name), file.content);
  }
  return join(folder, name);
}

async function inTar(name: string, parts: readonly TarPart[]): Promise<string> {
  await writeFile(join(folder, name), tar(parts));
  return join(folder, name);
}

async function contentOf(source: ImageSource): Promise<string> {
  const decide = (layers: readonly { readonly entries: readonly object[] }[]) =>
    layers.length === 0
      ? ({ is: 'nextLayer' } as const)
      : ({ is: 'answer', answer: layers[0]?.entries[0] ?? {} } as const);
  const { answer } = await readLayers(source, { paths: ['etc/passwd'], decide }, {}, never);
  return 'content' in answer ? Buffer.from(answer.content as Uint8Array).toString() : '';
}

describe('an OCI layout', () => {
  const both = index([
    { of: shop.manifest, annotations: { [refName]: 'shop' } },
    { of: arm.manifest, annotations: { [refName]: 'arm', 'io.containerd.image.name': 'r.example/arm:1' } },
  ]);

  test('gives its only image without a name', async () => {
    const path = await onDisk(
      'one',
      filesOf(index([{ of: shop.manifest, annotations: { [refName]: 'x' } }]), shop),
    );
    const found = await openOciLayout(path, undefined, amd64, never);
    expect(found).toMatchObject({ digest: shop.manifest.digest, config: { user: 'app' } });
    await expect(contentOf(found)).resolves.toBe('shop');
  });

  test('gives the image of a name, and lists the names there are', async () => {
    const path = await onDisk('two', filesOf(both, shop, arm));
    await expect(openOciLayout(path, 'arm', undefined, never)).resolves.toMatchObject({
      config: { user: 'arm' },
    });
    await expect(openOciLayout(path, 'r.example/arm:1', undefined, never)).resolves.toMatchObject({
      config: { user: 'arm' },
    });
    await expect(openOciLayout(path, undefined, amd64, never)).rejects.toMatchObject({
      code: 'badReference',
      message: expect.stringContaining('shop, r.example/arm:1'),
    });
    await expect(openOciLayout(path, 'nope', amd64, never)).rejects.toMatchObject({ code: 'notFound' });
  });

  test('gives the image for a platform, from its own list or from an index within', async () => {
    const parts = [
      { of: shop.manifest, platform: amd64 },
      { of: arm.manifest, platform: { os: 'linux', architecture: 'arm64' } },
    ];
    const inner = index(parts);
    const outer = index([{ of: inner, mediaType: 'application/vnd.oci.image.index.v1+json' }]);
    const flat = await onDisk('flat', filesOf(index(parts), shop, arm));
    const nested = await onDisk('nested', [...filesOf(outer, shop, arm), blobFile(inner)]);
    for (const path of [flat, nested]) {
      await expect(openOciLayout(path, undefined, amd64, never)).resolves.toMatchObject({
        config: { user: 'app' },
      });
      await expect(openOciLayout(path, undefined, undefined, never)).rejects.toMatchObject({
        code: 'unsupported',
      });
    }
  });

  test('may be a tar', async () => {
    const list = index([{ of: shop.manifest }]);
    const path = await inTar('layout.tar', filesOf(list, shop));
    for (const opening of [openOciLayout, openArchive]) {
      const found = await opening(path, undefined, amd64, never);
      await expect(contentOf(found)).resolves.toBe('shop');
    }
  });

  test('is refused where its files are others than they say, links or missing', async () => {
    const list = index([{ of: shop.manifest }]);
    const wrong = await onDisk('wrong', [
      ...filesOf(list, shop),
      { ...blobFile(shop.config), content: 'x'.repeat(shop.config.bytes.length) },
    ]);
    await expect(openOciLayout(wrong, undefined, amd64, never)).rejects.toMatchObject({
      code: 'badDigest',
    });
    const linked = await onDisk('linked', filesOf(list, shop));
    const configPath = join(linked, blobFile(shop.config).name);
    await rm(configPath);
    await expect(openOciLayout(linked, undefined, amd64, never)).rejects.toMatchObject({
      code: 'notFound',
    });
    await symlink('/etc/passwd', configPath);
    await expect(openOciLayout(linked, undefined, amd64, never)).rejects.toMatchObject({
      code: 'badAnswer',
    });
    await expect(openOciLayout(join(folder, 'nowhere'), undefined, amd64, never)).rejects.toMatchObject({
      code: 'notFound',
    });
    await expect(openOciLayout(folder, undefined, amd64, never)).rejects.toMatchObject({
      code: 'notFound',
      message: expect.stringContaining('not an OCI layout'),
    });
    await expect(openOciLayout('/dev/null', undefined, amd64, never)).rejects.toMatchObject({
      code: 'unsupported',
    });
  });
});

describe('a docker archive', () => {
  const passwd = (content: string): Buffer => tar([{ name: 'etc/passwd', content }]);

  function saved(
    content: string,
    unpacked: Buffer,
    tags: readonly string[],
  ): readonly [object, readonly TarPart[]] {
    const config = JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      config: { User: content },
      rootfs: { type: 'layers', diff_ids: [blob(unpacked).digest] },
    });
    const parts = [{ name: `${content}.json`, content: config }];
    return [{ Config: `${content}.json`, RepoTags: tags, Layers: [`${content}/layer.tar`] }, parts];
  }

  test('gives its image, with layers that are plain, compressed or links to others', async () => {
    const unpacked = passwd('saved');
    const [entry, parts] = saved('app', unpacked, ['shop:1']);
    const manifest = { name: 'manifest.json', content: JSON.stringify([entry]) };
    const ways: readonly (readonly TarPart[])[] = [
      [{ name: 'app/layer.tar', content: unpacked }],
      [{ name: 'app/layer.tar', content: packed(unpacked, 'gzip') }],
      [
        { name: 'app/layer.tar', type: '2', linkName: '../shared.tar' },
        { name: 'shared.tar', content: unpacked },
      ],
    ];
    for (const [at, way] of ways.entries()) {
      const path = await inTar(`saved-${at}.tar`, [...way, ...parts, manifest]);
      const found = await openArchive(path, 'docker.io/library/shop:1', amd64, never);
      expect(found).toMatchObject({ config: { user: 'app' }, layers: [{ diffId: blob(unpacked).digest }] });
      await expect(contentOf(found)).resolves.toBe('saved');
    }
  });

  test('gives the image of a tag', async () => {
    const [one, two] = [passwd('one'), passwd('two')];
    const [first, firstParts] = saved('one', one, ['a:1', 'a:2']);
    const [second, secondParts] = saved('two', two, ['r.example/b:1']);
    const path = await inTar('tags.tar', [
      ...firstParts,
      ...secondParts,
      { name: 'one/layer.tar', content: one },
      { name: 'two/layer.tar', content: two },
      { name: 'manifest.json', content: JSON.stringify([first, second]) },
    ]);
    await expect(openArchive(path, 'a:2', amd64, never)).resolves.toMatchObject({
      config: { user: 'one' },
    });
    await expect(openArchive(path, 'r.example/b:1', amd64, never)).resolves.toMatchObject({
      config: { user: 'two' },
    });
    await expect(openArchive(path, undefined, amd64, never)).rejects.toMatchObject({
      code: 'badReference',
      message: expect.stringContaining('a:1, a:2, r.example/b:1'),
    });
    await expect(openArchive(path, 'c', amd64, never)).rejects.toMatchObject({ code: 'notFound' });
  });

  test('is refused where its layer does not match its config', async () => {
    const [entry, parts] = saved('app', passwd('right'), []);
    const path = await inTar('wrong.tar', [
      ...parts,
      { name: 'app/layer.tar', content: passwd('wrong') },
      { name: 'manifest.json', content: JSON.stringify([entry]) },
    ]);
    const found = await openArchive(path, undefined, amd64, never);
    await expect(contentOf(found)).rejects.toMatchObject({ code: 'badDigest' });
  });

  test('is refused when it is damaged, compressed as a whole, without layers or a link in a circle', async () => {
    const [entry, parts] = saved('app', passwd('x'), []);
    const manifest = { name: 'manifest.json', content: JSON.stringify([entry]) };
    const circle = [{ name: 'app/layer.tar', type: '2', linkName: 'layer.tar' }, ...parts, manifest];
    const failures = [
      [await inTar('no-layer.tar', [...parts, manifest]), 'notFound'],
      [await inTar('circle.tar', circle), 'notFound'],
      [await inTar('empty.tar', []), 'notFound'],
      [await inTar('nonsense.tar', [{ name: 'manifest.json', content: '{' }]), 'notFound'],
    ] as const;
    for (const [path, code] of failures)
      await expect(openArchive(path, undefined, amd64, never)).rejects.toMatchObject({ code });
    const cut = join(folder, 'cut.tar');
    await writeFile(cut, tar([...parts, manifest]).subarray(0, 600));
    await expect(openArchive(cut, undefined, amd64, never)).rejects.toMatchObject({ code: 'badAnswer' });
    const whole = join(folder, 'whole.tar.gz');
    await writeFile(whole, gzipSync(tar([...parts, manifest])));
    await expect(openArchive(whole, undefined, amd64, never)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('gunzip'),
    });
  });
});
