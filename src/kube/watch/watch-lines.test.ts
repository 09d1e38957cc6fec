import { objectAt } from '../../engine/platform/data/field.ts';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { attempt, needle, object, shuffled } from '../../../test/kube/tricky-json.ts';
import { identityOf } from '../list/identity.ts';
import { Lines } from './lines.ts';
import { readEvent } from './watch-lines.ts';

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

describe('lines', () => {
  /** What is found in these pieces. */
  function cut(pieces: readonly Buffer[], limitBytes: number) {
    const lines: string[] = [];
    const starts: string[] = [];
    const reader = new Lines({
      limitBytes,
      onLine: (line) => lines.push(line.toString()),
      onLongLine: (start) => starts.push(start.toString()),
    });
    for (const piece of pieces) reader.push(piece);
    return { lines, starts, isCut: reader.isCut };
  }

  test('are the same however the bytes are cut', () => {
    const text = fc.array(
      fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', '')),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 20 }), (parts, sizes) => {
        const bytes = Buffer.from(parts.map((part) => `${part}\n`).join(''));
        const pieces: Buffer[] = [];
        for (let at = 0, nth = 0; at < bytes.length; nth += 1) {
          const size = 1 + (sizes[nth % sizes.length] ?? 0);
          pieces.push(bytes.subarray(at, at + size));
          at += size;
        }
        const found = { lines: parts.filter((part) => part !== ''), starts: [], isCut: false };
        expect(cut(pieces, 1000)).toEqual(found);
      }),
    );
  });

  test('that are too long are left out, and the next one is read', () => {
    const pieces = ['one\n123456', '78901', '2345678901', '2\ntwo\nthr'].map((piece) => Buffer.from(piece));
    expect(cut(pieces, 10)).toEqual({ lines: ['one', 'two'], starts: ['123456'], isCut: true });
    expect(cut(pieces.slice(0, 2), 10).isCut).toBe(true);
  });
});
