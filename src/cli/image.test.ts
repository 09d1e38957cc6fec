// `rootcause image`, against an embedded registry and an archive on disk.

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { image as built, layer } from '../../test/registry/image.ts';
import { RegistryServer } from '../../test/registry/registry-server.ts';
import type { ImageCommandConfig } from '../config.ts';
import { showImage } from './image.ts';

let registry: RegistryServer;
const access = { inspect: true, registries: [], bytesPerMinute: 0, pullSecrets: false };
const files = [
  { name: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\nappuser:x:10001:20001:app:/srv:/bin/sh\n' },
  { name: 'etc/group', content: 'root:x:0:\nappgroup:x:20002:\n' },
  { name: 'srv/', type: '5', mode: 0o755 },
];

beforeEach(async () => {
  registry = await new RegistryServer().listen();
});

afterEach(async () => registry.close());

async function shown(config: Partial<ImageCommandConfig>): Promise<string> {
  let text = '';
  const asked = { reference: `${registry.host}/web:1`, output: 'text', images: access, ...config } as const;
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

test('as JSON it is one object with the fields of a finding', async () => {
  registry.push('web', '1', built([layer(files)], { user: 'appuser' }));
  const report = JSON.parse(await shown({ output: 'json', asUid: 999 })) as Record<string, unknown>;
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

test('a user that the image does not have is nobody', async () => {
  registry.push('web', '1', built([layer(files)], { user: 'ghost' }));
  const text = await shown({});
  expect(text).toContain('runs as     nobody can say: NotInImage\n');
  expect(text).not.toContain('uid');
});

test('an image that is not there is one sentence that names the registry', async () => {
  await expect(shown({})).rejects.toThrow(registry.host);
});

test.each(['Not An Image', 'http://x/y', ''])('%j is no image', async (reference) => {
  await expect(shown({ reference })).rejects.toThrow(/is no image: give NAME/);
});

test('a path that does not exist is named', async () => {
  await expect(shown({ reference: './nowhere' })).rejects.toThrow('There is no file or folder ./nowhere');
});
