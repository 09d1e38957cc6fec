import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { attempt, needle, object, shuffled, tricky, trickyText } from '../../../test/kube/tricky-json.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { idOf } from './identity.ts';
import { PageReader } from './page-reader.ts';

type Read = { readonly items: unknown[]; readonly skipped: string[]; readonly token: string };

async function* inPieces(text: string, sizeBytes: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

/** Reads a page through a window of `limitBytes`, in pieces of `sizeBytes`. */
async function read(text: string, limitBytes: number, sizeBytes = 7, needles = [needle]): Promise<Read> {
  const items: unknown[] = [];
  const skipped: string[] = [];
  const reader = new PageReader({
    needles,
    window: new ByteBuffer(limitBytes),
    onSkipped: (found) => skipped.push(found ? idOf(found) : 'unknown'),
  });
  for await (const item of reader.items(inPieces(text, sizeBytes))) items.push(item);
  return { items, skipped, token: reader.end.continueToken };
}

/** Reads a page that came in one piece. */
function readWhole(page: Buffer, needles: readonly string[], onItem: (found: unknown) => void): object {
  const reader = new PageReader({ needles, onSkipped: () => undefined });
  for (const found of [...reader.push(page), ...reader.finish()]) onItem(found);
  return reader.end;
}

const spacing = fc.constantFrom(0, 1, '\t');

const named = (name: string, more: object = {}) => ({ metadata: { name, namespace: 'shop' }, ...more });
const hit = (name: string) => named(name, { status: needle });
const huge = (name: string) => named(name, { env: `${'"}]},{'.repeat(200)}${needle}` });

const metadata = { resourceVersion: '7', continue: 'more' };
const pageOf = (items: readonly object[]): string => JSON.stringify({ kind: 'PodList', metadata, items });

describe('a page that is longer than the window', () => {
  const items = [
    hit('a'),
    named('fine'),
    huge('huge-1'),
    huge('huge-2'),
    named('other'),
    hit('b'),
    huge('huge-3'),
  ];

  test.each([1, 7, 100, 10_000])('is read but for what does not fit, in pieces of %s bytes', async (size) => {
    expect(await read(pageOf(items), 400, size)).toEqual({
      items: [hit('a'), hit('b')],
      skipped: ['shop/huge-1', 'shop/huge-2', 'shop/huge-3'],
      token: 'more',
    });
  });

  test('is read as well where its metadata comes last, as for custom resources', async () => {
    const text = JSON.stringify({ apiVersion: 'v1', items, kind: 'PodList', metadata });
    expect(await read(text, 400)).toMatchObject({ items: [hit('a'), hit('b')], token: 'more' });
  });

  test('gives what JSON.parse gives, whatever is in it', async () => {
    const pages = fc.array(object, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(pages, tricky, fc.integer({ min: 1, max: 50 }), async (all, label, size) => {
        const text = JSON.stringify({ metadata: { ...metadata, label }, items: all });
        const largest = Math.max(...all.map((one) => Buffer.byteLength(JSON.stringify(one))));
        const before = Buffer.byteLength(text.slice(0, text.indexOf('"items":[') + 9));
        const found = await read(text, Math.max(before, largest) + size + 2, size, []);
        expect(found).toEqual({ items: JSON.parse(JSON.stringify(all)), skipped: [], token: 'more' });
      }),
      { numRuns: 200 },
    );
  });

  test('that breaks off is no page, wherever that happens', async () => {
    const text = pageOf(items);
    for (let end = 450; end < text.length; end += 13)
      await expect(read(text.slice(0, end), 400)).rejects.toMatchObject({ reason: 'garbage' });
  });

  test.each([
    ['is not JSON', `<html>${'x'.repeat(500)}`],
    ['is not a list', JSON.stringify({ kind: 'Pod', ...huge('a') })],
    ['lists something other than objects', `{"metadata":{},"items":[${'1,'.repeat(300)}1]}`],
    ['lists an object and something else', `{"metadata":{},"items":[{},${'1,'.repeat(300)}1]}`],
    ['has no end to what is around its items', `{"metadata":{},"items":[],"x":"${'x'.repeat(70_000)}"}`],
  ])('and %s is garbage', async (_what, text) => {
    await expect(read(text, 400)).rejects.toMatchObject({ reason: 'garbage' });
  });

  test('holds an object that does not say who it is', async () => {
    const nameless = { spec: 'x'.repeat(1000) };
    expect(await read(pageOf([nameless, hit('a')]), 400)).toMatchObject({
      items: [hit('a')],
      skipped: ['unknown'],
    });
  });
});

describe('a page', () => {
  const list = shuffled({
    kind: fc.constant('PodList'),
    metadata: shuffled({ resourceVersion: trickyText, continue: trickyText }),
    items: fc.array(object, { maxLength: 6 }),
  });

  test('hands out what JSON.parse finds, without needles', () => {
    fc.assert(
      fc.property(list, spacing, (value, space) => {
        const text = JSON.stringify(value, null, space);
        const items: unknown[] = [];
        const end = attempt(() => readWhole(Buffer.from(text), [], (item) => items.push(item)));
        const { metadata: head, items: all } = JSON.parse(text);
        const isList = head !== undefined && all !== undefined;
        expect(end && { end, items }).toEqual(isList ? { end: endOf(head), items: all } : undefined);
      }),
      { numRuns: 300 },
    );
  });

  test('hands out every item with a needle, and no other, when it can follow the page', () => {
    fc.assert(
      fc.property(fc.array(object, { maxLength: 6 }), trickyText, spacing, (items, version, space) => {
        const metadataOfList = { resourceVersion: version };
        const text = JSON.stringify({ kind: 'PodList', metadata: metadataOfList, items }, null, space);
        const found: unknown[] = [];
        const end = readWhole(Buffer.from(text), [needle, 'another'], (item) => found.push(item));
        const hits = items
          .map((item) => JSON.stringify(item))
          .filter((item) => /CreateContainerConfigError|another/.test(item));
        expect(found.map((item) => JSON.stringify(item))).toEqual(
          hits.map((one) => JSON.stringify(JSON.parse(one))),
        );
        expect(end).toEqual({ resourceVersion: version, continueToken: '' });
      }),
      { numRuns: 300 },
    );
  });

  test('without a hit tells where to go on, even if its metadata comes last', () => {
    const expected = { resourceVersion: '7', continueToken: 'more' };
    const parts = ['"metadata":{"resourceVersion":"7","continue":"more"}', '"items":[{"a":"]"}]'];
    for (const order of [parts, parts.toReversed()]) {
      const items: unknown[] = [];
      expect(readWhole(Buffer.from(`{${order.join(',')}}\n`), [needle], (item) => items.push(item))).toEqual(
        expected,
      );
    }
  });

  test('that was cut hands out nothing', () => {
    const items = [
      { metadata: { name: needle } },
      { metadata: { name: 'b' } },
      { metadata: { name: needle } },
    ];
    const whole = JSON.stringify({ metadata: { resourceVersion: '1' }, items });
    for (let end = 0; end < whole.length; end += 1) {
      const cut = Buffer.from(whole.slice(0, end));
      const found: unknown[] = [];
      expect(attempt(() => readWhole(cut, [needle], (item) => found.push(item)))).toBeUndefined();
      expect(found).toEqual([]);
    }
  });
});

function endOf(listMetadata: { resourceVersion?: string; continue?: string }): object {
  return { resourceVersion: listMetadata.resourceVersion ?? '', continueToken: listMetadata.continue ?? '' };
}

test.each([50, 10_000])(
  'of an item without a needle the metadata is handed out where that is wanted, in a window of %s bytes more',
  async (room) => {
    const items = [hit('a'), named('fine', { spec: { x: [{}] } }), { spec: 1 }, hit('b')];
    const text = pageOf(items);
    const reader = new PageReader({
      needles: [needle],
      keepsMetadata: true,
      window: new ByteBuffer(200 + room),
      onSkipped: () => {},
    });
    const found: unknown[] = [];
    for await (const one of reader.items(inPieces(text, 7))) found.push(one);
    expect(found).toEqual([hit('a'), named('fine'), { metadata: undefined }, hit('b')]);
    expect(reader.end.continueToken).toBe('more');
  },
);
