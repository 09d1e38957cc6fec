import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mountedDockerConfig } from './mounted-docker-config.ts';

const image = { host: 'r.example', repository: 'app' };
const signal = new AbortController().signal;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-config-'));
});

afterAll(async () => await rm(folder, { recursive: true }));

const configOf = (password: string): string =>
  JSON.stringify({ auths: { 'r.example': { username: 'ada', password } } });

test('A mounted docker config is read again after it was replaced', async () => {
  const path = join(folder, 'config.json');
  const source = mountedDockerConfig(path);
  await writeFile(path, configOf('old'));
  expect(await source(image, signal)).toEqual([{ is: 'basic', username: 'ada', password: 'old' }]);
  await writeFile(`${path}.new`, configOf('new'));
  await rename(`${path}.new`, path);
  expect(await source(image, signal)).toEqual([{ is: 'basic', username: 'ada', password: 'new' }]);
});

test('A docker config that cannot be read is named, with what to do', async () => {
  await mkdir(join(folder, 'a-folder'));
  const large = join(folder, 'large.json');
  await writeFile(large, ' '.repeat(1024 * 1024 + 1));
  await expect(mountedDockerConfig(join(folder, 'none'))(image, signal)).rejects.toMatchObject({
    name: 'RegistryError',
    code: 'badCredentials',
    message: `docker config ${folder}/none does not exist: mount it at this path, or change the path`,
  });
  await expect(mountedDockerConfig(join(folder, 'a-folder'))(image, signal)).rejects.toThrow(
    'is a folder: name the file in it',
  );
  await expect(mountedDockerConfig(large)(image, signal)).rejects.toThrow('is larger than');
});

/** Nothing is closed to root. */
const testAsUser = process.getuid?.() === 0 ? test.skip : test;

testAsUser('A docker config that this user may not read says so', async () => {
  const path = join(folder, 'closed.json');
  await writeFile(path, configOf('x'));
  await chmod(path, 0);
  // oxlint-disable-next-line jest/no-standalone-expect -- it stands in a test
  await expect(mountedDockerConfig(path)(image, signal)).rejects.toThrow('may not be read by this user');
});

test('Nothing is read once it is given up', async () => {
  const path = join(folder, 'given-up.json');
  await writeFile(path, configOf('x'));
  await expect(mountedDockerConfig(path)(image, AbortSignal.abort())).rejects.toMatchObject({
    code: 'aborted',
  });
});
