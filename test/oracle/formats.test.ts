// What the tools that people build and copy images with write, each read through the door that it is made for.

import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ImageUser } from '../../src/engine/model/image.ts';
import { openArchive } from '../../src/registry/local/docker-archive.ts';
import type { ImageSource } from '../../src/registry/image/image-source.ts';
import { openOciLayout } from '../../src/registry/local/oci-layout.ts';
import { Registry } from '../../src/registry/registry.ts';
import { imageOf, manifestType } from './image.ts';
import { oursOf, platform } from './ours.ts';
import { PushRegistry } from './push-registry.ts';
import type { Recipe } from './recipe.ts';

const { signal } = new AbortController();
const folder = mkdtempSync(join(tmpdir(), 'rootcause-formats-'));
const at = (name: string): string => join(folder, name);
const server = new PushRegistry();
const isRoot = process.getuid?.() === 0;
let host = '';
let registry: Registry;

beforeAll(async () => {
  writeLayout('source');
  host = await server.listen();
  registry = new Registry({ hosts: { hosts: { [host]: { plainHttp: true, mirrors: [] } }, allow: [] } });
});

afterAll(async () => {
  await registry.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** USER `app:staff`, with the passwd file behind a whiteout and a link. */
const recipe: Recipe = {
  user: 'a name and a group name',
  passwd: 'whole',
  group: 'whole',
  layers: 'links across layers',
  compression: 'gzip',
};

function writeLayout(name: string, some: Partial<Recipe> = {}): void {
  const image = imageOf({ ...recipe, ...some }, Buffer.from('program'));
  const blobs = join(at(name), 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  for (const [digest, bytes] of [...image.blobs, [image.digest, image.manifest] as const])
    writeFileSync(join(blobs, digest.replace('sha256:', '')), bytes);
  const descriptor = { mediaType: manifestType, digest: image.digest, size: image.manifest.length };
  const annotations = { 'org.opencontainers.image.ref.name': 'one' };
  const manifests = [{ ...descriptor, annotations }];
  writeFileSync(join(at(name), 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  writeFileSync(join(at(name), 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
}

async function run(tool: string, ...args: readonly string[]): Promise<void> {
  await promisify(execFile)(tool, args, { timeout: 60_000, env: { ...process.env, HOME: folder } });
}

/** A test of what a tool writes, or a skipped one that says why. */
function withTool(tool: string, name: string, work: () => Promise<void>): void {
  const isThere = spawnSync(tool, ['--version']).status === 0;
  const either = isThere ? test : test.skip;
  either(`${tool}: ${name}${isThere ? '' : ' (it is not installed here)'}`, work, 120_000);
}

/** @param type what the types of all layers must hold, so that each tool is known to have done what it was asked for */
async function expectUser(open: () => Promise<ImageSource>, type = 'tar'): Promise<void> {
  const found: ImageUser = await oursOf(open, signal);
  expect(found).toMatchObject({ is: 'resolved', uid: 10001, gid: 20001, userGroup: 50, name: 'app' });
  const { layers } = await open();
  expect(layers.filter(({ mediaType }) => !mediaType.includes(type))).toEqual([]);
}

const remote = (repository: string) => () => registry.open({ host, repository, tag: '1' }, platform, signal);
const layout = (name: string, tag?: string) => () => openOciLayout(at(name), tag, platform, signal);
const archive = (name: string, tag?: string) => () => openArchive(at(name), tag, platform, signal);

test('an OCI layout that nobody has touched', async () => {
  await expectUser(layout('source'));
});

describe('skopeo copies it', () => {
  const copy = (to: string, ...flags: readonly string[]): Promise<void> =>
    run(
      'skopeo',
      '--insecure-policy',
      'copy',
      '--dest-tls-verify=false',
      ...flags,
      `oci:${at('source')}:one`,
      to,
    );

  withTool('skopeo', 'into another OCI layout, beside another image', async () => {
    await copy(`oci:${at('copied')}:first`);
    await copy(`oci:${at('copied')}:second`, '--format', 'v2s2');
    await expectUser(layout('copied', 'first'));
    await expectUser(layout('copied', 'second'), 'docker.image');
  });

  withTool('skopeo', 'into an archive as docker save writes it', async () => {
    await copy(`docker-archive:${at('docker.tar')}:app:1`);
    await expectUser(archive('docker.tar'));
    await expectUser(archive('docker.tar', 'app:1'));
  });

  withTool('skopeo', 'into a tar of an OCI layout', async () => {
    await copy(`oci-archive:${at('oci.tar')}:app`);
    await expectUser(archive('oci.tar'));
  });

  withTool('skopeo', 'to a registry', async () => {
    await copy(`docker://${host}/copied/oci:1`);
    await expectUser(remote('copied/oci'), 'tar+gzip');
  });

  withTool('skopeo', 'to a registry, as Docker schema 2', async () => {
    await copy(`docker://${host}/copied/v2s2:1`, '--format', 'v2s2');
    await expectUser(remote('copied/v2s2'), 'docker.image');
  });

  withTool('skopeo', 'to a registry, compressed as zstd', async () => {
    await copy(`docker://${host}/copied/zstd:1`, '--dest-compress-format', 'zstd');
    await expectUser(remote('copied/zstd'), 'zstd');
  });

  withTool('skopeo', 'to a registry by way of a folder without compression', async () => {
    await copy(`dir:${at('folder')}`, '--dest-decompress');
    await run(
      'skopeo',
      '--insecure-policy',
      'copy',
      '--dest-tls-verify=false',
      `dir:${at('folder')}`,
      `docker://${host}/copied/plain:1`,
    );
    await expectUser(remote('copied/plain'));
  });
});

withTool('umoci', 'changes the layers and writes a new one on top', async () => {
  writeLayout('umoci', { layers: 'an upper layer replaces it' });
  const image = `${at('umoci')}:one`;
  const bundle = at('bundle');
  await run('umoci', 'unpack', ...(isRoot ? [] : ['--rootless']), '--image', image, bundle);
  rmSync(join(bundle, 'rootfs', 'etc', 'passwd'));
  writeFileSync(join(bundle, 'rootfs', 'etc', 'passwd'), 'other:x:1:1\napp:x:10001:20001\n');
  await run('umoci', 'repack', '--image', image, bundle);
  await run('umoci', 'config', '--image', image, '--config.user', 'app:staff');
  await expectUser(layout('umoci', 'one'));
});

describe('buildah builds it', () => {
  const store = ['--storage-driver', 'vfs', '--root', at('buildah'), '--runroot', at('buildah-run')];
  const buildah = (...args: readonly string[]): Promise<void> => run('buildah', ...store, ...args);

  withTool('buildah', 'from scratch, and commits it in every format', async () => {
    if (!isRoot) return; // its storage needs a user namespace otherwise
    for (const [name, text] of [
      ['passwd', 'app:x:10001:20001\n'],
      ['group', 'staff:x:50:app\n'],
    ] as const)
      writeFileSync(at(name), text);
    await buildah('from', '--name', 'work', 'scratch');
    await buildah('add', 'work', at('passwd'), '/etc/passwd');
    await buildah('add', 'work', at('group'), '/etc/group');
    await buildah('config', '--user', 'app:staff', '--os', 'linux', '--arch', 'amd64', 'work');
    await buildah('commit', 'work', `oci:${at('built')}:one`);
    await buildah('commit', 'work', `docker-archive:${at('built.tar')}:app:1`);
    await buildah(
      'commit',
      '--tls-verify=false',
      '--format',
      'docker',
      'work',
      `docker://${host}/built/docker:1`,
    );
    await expectUser(layout('built'));
    await expectUser(archive('built.tar'));
    await expectUser(remote('built/docker'), 'docker.image');
  });
});
