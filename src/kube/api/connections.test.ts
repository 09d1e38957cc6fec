import { expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { Connections } from './connections.ts';
import { say, startServer, until } from '../../../test/kube/scripted-server.ts';
import { Transport } from './transport.ts';

test('the same pools serve everything, until what TLS needs has changed', async () => {
  const connections = new Connections({ proxyUrl: undefined, watchLimit: 1 });
  const first = connections.poolsFor({ ca: 'a', cert: 'c' });
  expect(connections.poolsFor({ ca: 'a', cert: 'c' })).toBe(first);
  const rotated = connections.poolsFor({ ca: 'a', cert: 'd' });
  expect(rotated).not.toBe(first);
  expect(connections.poolsFor({ ca: 'a', cert: 'd', rejectUnauthorized: false })).not.toBe(rotated);
  await connections.close();
});

test('a request finds a connection however many watches are open or wait for one', async () => {
  await using server = await startServer(({ query }, response) => {
    if (query['watch']) response.flushHeaders();
    else say(response, 200, { is: 'answered' });
  });
  const transport = new Transport(server.cluster, { watchLimit: 2 });
  const { signal } = new AbortController();
  const watching = Array.from({ length: 20 }, () =>
    transport.request({ verb: 'watch', path: '/x', query: { watch: 'true' } }, signal).catch(() => 'closed'),
  );
  await until(() => server.asked.length === 4);
  const { bytes } = await transport.request({ verb: 'get', path: '/x' }, signal);
  expect([bytes.toString(), server.asked.length]).toEqual(['{"is":"answered"}', 5]);
  await transport.close();
  await Promise.all(watching);
});

test('requests go through a proxy where there is one', async () => {
  await using server = await startServer((_asked, response) => say(response, 200, { through: 'proxy' }));
  const tunnelled: string[] = [];
  const tunnels: Duplex[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    tunnelled.push(request.url ?? '');
    const upstream: Socket = connect(server.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    tunnels.push(socket, upstream);
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  const cluster = {
    ...server.cluster,
    server: 'http://api.example:80',
    proxyUrl: `http://127.0.0.1:${port}`,
  };
  const transport = new Transport(cluster);
  const { bytes } = await transport.request({ verb: 'get', path: '/x' }, new AbortController().signal);
  expect([bytes.toString(), tunnelled]).toEqual(['{"through":"proxy"}', ['api.example:80']]);
  await transport.close();
  // The proxy no longer tracks a tunnel, which would keep the server open.
  for (const end of tunnels) end.destroy();
  proxy.close();
});
