import { expect, test } from '@jest/globals';
import type { Platform } from '../../engine/model/image.ts';
import { choosePlatform, nameOf } from './choose-platform.ts';
import type { IndexEntry } from './manifest.ts';

function platform(name: string): Platform {
  const [os = '', architecture = '', variant] = name.split('/');
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

function entry(name: string): IndexEntry {
  const known = name === '' ? {} : { platform: platform(name) };
  return { digest: name, sizeBytes: 1, mediaType: '', annotations: {}, isAttestation: false, ...known };
}

test.each([
  ['linux/amd64', ['linux/arm64', 'linux/amd64'], ['linux/amd64']],
  ['linux/amd64', ['linux/amd64/v3', 'linux/amd64'], ['linux/amd64']],
  ['linux/amd64/v3', ['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v4'], ['linux/amd64/v2', 'linux/amd64']],
  ['linux/amd64', ['linux/386'], ['linux/386']],
  ['linux/x86_64', ['linux/amd64/v1'], ['linux/amd64/v1']],
  ['linux/arm64', ['linux/arm/v7', 'linux/arm64/v8'], ['linux/arm64/v8', 'linux/arm/v7']],
  ['linux/arm64/v8', ['linux/arm64'], ['linux/arm64']],
  ['linux/aarch64', ['linux/arm64'], ['linux/arm64']],
  ['linux/arm64/v9', ['linux/arm64/v8.2', 'linux/arm64'], ['linux/arm64/v8.2', 'linux/arm64']],
  ['linux/arm/v7', ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v8'], ['linux/arm/v6', 'linux/arm/v5']],
  ['linux/arm', ['linux/arm/v7'], ['linux/arm/v7']],
  ['linux/arm/v6', ['linux/arm/v7', 'linux/arm'], []],
  ['linux/386', ['linux/amd64'], []],
  ['linux/s390x', ['linux/amd64'], []],
  ['windows/amd64', ['linux/amd64', 'windows/amd64'], ['windows/amd64']],
  ['linux/amd64', ['', 'linux/amd64'], ['linux/amd64', '']],
  ['linux/amd64', ['linux/amd64', 'linux/amd64'], ['linux/amd64', 'linux/amd64']],
])('%s among %j takes %j', (wanted, has, taken) => {
  expect(choosePlatform(has.map(entry), platform(wanted)).map(({ digest }) => digest)).toEqual(taken);
});

test('an attestation is never chosen', () => {
  const entries = [
    { ...entry('linux/amd64'), isAttestation: true },
    { ...entry(''), isAttestation: true },
  ];
  expect(choosePlatform(entries, platform('linux/amd64'))).toEqual([]);
});

test.each(['constructor', '__proto__', 'toString'])('a platform may be called %s', (name) => {
  expect(nameOf({ os: name, architecture: name, variant: name })).toBe(
    [name, name, name].join('/').toLowerCase(),
  );
  expect(choosePlatform([entry(`linux/${name}`)], platform('linux/amd64'))).toEqual([]);
});

test('a platform has one name', () => {
  expect(nameOf(platform('Linux/AMD64/v1'))).toBe('linux/amd64');
  expect(nameOf(platform('linux/armhf'))).toBe('linux/arm/v7');
});
