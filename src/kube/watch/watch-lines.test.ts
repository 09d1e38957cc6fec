import { objectAt } from '../../engine/platform/data/field.ts';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Lines } from './lines.ts';
import { identityOf, readEvent, readPage } from './watch-lines.ts';

const needle = 'CreateContainerConfigError';

/** Text that would mislead who counts brackets and quotes, or looks for names without knowing where it is. */
const trickyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '"}]}',
    '\\',
    '\\"',
    '"items":[',
    '"metadata":{"name":"other"}',
    '{"type":"DELETED"',
    '\n',
    '\u2028',
    '日本\u{1f600}',
    needle,
    `x${needle}"`,
  ),
);

const tricky = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    trickyText,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(trickyText, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** Members in any order, some of them missing, others that nobody asked for. */
function shuffled(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .tuple(
      fc.record(fields, { requiredKeys: [] }),
      fc.dictionary(trickyText, tricky, { maxKeys: 3, noNullPrototype: true }),
    )
    .map(([known, others]) => Object.assign(others, known))
    .chain((object) => fc.shuffledSubarray(Object.entries(object), { minLength: Object.keys(object).length }))
    .map((entries) => Object.fromEntries(entries));
}

const metadata = shuffled({
  name: trickyText,
  namespace: trickyText,
  uid: trickyText,
  resourceVersion: trickyText,
  labels: tricky,
});
const object = shuffled({ kind: trickyText, metadata, spec: tricky, status: tricky });
const spacing = fc.constantFrom(0, 1, '\t');

describe('an event', () => {
  test('is identified as JSON.parse would, or is garbage for both, whatever the order of its fields', () => {
    const event = shuffled({
      type: fc.constantFrom('ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'),
      object,
    });
    fc.assert(
      fc.property(event, (value) => {
        const line = JSON.stringify(value);
        const quick = attempt(() => readEvent(Buffer.from(line), ['not in there at all']));
        const { type, object: inner } = objectAt(JSON.parse(line));
        const identity = identityOf(inner);
        const isWhole =
          type === 'ERROR' ||
          (type !== undefined &&
            identity.resourceVersion !== '' &&
            (identity.name !== '' || type === 'BOOKMARK'));
        const expected = isWhole ? { type, identity } : undefined;
        expect(quick && { type: quick.type, identity: quick.identity }).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('is parsed when it has a needle, and only then', () => {
    const pod = {
      kind: 'Pod',
      metadata: { name: 'a', namespace: 'b', uid: 'c', resourceVersion: '1' },
      status: needle,
    };
    const line = Buffer.from(JSON.stringify({ type: 'ADDED', object: pod }));
    expect(readEvent(line, [needle]).object).toEqual(pod);
    expect(readEvent(line, []).object).toEqual(pod);
    expect(readEvent(line, ['elsewhere'])).toEqual({ type: 'ADDED', identity: identityOf(pod) });
  });

  test.each(['', '{', '[]', '{"type":"ADDED"}', '{"type":"ODD","object":{"metadata":{}}}', 'null', '<html>'])(
    'that is no event is garbage: %s',
    (text) =>
      expect(() => readEvent(Buffer.from(text), [needle])).toThrow(
        expect.objectContaining({ reason: 'garbage' }),
      ),
  );

  test('that was cut is garbage, wherever it was cut', () => {
    const pod = {
      metadata: { name: 'a', namespace: 'b', uid: 'c', resourceVersion: '1' },
      spec: { x: ['}', {}] },
    };
    const line = JSON.stringify({ type: 'MODIFIED', object: pod });
    const survivors = Array.from(line, (_, end) => line.slice(0, end)).filter(
      (cut) => attempt(() => readEvent(Buffer.from(cut), [needle])) !== undefined,
    );
    // A cut right behind an inner object looks whole to who reads the head only; the missing newline gives it away.
    expect(survivors.every((cut) => cut.endsWith('}'))).toBe(true);
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
        const end = attempt(() => readPage(Buffer.from(text), [], (item) => items.push(item)));
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
        const end = readPage(Buffer.from(text), [needle, 'another'], (item) => found.push(item));
        const hits = items
          .map((item) => JSON.stringify(item))
          .filter((item) => /CreateContainerConfigError|another/.test(item));
        expect(found.map((item) => JSON.stringify(item))).toEqual(
          hits.map((hit) => JSON.stringify(JSON.parse(hit))),
        );
        expect(end).toEqual({ resourceVersion: version, continueToken: '' });
      }),
      { numRuns: 300 },
    );
  });

  test('without a hit tells where to go on, even if its metadata comes last', () => {
    const end = { resourceVersion: '7', continueToken: 'more' };
    const parts = ['"metadata":{"resourceVersion":"7","continue":"more"}', '"items":[{"a":"]"}]'];
    for (const order of [parts, parts.toReversed()]) {
      const items: unknown[] = [];
      expect(readPage(Buffer.from(`{${order.join(',')}}\n`), [needle], (item) => items.push(item))).toEqual(
        end,
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
      expect(attempt(() => readPage(cut, [needle], (item) => found.push(item)))).toBeUndefined();
      expect(found).toEqual([]);
    }
  });
});

describe('lines', () => {
  test('are the same however the bytes are cut', () => {
    const text = fc.array(
      fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', '')),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 20 }), (parts, sizes) => {
        const bytes = Buffer.from(parts.map((part) => `${part}\n`).join(''));
        const lines = new Lines(1000);
        const found: string[] = [];
        for (let at = 0, nth = 0; at < bytes.length; nth += 1) {
          const size = 1 + (sizes[nth % sizes.length] ?? 0);
          lines.push(bytes.subarray(at, at + size), (line) => found.push(line.toString()));
          at += size;
        }
        expect(found).toEqual(parts.filter((part) => part !== ''));
        expect(lines.isCut).toBe(false);
      }),
    );
  });

  test('that do not end are bounded', () => {
    const lines = new Lines(10);
    lines.push(Buffer.from('123456'), () => undefined);
    expect(lines.isCut).toBe(true);
    expect(() => lines.push(Buffer.from('78901'), () => undefined)).toThrow(
      expect.objectContaining({ reason: 'tooLong' }),
    );
  });
});

function endOf(listMetadata: { resourceVersion?: string; continue?: string }): object {
  return { resourceVersion: listMetadata.resourceVersion ?? '', continueToken: listMetadata.continue ?? '' };
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
