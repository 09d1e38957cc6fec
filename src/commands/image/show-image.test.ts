// `rootcause image`, against an embedded registry and an archive on disk.

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { image as built, layer } from '../../../test/registry/image.ts';
import { RegistryServer } from '../../../test/registry/registry-server.ts';
import { BadInput } from '../command.ts';
import { showImage } from './show-image.ts';
import type { ShownImage } from './show-image.ts';

let registry: RegistryServer;
const files = [
  { name: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\nappuser:x:10001:20001:app:/srv:/bin/sh\n' },
  { name: 'etc/group', content: 'root:x:0:\nappgroup:x:20002:\n' },
  { name: 'srv/', type: '5', mode: 0o755 },
];

beforeEach(async () => {
  registry = await new RegistryServer().listen();
});

afterEach(async () => registry.close());

async function shown(config: Partial<ShownImage>): Promise<string> {
  let text = '';
  const asked = { reference: `${registry.host}/web:1`, output: 'text', ...config } as const;
  await showImage(asked, {}, { write: (more) => (text += more) }, new AbortController().signal);
  return text;
}

test('says who a container runs as, where that stands, and what may go wrong', async () => {
  registry.push('web', '1', built([layer(files)], { user: 'appuser:appgroup' }));
  const text = await shown({});
  expect(text).toContain('USER        appuser:appgroup\n');
  expect(text).toContain('runs as     uid 10001, gid 20001\n');
  expect(text).toMatch(
    /because {5}etc\/passwd line 2 of layer sha256:[0-9a-f]{64} says appuser is 10001:20001/,
  );
  expect(text).toContain('its group   20002, which Kubernetes drops: set runAsGroup\n');
  expect(text).toContain('RootOwnedPath: HOME /srv');
});

test('says nothing of a group of USER that passwd gives as well', async () => {
  registry.push('web', '1', built([layer(files)], { user: '10001:20001' }));
  const text = await shown({});
  expect(text).toContain('runs as     uid 10001, gid 20001\n');
  expect(text).not.toContain('runAsGroup');
});

test('as JSON it is one object with the fields of a finding', async () => {
  registry.push('web', '1', built([layer(files)], { user: 'appuser' }));
  const report = JSON.parse(await shown({ output: 'json', as: { uid: 999 } })) as Record<string, unknown>;
  expect(report).toMatchObject({
    reference: `${registry.host}/web:1`,
    digestFrom: 'registry',
    user: 'appuser',
    uid: 10001,
    gid: 20001,
    resolution: 'Resolved',
    as: 999,
    risks: [{ code: 'NoPasswdEntry' }],
  });
});

test('an image that runs as root comes with what would cure it', async () => {
  const program = { content: '\u007FELF', mode: 0o755 };
  const root = layer([
    ...files,
    { name: 'etc/os-release', content: 'PRETTY_NAME="Alpine Linux v3.20"\n' },
    { name: 'bin/busybox', ...program },
    ...['sh', 'adduser', 'addgroup'].map((name) => ({ name: `bin/${name}`, type: '2', linkName: 'busybox' })),
    { name: 'entrypoint.sh', content: '#!/bin/sh\nexec su-exec appuser "$@"\n', mode: 0o755 },
  ]);
  registry.push('web', '1', built([root], { config: { Volumes: { '/data': {} } } }));
  const text = await shown({});
  expect(text).toContain('runs as     uid 0, gid 0, which is root\n');
  expect(text).toContain('volumes     /data\n');
  expect(text).toContain('built on    Alpine Linux v3.20: it has the adduser of BusyBox; id 10002 is free\n');
  expect(text).toContain('add at the end of the Dockerfile (test first):\n  RUN addgroup -g 10002 app10002 ');
  expect(text).toMatch(/\n {2}USER 10002:10002\n$/);

  const config = { Entrypoint: ['/entrypoint.sh'] };
  registry.push('web', '1', built([root], { config }));
  expect(JSON.parse(await shown({ output: 'json' }))).toMatchObject({
    uid: 0,
    base: { name: 'Alpine Linux v3.20', makesUsersWith: 'adduser', freeId: 10002 },
    droppedUser: { name: 'appuser', uid: 10001, gid: 20001 },
    dockerfile: expect.stringMatching(/\nUSER 10001:20001\n$/),
    dockerfileCertainty: 'TestFirst',
  });
});

test('a name comes with its number for the Dockerfile, and a number needs nothing', async () => {
  registry.push('web', '1', built([layer(files)], { user: 'appuser' }));
  expect(await shown({})).toContain('add at the end of the Dockerfile:\n  USER 10001:20001\n');
  registry.push('web', '1', built([layer(files)], { user: '10001' }));
  const text = await shown({});
  expect(text).not.toContain('Dockerfile');
  expect(text).not.toContain('built on');
});

test('a user that the image does not have is nobody', async () => {
  registry.push('web', '1', built([layer(files)], { user: 'ghost' }));
  const text = await shown({});
  expect(text).toContain('runs as     unresolved: NotInImage\n');
  expect(text).not.toContain('uid');
});

test('an image that is not there is one sentence that names the registry', async () => {
  await expect(shown({})).rejects.toThrow(registry.host);
});

test.each(['Not An Image', 'http://x/y', ''])('%j is not an image reference', async (reference) => {
  await expect(shown({ reference })).rejects.toThrow(BadInput);
  await expect(shown({ reference })).rejects.toThrow(/is not an image reference: give NAME/);
});

test('a path that does not exist is named', async () => {
  await expect(shown({ reference: './nowhere' })).rejects.toThrow(BadInput);
  await expect(shown({ reference: './nowhere' })).rejects.toThrow('./nowhere does not exist: give a path');
});

test('an image of one platform is not taken for one of another', async () => {
  registry.push('web', '1', built([layer(files)], { architecture: 'amd64' }));
  const arm = { os: 'linux', architecture: 'arm64' };
  await expect(shown({ platform: arm })).rejects.toThrow(
    new BadInput(
      `${registry.host}/web:1 has no image for linux/arm64: it is a single image, for linux/amd64.`,
    ),
  );
  expect(await shown({ platform: { os: 'linux', architecture: 'x86_64' } })).toContain('runs as');
});
