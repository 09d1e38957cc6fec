import { describe, expect, test } from '@jest/globals';
import { bestMatches, matchesImage, parseImagePattern } from './image-pattern.ts';
import type { ImageReference } from '../../engine/platform/image/image-reference.ts';

function image(text: string): ImageReference {
  const slash = text.indexOf('/');
  return { host: text.slice(0, slash), repository: text.slice(slash + 1) };
}

function matches(pattern: string, name: string): boolean {
  const parsed = parseImagePattern(pattern);
  return parsed !== undefined && matchesImage(parsed, image(name));
}

describe('a pattern', () => {
  test.each([
    // The examples in the kubelet's documentation.
    ['123456789.dkr.ecr.us-east-1.amazonaws.com', '123456789.dkr.ecr.us-east-1.amazonaws.com/team/app'],
    ['*.azurecr.io', 'team.azurecr.io/app'],
    ['gcr.io', 'gcr.io/project/app'],
    ['*.*.registry.io', 'a.b.registry.io/app'],
    ['registry.io:8080/path', 'registry.io:8080/path/app'],
    ['*.k8s.io', 'registry.k8s.io/pause'],
    ['k8s.*.io', 'k8s.gcr.io/pause'],
    ['k8s.*', 'k8s.io/pause'],
    ['app*.k8s.io', 'app1.k8s.io/pause'],
    // What the kubelet does besides.
    ['*-docker.pkg.dev', 'europe-docker.pkg.dev/project/repo/app'],
    ['*a*b*.example', 'xaxxbx.example/app'],
    ['r.example/pong', 'r.example/pongz'],
    ['r.example/', 'r.example/app'],
    ['R.Example', 'r.example/app'],
    ['[::1]:5000', '[::1]:5000/app'],
    ['localhost:5000', 'localhost:5000/app'],
    ['r.example?x=y#z', 'r.example/app'],
  ])('%s fits %s', (pattern, name) => expect(matches(pattern, name)).toBe(true));

  test.each([
    ['*.io', 'registry.k8s.io/pause'],
    ['*.k8s.io', 'k8s.io/pause'],
    ['*.*.registry.io', 'a.registry.io/app'],
    ['k*.io', 'quay.io/app'],
    ['ab*bc.example', 'abc.example/app'],
    ['a*b*a.example', 'aba.example.org/app'],
    ['registry.io:8080/path', 'registry.io:8080/other'],
    ['registry.io:8080', 'registry.io:8081/path'],
    ['registry.io', 'registry.io:8080/path'],
    ['registry.io:8080', 'registry.io/path'],
    ['registry.io/*', 'registry.io/path'],
    ['registry.io:*', 'registry.io:80/path'],
    ['r.example/Path', 'r.example/path'],
    ['example', 'r.example/app'],
    ['r.example', 'r.example.evil.test/app'],
    ['r.example', 'evil.test/r.example'],
    ['rxexample', 'r.example/app'],
  ])('%s does not fit %s', (pattern, name) => expect(matches(pattern, name)).toBe(false));

  test.each(['', '/path', 'a b', 'https://gcr.io', 'user@gcr.io', 'gcr.io:port', 'a\nb', 'x'.repeat(2000)])(
    'is not %j',
    (text) => expect(parseImagePattern(text)).toBeUndefined(),
  );

  test('with many stars takes no longer for text that almost fits', () => {
    expect(matches(`${'*a'.repeat(200)}b.example`, `${'a'.repeat(250)}.example/app`)).toBe(false);
  });
});

describe('bestMatches', () => {
  const order = (patterns: readonly string[], name: string): readonly string[] => {
    const candidates = patterns.flatMap((text) => {
      const pattern = parseImagePattern(text);
      return pattern ? [{ pattern }] : [];
    });
    return bestMatches(candidates, image(name)).map(({ pattern }) => pattern.text);
  };

  test('puts longer paths before shorter ones, and names before stars', () => {
    expect(
      order(['*.example', 'q.example', 'q.example/core', 'other.example'], 'q.example/core/etcd'),
    ).toEqual(['q.example/core', 'q.example', '*.example']);
  });

  test('knows Docker Hub by its old name, where nothing else fits', () => {
    expect(order(['index.docker.io'], 'docker.io/library/nginx')).toEqual(['index.docker.io']);
    expect(order(['index.docker.io', 'docker.io'], 'docker.io/library/nginx')).toEqual(['docker.io']);
    expect(order(['index.docker.io'], 'quay.io/library/nginx')).toEqual([]);
  });
});
