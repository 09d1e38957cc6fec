// Names that every JavaScript object has properties for are names like others, wherever a cluster or an image may use them.

import { expect, test } from '@jest/globals';

import { entrypointPaths } from '../src/engine/platform/image/entrypoint.ts';
import { podManifestOf } from '../src/engine/platform/kubernetes/pod-manifest.ts';
import { projectWorkload } from '../src/engine/project/project-workload.ts';
import { nameOf } from '../src/registry/image/choose-platform.ts';
import { isDigest } from '../src/engine/platform/image/image-reference.ts';

const words = Object.getOwnPropertyNames(Object.prototype);

const imageConfig = (program: string) => ({
  os: 'linux',
  architecture: 'amd64',
  user: '',
  workingDir: '/',
  volumes: [],
  exposedPorts: [],
  entrypoint: [program, '-x', 'app'],
  cmd: [],
});

const parsed = (text: string): unknown => JSON.parse(text);

test.each(words)('%s as a kind of digest, an architecture or an operating system', (word) => {
  expect(isDigest(`${word}:${'0'.repeat(64)}`)).toBe(false);
  const lower = word.toLowerCase();
  expect(nameOf({ os: word, architecture: word, variant: word })).toBe(`${lower}/${lower}/${lower}`);
});

test.each(words)('%s as the operator of a selector selects nothing', (word) => {
  const selector = {
    matchLabels: { app: 'x' },
    matchExpressions: [{ key: 'a', operator: word, values: ['b'] }],
  };
  expect(
    projectWorkload({ apiVersion: 'example.com/v1', kind: 'Widget' }, { spec: { selector } }),
  ).not.toHaveProperty('selector');
});

test.each(words)('%s as a volume or the source of one', (word) => {
  const volume = parsed(`{"name": "${word}", "${word}": {"${word}": "x"}}`);
  expect(() => podManifestOf({ spec: { containers: [], volumes: [volume] } })).not.toThrow();
});

test.each(words)('%s as the program that an image starts', (word) => {
  const paths = entrypointPaths(imageConfig(word));
  expect(paths.some((path) => path.endsWith(`/${word}`))).toBe(true);
});
