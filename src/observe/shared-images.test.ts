// Which broken workloads have an image in common.

import { describe, expect, test } from '@jest/globals';

import { type RecordedImages, SharedImages } from './shared-images.ts';

function record(
  name: string,
  images: readonly string[],
  { namespace = 'shop', apiVersion = 'apps/v1' } = {},
): RecordedImages {
  return { workload: { apiVersion, kind: 'Deployment', name, namespace, uid: name }, images };
}

const web = 'Deployment/shop/web';

describe('workloads that share an image', () => {
  test('are named to one another, sorted, and not to other namespaces', () => {
    const shared = new SharedImages(() => true);
    for (const each of [
      record('web', ['base:1', 'proxy:1']),
      record('api', ['proxy:1', 'api:1']),
      record('web', ['base:1'], { namespace: 'lab' }),
      record('other', ['other:1']),
      record('custom', ['base:1'], { apiVersion: 'example.com/v1' }),
    ])
      shared.note(each);
    expect(shared.othersWithImagesOf(web)).toEqual([
      'shop/Deployment.example.com/custom',
      'shop/Deployment/api',
    ]);
    expect(shared.othersWithImagesOf('Deployment/shop/other')).toEqual([]);
  });

  test('are no more than ten', () => {
    const shared = new SharedImages(() => true);
    shared.note(record('web', ['base:1']));
    for (let index = 10; index < 40; index += 1) shared.note(record(`w-${index}`, ['base:1']));
    const names = shared.othersWithImagesOf(web);
    expect(names).toHaveLength(10);
    expect(names?.[0]).toBe('shop/Deployment/w-10');
  });

  test('are forgotten once they are mended, have another image, or are gone', () => {
    const shared = new SharedImages(() => true);
    for (const name of ['web', 'a', 'b', 'c', 'd']) shared.note(record(name, ['base:1']));
    shared.note(record('a', []));
    shared.note(record('b', ['base:2']));
    shared.forget('Deployment/shop/c');
    expect(shared.othersWithImagesOf(web)).toEqual(['shop/Deployment/d']);
  });

  test('are not known before all records of their namespace are in, nor of a workload that has none', () => {
    const complete = new Set(['lab']);
    const shared = new SharedImages((namespace) => complete.has(namespace));
    shared.note(record('web', ['base:1']));
    expect(shared.othersWithImagesOf(web)).toBeUndefined();
    complete.add('shop');
    expect(shared.othersWithImagesOf(web)).toEqual([]);
    expect(shared.othersWithImagesOf('Deployment/shop/new')).toBeUndefined();
  });
});
