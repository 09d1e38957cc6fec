import { expect, test } from '@jest/globals';

import { LayerCache } from './layer-cache.ts';
import { LayerHeaders } from './layer-headers.ts';
import type { TarEntry } from './tar.ts';

const entry = (name: string): TarEntry => ({
  name,
  linkName: '',
  type: 'file',
  uid: 0,
  gid: 0,
  mode: 0o644,
  major: 0,
  minor: 0,
  sizeBytes: 1000,
  storedBytes: 1000,
  offset: 0,
  hasCapabilities: false,
});

/** With one file of a thousand bytes that was asked for. */
function headers(name: string): LayerHeaders {
  const found = new LayerHeaders(10_000);
  const recording = found.recording({ entry: () => true, content: () => undefined });
  recording.entry(entry(name));
  recording.content(entry(name), new Uint8Array(1000));
  return found;
}

test('a layer is known where it was read from, and not by its digest alone', () => {
  const cache = new LayerCache(10_000);
  cache.from('bank').set('sha256:1', headers('a'));
  expect(cache.from('bank').get('sha256:1')).toBeDefined();
  expect(cache.from('shop').get('sha256:1')).toBeUndefined();
});

test('the one used longest ago goes when they keep too many bytes, contents included', () => {
  const cache = new LayerCache(2_500);
  const known = cache.from('');
  known.set('1', headers('a'));
  known.set('2', headers('b'));
  known.get('1');
  known.set('3', headers('c'));
  expect(['1', '2', '3'].filter((digest) => known.get(digest))).toEqual(['1', '3']);
});
