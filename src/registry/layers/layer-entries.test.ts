// Which entries of a layer are handed on: those that were asked for, and what shows that a path is a folder.

import { expect, test } from '@jest/globals';

import { LayerEntries } from './layer-entries.ts';
import { defaultLimits } from '../limits.ts';
import type { TarEntry } from './tar.ts';

function collected(asked: readonly string[], names: readonly string[]): readonly string[] {
  const entries = new LayerEntries(new Set(asked), defaultLimits);
  for (const name of names) {
    const entry: TarEntry = {
      name,
      linkName: '',
      type: name.endsWith('/') ? 'directory' : 'file',
      uid: 0,
      gid: 0,
      mode: 0o644,
      major: 0,
      minor: 0,
      sizeBytes: 1,
      storedBytes: 1,
      offset: 0,
      hasCapabilities: false,
    };
    if (entries.entry(entry)) entries.content(entry, Uint8Array.of(1));
  }
  return entries.layer('sha256:x').entries.map((entry) => {
    const content = entry.is === 'file' && entry.content !== undefined ? ' with content' : '';
    return `${entry.is} ${entry.path}${content}`;
  });
}

test('an asked file comes once and with its content, though the folder above it was asked for as well', () => {
  expect(collected(['etc', 'etc/passwd'], ['etc/passwd', 'etc/hosts'])).toEqual([
    'file etc/passwd with content',
    'file etc/hosts',
  ]);
});

test('an entry below a folder shows that it is one, for the deepest folder asked about', () => {
  expect(collected(['etc', 'etc/ssl'], ['etc/ssl/certs/ca.pem', 'etc/hosts'])).toEqual([
    'file etc/ssl/certs/ca.pem',
    'file etc/hosts',
  ]);
});

test('a folder with an entry of its own needs no other', () => {
  expect(collected(['etc'], ['etc/', 'etc/hosts'])).toEqual(['directory etc']);
});

test('a whiteout does not hide what the same layer puts below its path', () => {
  expect(collected(['etc'], ['.wh.etc', 'etc/hosts'])).toEqual(['whiteout etc', 'file etc/hosts']);
});

test('a whiteout below a folder shows that it is one', () => {
  expect(collected(['etc'], ['etc/.wh.hosts'])).toEqual(['whiteout etc/hosts']);
});

test('entries of other paths are left out', () => {
  expect(collected(['etc/passwd'], ['usr/bin/sh', 'home/x'])).toEqual([]);
});
