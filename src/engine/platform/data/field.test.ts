import { expect, test } from '@jest/globals';
import { jsonIn, listAt, objectAt, textAt, textOf } from './field.ts';

test.each([null, undefined, 7, 'text', [], { a: 7 }])('a field of another type in %j is absent', (value) => {
  expect([textAt(value, 'a'), textOf(value, 'a'), listAt(value, 'a'), objectAt(value, 'a')]).toEqual([
    undefined,
    '',
    [],
    {},
  ]);
});

test('what every object inherits is not a field', () => {
  expect([objectAt({}, 'constructor'), textOf('x', 'length'), objectAt({}, '__proto__')]).toEqual([
    {},
    '',
    {},
  ]);
});

test('JSON is read from text and bytes; everything else is undefined', () => {
  expect(jsonIn('{"a":"ä"}')).toEqual({ a: 'ä' });
  expect(jsonIn(new TextEncoder().encode('{"a":"ä"}'))).toEqual({ a: 'ä' });
  for (const text of ['', '<html>', '{', '{"a":1}{']) expect(jsonIn(text)).toBeUndefined();
});
