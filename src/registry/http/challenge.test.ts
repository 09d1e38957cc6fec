import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseChallenges } from './challenge.ts';

const bearer = {
  is: 'bearer',
  realm: 'https://auth.example/token',
  service: 'r',
  scope: 'repository:a/b:pull',
};

describe('parseChallenges', () => {
  test.each([
    ['Basic realm="x"', [{ is: 'basic' }]],
    ['basic', [{ is: 'basic' }]],
    ['Bearer realm="https://auth.example/token",service="r",scope="repository:a/b:pull"', [bearer]],
    ['bearer  Realm="https://auth.example/token" , SERVICE=r, scope="repository:a/b:pull"', [bearer]],
    [
      'Negotiate, Bearer realm="https://auth.example/token",service=r,scope="repository:a/b:pull", Basic realm="x"',
      [bearer, { is: 'basic' }],
    ],
    ['Bearer realm="a\\"b"', [{ is: 'bearer', realm: 'a"b', service: '', scope: '' }]],
    [
      'Bearer scope="repository:a:pull,push",realm=r',
      [{ is: 'bearer', realm: 'r', service: '', scope: 'repository:a:pull,push' }],
    ],
    ['Bearer service="no realm"', []],
    ['Digest realm="x"', []],
    ['', []],
    ['realm="x"', []],
    ['Bearer realm="never closed', []],
  ])('reads %s', (header, challenges) => {
    expect(parseChallenges(header)).toEqual(challenges);
  });

  test('reads anything in bounded time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
        expect(Array.isArray(parseChallenges(`Bearer ${text}`))).toBe(true);
      }),
    );
    expect(parseChallenges(`Bearer realm="${'\\'.repeat(1_000_000)}`)).toEqual([]);
    expect(parseChallenges(`${', '.repeat(1_000_000)}Basic`)).toEqual([]);
  });
});
