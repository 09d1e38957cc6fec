import { afterEach, expect, test } from '@jest/globals';

import { KubeClient } from '../kube/api/client.ts';
import { Transport } from '../kube/api/transport.ts';
import { say, startServer, statusObject } from '../../test/kube/scripted-server.ts';
import type { ScriptedServer } from '../../test/kube/scripted-server.ts';
import { KnownRegistries } from './known-registries.ts';

const signal = new AbortController().signal;
const open: Transport[] = [];
let nowMs = 0;

afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

function knownTo(server: ScriptedServer): KnownRegistries {
  const transport = new Transport(server.cluster);
  open.push(transport);
  return new KnownRegistries(new KubeClient(transport), () => nowMs);
}

const node = (image: string) => ({ metadata: { name: 'n' }, status: { images: [{ names: [image] }] } });
const pod = (image: string, status: object) => ({
  metadata: { name: 'p' },
  status: { containerStatuses: [{ name: 'app', image, ...status }] },
});
const running = { imageID: 'sha256:1', state: { running: {} } };
const waiting = (reason: string) => ({ imageID: '', state: { waiting: { reason } } });

/** Lists of objects by the end of their path; what is not named is forbidden. */
const serving = (lists: Readonly<Record<string, readonly object[]>>) =>
  startServer(({ path }, response) => {
    const found = Object.entries(lists).find(([end]) => path.split('?')[0]?.endsWith(end));
    if (!found) return say(response, 403, statusObject(403, 'Forbidden'));
    say(response, 200, { kind: 'List', metadata: { resourceVersion: '1' }, items: found[1] });
  });

test('a registry is known that a node has an image from, and no other', async () => {
  await using server = await serving({ '/nodes': [node('registry.example/web:1')] });
  const known = knownTo(server);
  expect(await known.refusalOf('registry.example', 'shop', signal)).toBeUndefined();
  expect(await known.refusalOf('other.example', 'shop', signal)).toBe(
    'no node reports an image from other.example, so it is not asked; --registries=other.example allows it',
  );
});

test('the list is read again after ten seconds for a registry that is not known', async () => {
  const nodes = [node('registry.example/web:1')];
  await using server = await serving({ '/nodes': nodes });
  const known = knownTo(server);
  await known.refusalOf('new.example', 'shop', signal);
  nodes.push(node('new.example/web:1'));
  nowMs += 9_000;
  expect(await known.refusalOf('new.example', 'shop', signal)).toBeDefined();
  nowMs += 1_000;
  expect(await known.refusalOf('new.example', 'shop', signal)).toBeUndefined();
});

test('where nodes may not be listed, a registry is known that a pod of the namespace has pulled from', async () => {
  await using server = await serving({
    '/namespaces/shop/pods': [
      pod('registry.example/web:1', running),
      pod('config.example/web:1', waiting('CreateContainerConfigError')),
      pod('missing.example/web:1', waiting('ImagePullBackOff')),
      pod('starting.example/web:1', waiting('ContainerCreating')),
    ],
    '/namespaces/bank/pods': [],
  });
  const known = knownTo(server);
  expect(await known.refusalOf('registry.example', 'shop', signal)).toBeUndefined();
  expect(await known.refusalOf('config.example', 'shop', signal)).toBeUndefined();
  expect(await known.refusalOf('missing.example', 'shop', signal)).toBeDefined();
  expect(await known.refusalOf('starting.example', 'shop', signal)).toBeDefined();
  expect(await known.refusalOf('registry.example', 'bank', signal)).toBe(
    'no pod in namespace bank has an image from registry.example, and this account may not list nodes, so it is not asked; --registries=registry.example allows it',
  );
});
