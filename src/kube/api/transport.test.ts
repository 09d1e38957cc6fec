import { afterEach, describe, expect, test } from '@jest/globals';
import type { Cluster } from '../auth/cluster.ts';
import { KubeError } from './error.ts';
import { clusterAt, say, startServer, statusObject, until } from '../../../test/kube/scripted-server.ts';
import { Transport } from './transport.ts';
import type { KubeRequest } from './transport.ts';

const never = new AbortController().signal;
const pods: KubeRequest = { verb: 'get', path: '/api/v1/pods' };
const open: Transport[] = [];

function transportTo(
  cluster: Cluster,
  options: ConstructorParameters<typeof Transport>[1] = {},
): { transport: Transport; codes: string[] } {
  const codes: string[] = [];
  const transport = new Transport(cluster, {
    onRequest: (verb, code) => codes.push(`${verb} ${code}`),
    ...options,
  });
  open.push(transport);
  return { transport, codes };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

async function failureOf(work: Promise<unknown>): Promise<KubeError> {
  const outcome = await work.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  );
  if (outcome instanceof KubeError) return outcome;
  throw outcome;
}

describe('a request', () => {
  test('carries method, query, headers, body and credentials', async () => {
    await using server = await startServer((_asked, response) => say(response, 200, { ok: true }));
    const cluster = clusterAt(server.port, async () => ({ headers: { authorization: 'Bearer t' }, tls: {} }));
    const { transport } = transportTo({ ...cluster, server: `${cluster.server}/prefix` });
    const request = {
      verb: 'apply',
      path: '/x',
      query: { a: 'b c' },
      body: { d: 1 },
      contentType: 'some/type',
    } as const;
    const { bytes } = await transport.request(request, never);
    expect(bytes.toString()).toBe('{"ok":true}');
    expect(server.asked[0]).toMatchObject({
      method: 'PATCH',
      path: '/prefix/x',
      query: { a: 'b c' },
      body: { d: 1 },
      headers: { authorization: 'Bearer t', 'content-type': 'some/type', 'user-agent': 'rootcause' },
    });
  });

  test('is counted once for each attempt, and warnings are handed on', async () => {
    await using server = await startServer((_asked, response, nth) =>
      nth === 1
        ? say(response, 503, statusObject(503, 'starting'), { 'retry-after': '0' })
        : say(response, 200, {}, { warning: '299 - "deprecated"' }),
    );
    const { transport, codes } = transportTo(server.cluster);
    const { warnings } = await transport.request(pods, never);
    expect([codes, warnings]).toEqual([['get 503', 'get 200'], ['deprecated']]);
  });

  test('does not follow redirects', async () => {
    await using server = await startServer((_asked, response) =>
      say(response, 302, {}, { location: '/secrets' }),
    );
    const { transport } = transportTo(server.cluster);
    const error = await failureOf(transport.request({ ...pods, retries: 0 }, never));
    expect(error).toMatchObject({ code: 'badResponse', status: 302 });
    expect(server.asked).toHaveLength(1);
  });

  test('ends with the signal, while it waits for an answer and while it waits to try again', async () => {
    await using server = await startServer((asked, response) => {
      if (asked.path === '/busy') say(response, 429, statusObject(429, 'busy'), { 'retry-after': '3600' });
    });
    const { transport, codes } = transportTo(server.cluster);
    const stop = new AbortController();
    const work = [
      transport.request(pods, stop.signal),
      transport.request({ verb: 'get', path: '/busy' }, stop.signal),
    ];
    await until(() => codes.includes('get 429'));
    stop.abort();
    const failures = await Promise.all(work.map(failureOf));
    expect(failures.map(({ code }) => code)).toEqual(['aborted', 'aborted']);
  });

  test('ends when the transport is closed', async () => {
    await using server = await startServer(() => undefined);
    const { transport } = transportTo(server.cluster);
    const failure = failureOf(transport.request({ ...pods, retries: 0 }, never));
    await until(() => server.asked.length === 1);
    await transport.close();
    expect((await failure).code).toBe('unreachable');
  });

  test('that no server answers ends in time', async () => {
    await using server = await startServer(() => undefined);
    const { transport, codes } = transportTo(server.cluster, { timeoutMs: 100 });
    expect(await failureOf(transport.request({ ...pods, retries: 0 }, never))).toMatchObject({
      code: 'timeout',
    });
    expect(codes).toHaveLength(1);
  });
});

describe('trying again', () => {
  test.each([
    ['get', 500, '', 2],
    ['list', 500, '', 2],
    ['apply', 502, '', 2],
    ['delete', 500, '', 2],
    ['create', 500, '', 1],
    ['create', 503, '', 1],
    ['create', 503, '0', 2],
    ['patch', 504, '', 1],
    ['create', 429, '', 2],
    ['patch', 429, '0', 2],
    ['watch', 500, '', 1],
    ['watch', 429, '0', 1],
    ['get', 404, '', 1],
    ['apply', 409, '', 1],
    ['get', 501, '', 1],
  ] as const)(
    '%s answered with %s and Retry-After "%s" is sent %s times',
    async (verb, status, after, times) => {
      await using server = await startServer((_asked, response) =>
        say(response, status, statusObject(status, 'no'), after === '' ? {} : { 'retry-after': after }),
      );
      const { transport } = transportTo(server.cluster);
      const error = await failureOf(transport.request({ verb, path: '/x', retries: 1 }, never));
      expect([error.status, server.asked.length]).toEqual([status, times]);
    },
  );

  test('a get whose answer breaks off is sent again, a create is not', async () => {
    await using server = await startServer((asked, response, nth) => {
      if (asked.method === 'GET' && nth > 1) return say(response, 200, { whole: true });
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"half":');
      setTimeout(() => response.destroy(), 5);
    });
    const { transport } = transportTo(server.cluster);
    expect((await transport.request(pods, never)).bytes.toString()).toBe('{"whole":true}');
    const before = server.asked.length;
    const error = await failureOf(transport.request({ verb: 'create', path: '/x', body: {} }, never));
    expect([error.code, server.asked.length - before]).toEqual(['unreachable', 1]);
  });

  test('a server that is not there is one clear sentence', async () => {
    const server = await startServer(() => undefined);
    await server.close();
    const { transport, codes } = transportTo(server.cluster);
    const error = await failureOf(transport.request({ ...pods, retries: 0 }, never));
    expect(error.message).toBe('get /api/v1/pods could not reach the API server: ECONNREFUSED');
    expect([error.code, error.temporary, codes]).toEqual(['unreachable', true, ['get unreachable']]);
  });
});

describe('credentials', () => {
  test('are read again after a 401, once, for any verb', async () => {
    let token = 'old';
    await using server = await startServer((asked, response) =>
      asked.headers.authorization === 'Bearer new' ? say(response, 200, {}) : say(response, 401, {}),
    );
    const cluster = clusterAt(server.port, async (how) => {
      if (how?.fresh) token = 'new';
      return { headers: { authorization: `Bearer ${token}` }, tls: {} };
    });
    const { transport, codes } = transportTo(cluster);
    await transport.request({ verb: 'create', path: '/x', body: {} }, never);
    expect(codes).toEqual(['create 401', 'create 200']);
  });

  test('that stay wrong are refused after the second try, and the token is not in the sentence', async () => {
    await using server = await startServer((_asked, response) =>
      say(response, 401, statusObject(401, 'Unauthorized')),
    );
    const cluster = clusterAt(server.port, async () => ({
      headers: { authorization: 'Bearer secret-t' },
      tls: {},
    }));
    const { transport } = transportTo(cluster);
    const error = await failureOf(transport.request(pods, never));
    expect([error.code, server.asked.length]).toEqual(['unauthorized', 2]);
    expect(JSON.stringify([error.message, String(error.cause)])).not.toContain('secret-t');
  });
});
