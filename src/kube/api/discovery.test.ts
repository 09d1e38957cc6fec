import { afterEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { KubeClient } from './client.ts';
import { Discovery, pathOf } from './discovery.ts';
import { KubeError } from './error.ts';
import { say, startServer, statusObject } from '../../../test/kube/scripted-server.ts';
import type { ScriptedServer, Story } from '../../../test/kube/scripted-server.ts';
import { Transport } from './transport.ts';

const never = new AbortController().signal;
const open: Transport[] = [];

function discoveryAt(server: ScriptedServer): Discovery {
  const transport = new Transport(server.cluster);
  open.push(transport);
  return new Discovery(new KubeClient(transport));
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

const kruise = {
  kind: 'APIResourceList',
  resources: [
    { name: 'statefulsets', kind: 'StatefulSet', namespaced: true },
    { name: 'statefulsets/scale', kind: 'Scale', namespaced: true },
    { name: 'sidecarsets', kind: 'SidecarSet', namespaced: false },
  ],
};

const groupsWith = (...apiVersions: readonly string[]): object => ({
  kind: 'APIGroupList',
  groups: apiVersions.map((groupVersion) => ({ versions: [{ groupVersion }] })),
});

/** Serves these kinds under one group. */
const serving =
  (apiVersion: string, kinds: object = kruise): Story =>
  ({ path }, response) =>
    say(response, 200, path === '/apis' ? groupsWith(apiVersion) : kinds);

describe('kinds', () => {
  test('of a group are asked once for all, also when all ask at once', async () => {
    const group = 'apps.kruise.io/v1beta1';
    await using server = await startServer(serving(group));
    const discovery = discoveryAt(server);
    const found = await Promise.all(
      ['StatefulSet', 'SidecarSet', 'Scale'].map((kind) => discovery.resourceOf(group, kind, never)),
    );
    expect(found).toEqual([
      { plural: 'statefulsets', namespaced: true },
      { plural: 'sidecarsets', namespaced: false },
      undefined,
    ]);
    expect(await discovery.resourceOf(group, 'Unheard', never)).toBeUndefined();
    expect(server.asked.map(({ path }) => path)).toEqual(['/apis', `/apis/${group}`]);
  });

  test('of a group that does not exist are remembered as unknown', async () => {
    await using server = await startServer(serving('other.example/v1'));
    const discovery = discoveryAt(server);
    expect(await discovery.resourceOf('a.example/v1', 'A', never)).toBeUndefined();
    expect(await discovery.resourceOf('a.example/v1', 'B', never)).toBeUndefined();
    expect(server.asked.map(({ path }) => path)).toEqual(['/apis']);
  });

  test('of a version of the core group that does not exist are unknown', async () => {
    await using server = await startServer((_asked, response) => say(response, 200, { versions: ['v1'] }));
    expect(await discoveryAt(server).resourceOf('v2', 'Pod', never)).toBeUndefined();
    expect(server.asked.map(({ path }) => path)).toEqual(['/api']);
  });

  test.each(['/apis', '/apis/d.example/v1'])(
    'are not absent because a proxy answers 404 for %s',
    async (broken) => {
      await using server = await startServer((asked, response, nth) =>
        asked.path === broken
          ? void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n')
          : serving('d.example/v1')(asked, response, nth),
      );
      const discovery = discoveryAt(server);
      const asking = discovery.resourceOf('d.example/v1', 'StatefulSet', never);
      await expect(asking).rejects.toMatchObject({ code: 'badResponse', status: 404, temporary: true });
    },
  );

  test('are not absent because the list of groups makes no sense', async () => {
    await using server = await startServer((_asked, response) => say(response, 200, {}));
    const asking = discoveryAt(server).resourceOf('d.example/v1', 'StatefulSet', never);
    await expect(asking).rejects.toMatchObject({ code: 'badResponse' });
  });

  test('are asked for again after a failure, which is thrown', async () => {
    await using server = await startServer((asked, response, nth) =>
      nth === 1 ? say(response, 403, statusObject(403, 'no')) : serving('b.example/v1')(asked, response, nth),
    );
    const discovery = discoveryAt(server);
    await expect(discovery.resourceOf('b.example/v1', 'StatefulSet', never)).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(await discovery.resourceOf('b.example/v1', 'StatefulSet', never)).toBeDefined();
  });

  test('are not waited for once the caller gave up, and others still get them', async () => {
    await using server = await startServer((asked, response, nth) => {
      setTimeout(() => void serving('c.example/v1')(asked, response, nth), 50);
    });
    const discovery = discoveryAt(server);
    const stop = new AbortController();
    const given = discovery.resourceOf('c.example/v1', 'StatefulSet', stop.signal);
    const kept = discovery.resourceOf('c.example/v1', 'StatefulSet', never);
    stop.abort();
    await expect(given).rejects.toMatchObject({ code: 'aborted' });
    expect(await kept).toBeDefined();
  });

  test.each(['', '/', '../v1', 'a/b/c', 'a b/v1', 'a/..', 'x'.repeat(400), 'é/v1'])(
    'of %j do not exist, and no request is sent',
    async (apiVersion) => {
      await using server = await startServer((_asked, response) => say(response, 200, kruise));
      expect(await discoveryAt(server).resourceOf(apiVersion, 'StatefulSet', never)).toBeUndefined();
      expect(server.asked).toEqual([]);
    },
  );
});

describe('a path', () => {
  test.each([
    [{ apiVersion: 'v1', plural: 'pods' }, '/api/v1/pods'],
    [
      { apiVersion: 'v1', plural: 'pods', namespace: 'a', name: 'b', subresource: 'log' },
      '/api/v1/namespaces/a/pods/b/log',
    ],
    [
      { apiVersion: 'apps/v1', plural: 'deployments', namespace: 'a' },
      '/apis/apps/v1/namespaces/a/deployments',
    ],
    [{ apiVersion: 'v1', plural: 'nodes', name: 'n:1' }, '/api/v1/nodes/n%3A1'],
  ])('of %j is %s', (ref, path) => expect(pathOf(ref)).toBe(path));

  test('is never anything but the path of that object, whatever it is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (name, namespace) => {
        const path = attempt(() => pathOf({ apiVersion: 'v1', plural: 'pods', namespace, name }));
        const parts = new URL(path ?? '/', 'http://h').pathname.split('/').slice(1).map(decodeURIComponent);
        expect(path === undefined ? [] : parts).toEqual(
          path === undefined ? [] : ['api', 'v1', 'namespaces', namespace, 'pods', name],
        );
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    '',
    '.',
    '..',
    'a/b',
    '../../secrets',
    'a%2fb',
    'a\\b',
    'a\u0000',
    'a?b\n',
    '\ud800',
    'x'.repeat(254),
  ])('cannot hold the name %j', (name) => {
    expect(() => pathOf({ apiVersion: 'v1', plural: 'pods', name })).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    );
  });
});

function attempt(work: () => string): string | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof KubeError) return undefined;
    throw error;
  }
}
