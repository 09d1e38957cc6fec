import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatReference, parseHost, parseReference } from './image-reference.ts';

const sha256 = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('parseReference', () => {
  test.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['bitnami/redis', 'docker.io/bitnami/redis:latest'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['index.docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['registry-1.docker.io/library/nginx', 'docker.io/library/nginx:latest'],
    ['localhost/x', 'localhost/x:latest'],
    ['localhost:5000/x:1', 'localhost:5000/x:1'],
    ['localhost:5000', 'docker.io/library/localhost:5000'],
    ['127.0.0.1:5000/a/b/c', '127.0.0.1:5000/a/b/c:latest'],
    ['[::1]:5000/x', '[::1]:5000/x:latest'],
    ['[FE80::1]/x', '[fe80::1]/x:latest'],
    ['Registry.Example/x', 'registry.example/x:latest'],
    ['REGISTRY/x', 'registry/x:latest'],
    ['ghcr.io/a-b/c__d/e.f:v1_2-3', 'ghcr.io/a-b/c__d/e.f:v1_2-3'],
    [`nginx@${sha256}`, `docker.io/library/nginx@${sha256}`],
    [`r.example:443/x:1@${sha256}`, `r.example:443/x:1@${sha256}`],
    [`r.example/x@sha512:${'ab'.repeat(64)}`, `r.example/x@sha512:${'ab'.repeat(64)}`],
  ])('reads %s as %s', (text, full) => {
    const reference = parseReference(text);
    expect(reference && formatReference(reference)).toBe(full);
  });

  test.each([
    '',
    ' ',
    'Nginx',
    'nginx:',
    'nginx@',
    'nginx:a:b',
    'nginx@sha256:abc',
    `nginx@sha256:${'A'.repeat(64)}`,
    `nginx@md5:${'a'.repeat(32)}`,
    `nginx@${sha256}@${sha256}`,
    'a'.repeat(64).replaceAll('a', 'f'), // an image id
    'r.example/',
    'r.example//x',
    'r.example/x/',
    '/x',
    '-r.example/x',
    'r..example/x',
    'r.example:/x',
    'r.example:0/x',
    'r.example:65536/x',
    'r.example:+1/x',
    '[::g]/x',
    '[::1/x',
    '::1/x',
    'r.example/../x',
    'r.example/a/./b',
    'r.example/x?y=1',
    'r.example/x#y',
    'user:password@r.example/x',
    'https://r.example/x',
    'r.example/x:1\n',
    'r.example/x\0',
    'r.example/x%2f..',
    'r.example/é',
    `r.example/${'a'.repeat(256)}`,
    `r.example/x:${'a'.repeat(129)}`,
    'a'.repeat(2000),
  ])('refuses %j', (text) => {
    expect(parseReference(text)).toBeUndefined();
  });

  test('reads what it has written as the same thing, whatever was written first', () => {
    const part = fc.constantFrom('a', 'B', '.', ':', '/', '@', '-', '_', '[', ']', '1', sha256, 'localhost');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const reference = parseReference(parts.join(''));
        const again = reference && parseReference(formatReference(reference));
        expect(again).toEqual(reference);
      }),
    );
  });

  test('never lets a name out of its place in a URL', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60, unit: 'binary' }), (text) => {
        const reference = parseReference(`r.example/${text}`);
        if (!reference) return;
        const url = new URL(`https://${reference.host}/v2/${reference.repository}/manifests/x`);
        expect(url.pathname).toBe(`/v2/${reference.repository}/manifests/x`);
        expect(url.host).toBe('r.example');
      }),
    );
  });
});

test('parseHost folds the names of Docker Hub into one and refuses what is no host', () => {
  expect(parseHost('Registry-1.Docker.io')).toBe('docker.io');
  expect(parseHost('localhost:5000')).toBe('localhost:5000');
  expect(parseHost('https://r.example')).toBeUndefined();
  expect(parseHost('__proto__')).toBeUndefined();
});
