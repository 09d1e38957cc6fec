import { describe, expect, test } from '@jest/globals';
import type { Inquiry, Layer, LayerEntry } from '../../engine/model/image.ts';
import { image, layer, layerOf, packedLayer, type BuiltLayer } from '../../../test/registry/image.ts';
import { tar, type TarPart } from '../../../test/registry/tar.ts';
import type { ImageSource } from '../image/image-source.ts';
import type { Limits } from '../limits.ts';
import { LayerReader, readLayers, type Progress } from './read-layers.ts';

const never = new AbortController().signal;

type Source = ImageSource & { readonly fetched: string[] };

/** The bottom first. */
function sourceOf(layers: readonly BuiltLayer[], diffIds = layers.map(({ diffId }) => diffId)): Source {
  const fetched: string[] = [];
  return {
    digest: image(layers).manifest.digest,
    config: {
      os: 'linux',
      architecture: 'amd64',
      user: '',
      workingDir: '',
      volumes: [],
      exposedPorts: [],
      entrypoint: [],
      cmd: [],
    },
    layers: layers.map(({ digest, bytes, mediaType }, at) => ({
      digest,
      sizeBytes: bytes.length,
      mediaType,
      diffId: diffIds[at] ?? '',
    })),
    fetched,
    layer: async function* ({ digest }) {
      fetched.push(digest);
      const found = layers.find((each) => each.digest === digest);
      if (found) yield Uint8Array.from(found.bytes);
    },
  };
}

/** All layers, for some paths. */
function everything(...paths: readonly string[]): Inquiry<readonly Layer[]> {
  return {
    paths,
    decide: (layers, isWhole) => (isWhole ? { is: 'answer', answer: layers } : { is: 'nextLayer' }),
  };
}

async function entries(
  parts: readonly TarPart[],
  ...paths: readonly string[]
): Promise<readonly LayerEntry[]> {
  const { answer } = await readLayers(sourceOf([layer(parts)]), everything(...paths), {}, never);
  return answer[0]?.entries ?? [];
}

function briefly(found: readonly LayerEntry[]): readonly string[] {
  return found.map(
    (entry) =>
      `${entry.is} ${entry.path}${'content' in entry ? ` ${Buffer.from(entry.content ?? '').toString()}` : ''}`,
  );
}

describe('what is kept of a layer', () => {
  test('is what was asked for and what lies above it, with the content of files', async () => {
    const found = await entries(
      [
        { name: 'etc/', type: '5', mode: 0o755 },
        { name: 'etc/passwd', content: 'root' },
        { name: 'etc/shadow', content: 'secret' },
        { name: 'usr/bin/x', content: 'y' },
      ],
      'etc/passwd',
    );
    expect(briefly(found)).toEqual(['directory etc', 'file etc/passwd root']);
  });

  test.each([
    './etc/passwd',
    '/etc/passwd',
    'etc//passwd',
    '../../etc/passwd',
    'a/../etc/./passwd',
    '/../etc/passwd/',
  ])('is found under the name %s', async (name) => {
    expect(briefly(await entries([{ name, content: 'x' }], '/etc/passwd'))).toEqual(['file etc/passwd x']);
  });

  test.each(['etc/passwd2', 'xetc/passwd', 'etc/passwd/../x', 'passwd', 'ETC/passwd', 'etc/..'])(
    'is not %s',
    async (name) => {
      expect(await entries([{ name, content: 'x' }], 'etc/passwd')).toEqual([]);
    },
  );

  test('is the last entry of a path', async () => {
    const parts = [
      { name: 'etc/passwd', content: 'first' },
      { name: 'etc/group', content: 'g' },
      { name: './etc/passwd', content: 'last' },
    ];
    expect(briefly(await entries(parts, 'etc/passwd', 'etc/group'))).toEqual([
      'file etc/group g',
      'file etc/passwd last',
    ]);
  });

  test('has no content that a later entry replaced by something larger', async () => {
    const parts = [
      { name: 'f', content: 'small' },
      { name: 'f', content: 'x'.repeat(2 ** 20 + 1) },
    ];
    const found = await entries(parts, 'f');
    expect(found).toMatchObject([{ is: 'file', sizeBytes: 2 ** 20 + 1 }]);
    expect(found[0]).not.toHaveProperty('content');
  });

  test('is nothing below what later became no folder', async () => {
    const parts = [
      { name: 'etc/passwd', content: 'x' },
      { name: 'etc', type: '2', linkName: 'other' },
      { name: 'etc', type: '5' },
    ];
    expect(briefly(await entries(parts, 'etc/passwd'))).toEqual(['directory etc']);
  });

  test('is each whiteout that hides an asked path, beside a file that was made again', async () => {
    const parts = [
      { name: '.wh..wh..opq' },
      { name: '.wh.etc' },
      { name: 'etc/.wh..wh..opq' },
      { name: 'etc/passwd', content: 'new' },
      { name: 'etc/.wh.passwd' },
      { name: 'etc/.wh.group' },
      { name: 'usr/.wh.bin' },
      { name: '.wh..wh.plnk/x' },
    ];
    expect(briefly(await entries(parts, 'etc/passwd'))).toEqual([
      'opaque ',
      'whiteout etc',
      'opaque etc',
      'file etc/passwd new',
      'whiteout etc/passwd',
    ]);
  });

  test('reads only a device 0:0 as a removed file', async () => {
    const parts = [
      { name: 'etc/passwd', type: '3', device: [0, 0] as const },
      { name: 'etc/group', type: '3', device: [1, 3] as const },
    ];
    expect(briefly(await entries(parts, 'etc/passwd', 'etc/group'))).toEqual([
      'whiteout etc/passwd',
      'other etc/group',
    ]);
  });

  test('gives links as they are, and the targets of hard links from the root', async () => {
    const parts = [
      { name: 'etc/passwd', type: '2', linkName: '../usr/./passwd' },
      { name: 'etc/group', type: '1', linkName: './usr/../group' },
    ];
    expect(await entries(parts, 'etc/passwd', 'etc/group')).toMatchObject([
      { is: 'symlink', target: '../usr/./passwd' },
      { is: 'hardlink', target: 'group' },
    ]);
  });

  test('shows that an asked folder exists when only something below it is there', async () => {
    const parts = [{ name: 'srv/a/b' }, { name: 'srv/c', uid: 7 }, { name: 'srv2/x' }];
    expect(await entries(parts, 'srv')).toMatchObject([{ is: 'file', path: 'srv/c', uid: 7 }]);
    expect(briefly(await entries([...parts, { name: 'srv', type: '5' }], 'srv'))).toEqual(['directory srv']);
  });

  test.each(['.wh.', 'etc/.wh..', 'etc/.wh...'])(
    'refuses the whiteout %s of a folder itself',
    async (name) => {
      await expect(entries([{ name }], 'etc/passwd')).rejects.toMatchObject({ code: 'badAnswer' });
    },
  );
});

describe('readLayers', () => {
  const bottom = layer([{ name: 'etc/passwd', content: 'bottom' }]);
  const middle = layer([{ name: 'x', content: 'y' }], 'zstd');
  const top = layer([{ name: 'etc/group', content: 'top' }], 'none');

  test('reads nothing for a question that needs no layer', async () => {
    const source = sourceOf([bottom, top]);
    const reading = await readLayers(
      source,
      { paths: [], decide: () => ({ is: 'answer', answer: 7 }) },
      {},
      never,
    );
    expect(reading).toEqual({ answer: 7, bytesRead: 0, layersRead: 0 });
    expect(source.fetched).toEqual([]);
  });

  test('reads from the top down and stops where the answer is', async () => {
    const source = sourceOf([bottom, middle, top]);
    const seen: string[] = [];
    const inquiry: Inquiry<string> = {
      paths: ['etc/group', 'x'],
      decide: (layers, isWhole, paths) => {
        seen.push(`${layers.length} ${String(isWhole)} ${paths.join()}`);
        return layers.length === 2
          ? { is: 'answer', answer: layers.map(({ digest }) => digest).join() }
          : { is: 'nextLayer' };
      },
    };
    const progress: Progress[] = [];
    const reading = await readLayers(source, inquiry, {}, never, (each) => progress.push(each));
    expect(reading).toEqual({
      answer: `${top.digest},${middle.digest}`,
      bytesRead: top.bytes.length + middle.bytes.length,
      layersRead: 2,
    });
    expect(seen).toEqual(['0 false etc/group,x', '1 false etc/group,x', '2 false etc/group,x']);
    expect(source.fetched).not.toContain(bottom.digest);
    expect(progress.map(({ number, bytesRead }) => [number, bytesRead])).toEqual([
      [1, top.bytes.length],
      [2, middle.bytes.length],
    ]);
  });

  test('reads layers again for more paths, and does not fetch small ones again', async () => {
    const linked = layer([
      { name: 'etc/passwd', type: '2', linkName: '/run/passwd' },
      { name: 'run/passwd', content: 'linked' },
    ]);
    const source = sourceOf([bottom, linked]);
    const inquiry: Inquiry<readonly string[]> = {
      paths: ['etc/passwd'],
      decide: (layers, _, paths) => {
        if (layers.length === 0) return { is: 'nextLayer' };
        if (!paths.includes('run/passwd')) return { is: 'morePaths', paths: ['/run/passwd'] };
        return { is: 'answer', answer: briefly(layers.flatMap((each) => each.entries)) };
      },
    };
    const kept = await readLayers(source, inquiry, {}, never);
    expect(kept).toMatchObject({
      answer: ['symlink etc/passwd', 'file run/passwd linked'],
      layersRead: 1,
      bytesRead: linked.bytes.length,
    });
    expect(source.fetched).toEqual([linked.digest]);
    const fetchedAgain = await readLayers(source, inquiry, { keptBytes: 0 }, never);
    expect(fetchedAgain).toMatchObject({
      answer: kept.answer,
      bytesRead: 2 * linked.bytes.length,
      layersRead: 1,
    });
  });

  test('finds further paths in the headers of what it has read, and fetches only layers whose contents are wanted', async () => {
    const files = layer([
      { name: 'srv/data/', type: '5', uid: 5 },
      { name: 'srv/data/x', content: 'x' },
    ]);
    const notes = layer([{ name: 'notes', content: 'n' }]);
    const source = sourceOf([files, notes]);
    const reader = new LayerReader(source, { keptBytes: 0 });
    await reader.answer(everything('etc/passwd'), never);
    const fresh = await readLayers(sourceOf([files, notes]), everything('srv/data', 'gone'), {}, never);
    expect((await reader.answer(everything('srv/data', 'gone'), never)).answer).toEqual(fresh.answer);
    expect(source.fetched).toEqual([notes.digest, files.digest]);
    const { answer } = await reader.answer(everything('notes'), never);
    expect(briefly(answer.flatMap(({ entries: found }) => found))).toEqual(['file notes n']);
    expect(source.fetched).toEqual([notes.digest, files.digest, notes.digest]);
  });

  test('keeps no headers beyond their limit, and reads the layer again then', async () => {
    const source = sourceOf([bottom]);
    const reader = new LayerReader(source, { keptBytes: 0, headerBytes: 1 });
    await reader.answer(everything('a'), never);
    await reader.answer(everything('b'), never);
    expect(source.fetched).toEqual([bottom.digest, bottom.digest]);
  });

  test('follows a bounded number of links', async () => {
    let count = 0;
    const inquiry: Inquiry<never> = {
      paths: [],
      decide: () => ({ is: 'morePaths', paths: [`p${(count += 1)}`] }),
    };
    await expect(readLayers(sourceOf([bottom]), inquiry, {}, never)).rejects.toMatchObject({
      code: 'tooDeep',
    });
    expect(count).toBe(9);
  });

  async function failure(layers: readonly BuiltLayer[], limits: Partial<Limits> = {}): Promise<unknown> {
    return await readLayers(sourceOf(layers), everything('etc/passwd'), limits, never).catch(
      (error: unknown) => error,
    );
  }

  test('checks the unpacked bytes against the config', async () => {
    const source = sourceOf([bottom], [top.diffId]);
    await expect(readLayers(source, everything('etc/passwd'), {}, never)).rejects.toMatchObject({
      code: 'badDigest',
      message: expect.stringContaining(bottom.digest),
    });
  });

  test('ends a decompression bomb at its limit', async () => {
    const limits = { unpackedBytes: 2 ** 20 };
    for (const compression of ['gzip', 'zstd'] as const) {
      const bomb = layerOf(tar([{ name: 'zeros', content: Buffer.alloc(2 ** 24) }]), compression);
      expect(bomb.bytes.length).toBeLessThan(2 ** 16);
      expect(await failure([bomb], limits)).toMatchObject({ code: 'tooLarge', temporary: false });
    }
  });

  test('bounds the unpacked bytes of all layers together', async () => {
    const zeros = (name: string) => layerOf(tar([{ name, content: Buffer.alloc(2 ** 19) }]));
    const [one, other] = [zeros('one'), zeros('other')];
    expect(await failure([one], { unpackedBytes: 2 ** 20 })).not.toBeInstanceOf(Error);
    expect(await failure([one, other], { unpackedBytes: 2 ** 20 })).toMatchObject({ code: 'tooLarge' });
  });

  test('ends at its limit of entries', async () => {
    const many = layer(Array.from({ length: 101 }, (_, at) => ({ name: `f${at}` })));
    expect(await failure([many], { entries: 101 })).not.toBeInstanceOf(Error);
    expect(await failure([many], { entries: 100 })).toMatchObject({ code: 'tooMany' });
  });

  test('ends at a path that is too deep, and takes long ones in its stride', async () => {
    expect(await failure([layer([{ name: 'x', pax: { path: 'a/'.repeat(200_000) } }])])).toMatchObject({
      code: 'tooDeep',
    });
    expect(await failure([layer([{ name: 'x', pax: { path: 'a'.repeat(500_000) } }])])).not.toBeInstanceOf(
      Error,
    );
  });

  test('says what is wrong with bytes that are not a layer', async () => {
    const noise = layerOf(Buffer.alloc(2000, 'x'));
    expect(await failure([noise])).toMatchObject({
      code: 'badAnswer',
      message: expect.stringMatching(/^layer sha256:.*damaged/),
    });
    expect(await failure([packedLayer(Buffer.from([0x1f, 0x8b, 8, 0, 1]), noise.diffId)])).toMatchObject({
      code: 'badAnswer',
    });
  });

  test('takes an empty layer for one without files', async () => {
    expect(await failure([layerOf(Buffer.alloc(0), 'none')])).toMatchObject({ answer: [{ entries: [] }] });
    expect(await failure([layer([])])).toMatchObject({ answer: [{ entries: [] }] });
  });

  test('ends at its deadline and when it is aborted', async () => {
    const endless: ImageSource = {
      ...sourceOf([top]),
      layer: async function* (_, signal) {
        for (;;) {
          signal.throwIfAborted();
          await new Promise((resolve) => setImmediate(resolve));
          yield Buffer.alloc(512 * 8);
        }
      },
    };
    await expect(readLayers(endless, everything('x'), { totalMs: 30 }, never)).rejects.toMatchObject({
      code: 'timeout',
    });
    const controller = new AbortController();
    const reading = readLayers(endless, everything('x'), {}, controller.signal);
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toMatchObject({ code: 'aborted' });
  });
});
