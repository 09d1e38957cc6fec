// Each fault is seen as what it is, and the server is well again afterwards.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { ApiServer } from './api-server.ts';
import { connect, type Api } from './contract-api.ts';
import * as faults from './faults.ts';
import { asText, at } from './object.ts';
import { imageRunsAsRoot, play, pod } from './story.ts';

const pods = '/api/v1/pods';
const fromTheStart = `${pods}?watch=1&timeoutSeconds=0.2`;

let server: ApiServer;
let api: Api;
let url: string;

beforeEach(async () => {
  server = new ApiServer();
  const started = await server.start();
  api = connect(started.kubeconfig);
  url = started.url;
  play(server, pod('a').waiting('app', imageRunsAsRoot()), pod('b').waiting('app', imageRunsAsRoot()));
});

afterEach(async () => {
  await api.close();
  await server.stop();
});

async function watchedNames(): Promise<readonly string[]> {
  const events = await api.watch(fromTheStart, 100);
  return events.map(({ object }) => asText(at(object, 'metadata', 'name')));
}

describe('an answer that is refused', () => {
  test.each([
    ['429', faults.tooManyRequests(7), 429, '7'],
    ['500', faults.internalError(), 500, ''],
    ['503', faults.unavailable(), 503, ''],
    ['403', faults.forbidden(), 403, ''],
    ['401', faults.unauthorized(), 401, ''],
    ['410', faults.goneAnswer(), 410, ''],
  ])('%s comes once, and then the real answer', async (_, fault, code, retryAfter) => {
    const injected = server.inject(fault);
    const refused = await api.send('GET', pods);
    expect([refused.code, refused.header('retry-after')]).toEqual([code, retryAfter]);
    expect((await api.send('GET', pods)).code).toBe(200);
    expect(injected.hits()).toBe(1);
  });

  test('only hits what it is aimed at, as often as it says', async () => {
    server.inject(faults.internalError({ when: faults.lists('pods'), times: 2 }));
    expect((await api.send('GET', '/api/v1/nodes')).code).toBe(200);
    expect((await api.send('GET', pods)).code).toBe(500);
    expect((await api.send('GET', pods)).code).toBe(500);
    expect((await api.send('GET', pods)).code).toBe(200);
  });

  test('a proxy says 404 in its own words', async () => {
    server.inject(faults.proxyNotFound());
    const { code, text } = await api.send('GET', pods);
    expect([code, text]).toEqual([404, '<html>404 Not Found</html>']);
    expect((await api.send('GET', pods)).code).toBe(200);
  });

  test('a lifted fault hits nothing more', async () => {
    server.inject(faults.internalError({ times: 99 })).lift();
    expect((await api.send('GET', pods)).code).toBe(200);
  });
});

describe('a watch', () => {
  test('falls silent and does not end, not even at its time', async () => {
    server.inject(faults.radioSilence({ afterWrites: 1 }));
    const response = await fetch(url + fromTheStart);
    const reader = response.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    const more = reader?.read();
    // Neither the second pod nor the end of the watch comes through.
    expect(await Promise.race([more, new Promise((resolve) => setTimeout(resolve, 600, 'silence'))])).toBe(
      'silence',
    );
    expect(server.watchCount('pods')).toBe(1);
    void more?.catch(() => undefined);
  });

  test('breaks off in the middle of an object', async () => {
    server.inject(faults.resetAfter(100));
    await expect(api.watch(fromTheStart, 100)).rejects.toThrow();
    expect(await watchedNames()).toEqual(['a', 'b']);
  });

  test('repeats every event', async () => {
    server.inject(faults.duplicateEvents());
    expect(await watchedNames()).toEqual(['a', 'a', 'b', 'b']);
  });

  test('tells events the wrong way round', async () => {
    server.inject(faults.outOfOrderEvents());
    expect(await watchedNames()).toEqual(['b', 'a']);
  });

  test('says something that is no JSON, and goes on', async () => {
    server.inject(faults.garbageLine());
    const text = await (await fetch(url + fromTheStart)).text();
    const lines = text.trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(() => JSON.parse(lines[0] ?? '')).toThrow();
    expect(() => JSON.parse(lines[1] ?? '')).not.toThrow();
  });

  test('comes a few bytes at a time, and whole', async () => {
    server.inject(faults.slowDrip(300, 1));
    expect(await watchedNames()).toEqual(['a', 'b']);
  });

  test('is expired, and its only event says so', async () => {
    server.inject(faults.watchExpired());
    const events = await api.watch(fromTheStart, 100);
    expect(events).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
  });

  test('is expired after a compaction, unless it is from the present', async () => {
    const before = server.get('Pod', 'default', 'a')?.metadata.resourceVersion ?? '';
    server.compact();
    expect(await api.watch(`${fromTheStart}&resourceVersion=${before}`, 100)).toMatchObject([
      { type: 'ERROR' },
    ]);
    const now = server.get('Pod', 'default', 'b')?.metadata.resourceVersion ?? '';
    expect(await api.watch(`${fromTheStart}&resourceVersion=${now}`, 100)).toEqual([]);
  });

  test('can be cut from outside', async () => {
    const response = await fetch(`${url}${pods}?watch=1`);
    expect(server.watchCount()).toBe(1);
    server.cutWatches();
    await expect(response.text()).rejects.toThrow();
    expect(server.watchCount()).toBe(0);
  });

  test('can be muted from outside: it stays open and says nothing', async () => {
    const response = await fetch(`${url}${pods}?watch=1&resourceVersion=0`);
    const reader = response.body?.getReader();
    await reader?.read();
    server.muteWatches('pods');
    play(server, pod('c'));
    const next = await Promise.race([
      reader?.read(),
      new Promise((resolve) => setTimeout(resolve, 200, 'silence')),
    ]);
    expect(next).toBe('silence');
    expect(server.watchCount('pods')).toBe(1);
  });
});

describe('a list', () => {
  test('is broken off, in the middle or before it begins', async () => {
    server.inject(faults.resetAfter(500, { when: faults.lists('pods') }));
    await expect(api.send('GET', pods)).rejects.toThrow();
    server.inject(faults.brokenConnection({ when: faults.lists('pods') }));
    await expect(api.send('GET', pods)).rejects.toThrow();
    expect((await api.send('GET', pods)).code).toBe(200);
  });

  test('is compressed for those who ask, when it is large', async () => {
    for (let i = 0; i < 200; i += 1) play(server, pod(`many-${i}`).waiting('app', imageRunsAsRoot()));
    const response = await fetch(url + pods, { headers: { 'accept-encoding': 'gzip' } });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(at(JSON.parse(await response.text()), 'kind')).toBe('PodList');
  });
});

describe('the server', () => {
  test('refuses connections while it is stopped, and comes back where it was with what it had', async () => {
    await server.stop();
    const [error] = await once(connectSocket(Number(new URL(url).port), '127.0.0.1'), 'error').catch(
      (e: unknown) => [e],
    );
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    expect((await server.start()).url).toBe(url);
    expect(await watchedNames()).toEqual(['a', 'b']);
  });

  test('asks for a token once it is told to', async () => {
    server.acceptTokens(['new']);
    expect((await api.send('GET', pods, undefined, { token: 'old' })).code).toBe(401);
    expect((await api.send('GET', pods, undefined, { token: 'new' })).code).toBe(200);
  });

  test('counts what was asked of it', async () => {
    await api.send('GET', `${pods}?limit=5`);
    await api.send('PATCH', '/api/v1/namespaces/default/pods/a/status', {});
    expect(server.requests()).toMatchObject([
      {
        verb: 'list',
        resource: 'pods',
        namespace: '',
        name: '',
        userAgent: 'contract/1',
        parameters: { limit: '5' },
      },
      { verb: 'patch', resource: 'pods', subresource: 'status', namespace: 'default', name: 'a' },
    ]);
    server.clearRequests();
    expect(server.requests()).toEqual([]);
  });
});
