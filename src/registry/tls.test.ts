import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { certificateFor } from '../../test/registry/certificate.ts';
import { image } from '../../test/registry/image.ts';
import { RegistryServer } from '../../test/registry/registry-server.ts';
import { redirectsBlobs } from '../../test/registry/stories.ts';
import { parseRegistryOptions, type RegistryOptions } from './options.ts';
import { parseReference, type ImageReference } from '../engine/platform/image/image-reference.ts';
import { Registry } from './registry.ts';

const never = new AbortController().signal;
const certificate = certificateFor('127.0.0.1');
const shop = image([], { user: 'app' });
const open: { close: () => Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (each) => await each.close()));
});

async function secureServer(): Promise<RegistryServer> {
  const server = await new RegistryServer('127.0.0.1', certificate).listen();
  open.push(server);
  server.push('x', '1', shop);
  return server;
}

function registryWith(hosts: RegistryOptions): Registry {
  const registry = new Registry({ hosts, random: () => 0, limits: { retries: 1 } });
  open.push(registry);
  return registry;
}

function imageAt({ host }: RegistryServer): ImageReference {
  return parseReference(`${host}/x:1`) ?? { host: '', repository: '' };
}

function withCa({ host }: RegistryServer, ca: string): RegistryOptions {
  return parseRegistryOptions(JSON.stringify({ hosts: { [host]: { ca } } }));
}

describe('a certificate that the system does not know', () => {
  test('is trusted when the options name it, from a file or as it is', async () => {
    const server = await secureServer();
    const folder = await mkdtemp(join(tmpdir(), 'registry-ca-'));
    const file = join(folder, 'ca.pem');
    await writeFile(file, certificate.cert);
    for (const ca of [file, certificate.cert])
      await expect(
        registryWith(withCa(server, ca)).open(imageAt(server), undefined, never),
      ).resolves.toMatchObject({
        config: { user: 'app' },
      });
    await rm(folder, { recursive: true });
  });

  test('is not trusted otherwise, and the error says where to name it', async () => {
    const server = await secureServer();
    const other = certificateFor('127.0.0.1');
    const error = registryWith(withCa(server, other.cert)).open(imageAt(server), undefined, never);
    await expect(error).rejects.toMatchObject({
      code: 'tls',
      temporary: false,
      message: expect.stringMatching(/certificate is not trusted: give its CA as ca under hosts/),
    });
  });

  test('is not trusted for another name than its own', async () => {
    const server = await new RegistryServer('127.0.0.2', certificate).listen();
    open.push(server);
    await expect(
      registryWith(withCa(server, certificate.cert)).open(imageAt(server), undefined, never),
    ).rejects.toMatchObject({ code: 'tls' });
  });

  test('is trusted for the host that it was named for, and not for where that redirects to', async () => {
    const server = await secureServer();
    const elsewhere = await secureServer();
    server.play(redirectsBlobs(({ pathname }) => `${elsewhere.origin}${pathname}`));
    await expect(
      registryWith(withCa(server, certificate.cert)).open(imageAt(server), undefined, never),
    ).rejects.toMatchObject({ code: 'tls' });
    expect(elsewhere.asked).toEqual([]);
  });
});

test('a CA file that is missing or no PEM is named in the error', async () => {
  const server = await secureServer();
  for (const file of ['/nowhere/ca.pem', '/dev/null'])
    await expect(
      registryWith(withCa(server, file)).open(imageAt(server), undefined, never),
    ).rejects.toMatchObject({
      code: 'badOptions',
      message: expect.stringContaining(file),
    });
});

test('a redirect from HTTPS to plain HTTP is not followed', async () => {
  const server = await secureServer();
  const plain = await new RegistryServer().listen();
  open.push(plain);
  server.play(redirectsBlobs(({ pathname }) => `${plain.origin}${pathname}`));
  await expect(
    registryWith(withCa(server, certificate.cert)).open(imageAt(server), undefined, never),
  ).rejects.toMatchObject({ code: 'refusedAddress', message: expect.stringContaining('plain HTTP') });
  expect(plain.asked).toEqual([]);
});
