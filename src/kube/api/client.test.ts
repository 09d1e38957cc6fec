import { afterEach, describe, expect, test } from '@jest/globals';
import { KubeClient } from './client.ts';
import { say, startServer, statusObject } from '../../../test/kube/scripted-server.ts';
import type { ScriptedServer } from '../../../test/kube/scripted-server.ts';
import { objectLimitBytes } from '../list/page-reader.ts';
import { Transport } from './transport.ts';

const never = new AbortController().signal;
const open: Transport[] = [];

function clientOf(server: ScriptedServer): KubeClient {
  const transport = new Transport(server.cluster);
  open.push(transport);
  return new KubeClient(transport);
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

async function all(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('get', () => {
  test('gives the object, or undefined where there is none', async () => {
    await using server = await startServer((asked, response) =>
      asked.path === '/there' ? say(response, 200, { a: 1 }) : say(response, 404, statusObject(404, 'no')),
    );
    const client = clientOf(server);
    expect([await client.get('/there', never), await client.get('/missing', never)]).toEqual([
      { a: 1 },
      undefined,
    ]);
  });

  test.each([
    ['a web page', 'text/html', '<html>404 Not Found</html>'],
    ['plain text', 'text/plain', '404 page not found\n'],
    ['nothing', 'text/plain', ''],
    ['JSON of its own', 'application/json', '{"message":"no such route","code":404}'],
    ['a Status of another reason', 'application/json', JSON.stringify(statusObject(404, '', { reason: '' }))],
  ])(
    'where a proxy answers 404 with %s is temporary trouble, and so are remove and patch',
    async (...answer) => {
      const [, type, body] = answer;
      await using server = await startServer(
        (_asked, response) => void response.writeHead(404, { 'content-type': type }).end(body),
      );
      const client = clientOf(server);
      for (const asking of [
        client.get('/x', never),
        client.remove('/x', never),
        client.patch('/x', {}, never),
      ])
        await expect(asking).rejects.toMatchObject({ code: 'badResponse', status: 404, temporary: true });
      expect(server.asked).toHaveLength(3);
    },
  );

  test('of something that is not JSON is a bad response', async () => {
    await using server = await startServer((_asked, response) => void response.end('<html>'));
    await expect(clientOf(server).get('/x', never)).rejects.toMatchObject({ code: 'badResponse' });
  });
});

describe('list', () => {
  test('goes through the pages, as far as it is wanted', async () => {
    await using server = await startServer(({ query }, response) => {
      const from = Number(query['continue'] ?? 0);
      const items = [from + 1, from + 2].slice(0, Number(query['limit']));
      say(response, 200, { metadata: from < 6 ? { continue: String(from + 2) } : {}, items });
    });
    const client = clientOf(server);
    expect(await all(client.list('/x', { labelSelector: 'a=b' }, never, { pageSize: 2 }))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    expect(server.asked.map(({ query }) => query).slice(0, 2)).toEqual([
      { labelSelector: 'a=b', limit: '2' },
      { labelSelector: 'a=b', limit: '2', continue: '2' },
    ]);
    expect(await all(client.list('/x', {}, never, { pageSize: 2, max: 3 }))).toEqual([1, 2, 3]);
  });

  test('that expires goes on where the server offers it, without repeats', async () => {
    await using server = await startServer(({ query }, response) => {
      if (query['continue'] === undefined)
        say(response, 200, { metadata: { continue: 'old' }, items: ['a'] });
      else if (query['continue'] === 'new') say(response, 200, { metadata: {}, items: ['b'] });
      else say(response, 410, statusObject(410, 'expired', { metadata: { continue: 'new' } }));
    });
    expect(await all(clientOf(server).list('/x', {}, never))).toEqual(['a', 'b']);
  });

  test('that expires without an offer is gone', async () => {
    await using server = await startServer(({ query }, response) =>
      query['continue'] === undefined
        ? say(response, 200, { metadata: { continue: 'old' }, items: ['a'] })
        : say(response, 410, statusObject(410, 'expired')),
    );
    await expect(all(clientOf(server).list('/x', {}, never))).rejects.toMatchObject({ code: 'gone' });
  });

  test('that breaks off within a page is read again from there', async () => {
    await using server = await startServer(({ query }, response, nth) => {
      const text = JSON.stringify({
        metadata: query['continue'] ? {} : { continue: 'more' },
        items: [{ nth }],
      });
      if (nth !== 2) {
        response.end(text);
        return;
      }
      response.writeHead(200, { 'content-length': text.length });
      response.write(text.slice(0, -5), () => response.destroy());
    });
    expect(await all(clientOf(server).list('/x', {}, never))).toEqual([{ nth: 1 }, { nth: 3 }]);
  });

  test('of objects larger than memory allows goes on without them', async () => {
    const skipped: string[] = [];
    await using server = await startServer((_asked, response) => {
      response.write('{"metadata":{},"items":[');
      for (let nth = 0; nth < 20; nth += 1) {
        const env = 'x'.repeat(nth % 2 === 0 ? 700_000 : 2 * objectLimitBytes);
        response.write(`${nth === 0 ? '' : ','}${JSON.stringify({ metadata: { name: `p-${nth}` }, env })}`);
      }
      response.end(']}');
    });
    const transport = new Transport(server.cluster, {
      onSkipped: (path, id) => skipped.push(`${path}/${id}`),
    });
    open.push(transport);
    expect(await all(new KubeClient(transport).list('/x', {}, never))).toHaveLength(10);
    expect([skipped.length, skipped[0]]).toEqual([10, '/x/p-1']);
  });

  test('of nothing is empty, of something that is not a list is a bad response', async () => {
    await using server = await startServer(({ path }, response) =>
      say(response, 200, path === '/empty' ? { metadata: {}, items: null } : { kind: 'Pod' }),
    );
    const client = clientOf(server);
    expect(await all(client.list('/empty', {}, never))).toEqual([]);
    await expect(all(client.list('/pod', {}, never))).rejects.toMatchObject({ code: 'badResponse' });
  });
});

describe('writes', () => {
  test('have the methods, types and bodies of the API', async () => {
    await using server = await startServer((_asked, response) => say(response, 200, { done: true }));
    const client = clientOf(server);
    await client.apply('/a', { x: 1 }, never, { manager: 'me', force: true });
    await client.create('/b', { x: 2 }, never);
    await client.patch('/c', { x: 3 }, never);
    await client.remove('/d', never, { uid: 'u', resourceVersion: '7' });
    const seen = server.asked.map(({ method, path, query, headers, body }) => [
      `${method} ${path} ${headers['content-type']}`,
      query,
      body,
    ]);
    expect(seen).toEqual([
      ['PATCH /a application/apply-patch+yaml', { fieldManager: 'me', force: 'true' }, { x: 1 }],
      ['POST /b application/json', {}, { x: 2 }],
      ['PATCH /c application/merge-patch+json', {}, { x: 3 }],
      [
        'DELETE /d application/json',
        {},
        {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: 'Background',
          preconditions: { uid: 'u', resourceVersion: '7' },
        },
      ],
    ]);
  });

  test('remove of what is not there is gone, of another object of that name a conflict', async () => {
    await using server = await startServer(({ path }, response) => {
      const code = path === '/missing' ? 404 : 409;
      say(response, code, statusObject(code, 'no'));
    });
    const client = clientOf(server);
    expect(await client.remove('/missing', never)).toBe('gone');
    await expect(client.remove('/other', never, { uid: 'u' })).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a dry run of a patch', () => {
  const options = { manager: 'me', fieldValidation: 'Strict' } as const;

  test('carries the patch with its nulls, and gives what would be, with all warnings', async () => {
    await using server = await startServer((_asked, response) => {
      response.setHeader(
        'warning',
        ['299 - "would violate \\"restricted\\""', '299 - "für später"'].map(wire),
      );
      say(response, 200, { spec: 1 });
    });
    const patch = { spec: { securityContext: { runAsUser: null } } };
    expect(await clientOf(server).dryRunPatch('/a', patch, never, options)).toEqual({
      object: { spec: 1 },
      warnings: ['would violate "restricted"', 'für später'],
    });
    expect(server.asked[0]).toMatchObject({
      method: 'PATCH',
      path: '/a',
      query: { fieldManager: 'me', fieldValidation: 'Strict', dryRun: 'All' },
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
      body: patch,
    });
  });

  test('is one whatever the caller passes', async () => {
    await using server = await startServer((_asked, response) => say(response, 200, {}));
    const client = clientOf(server);
    const sly = { ...options, dryRun: 'None', query: { dryRun: '' }, manager: 'me&dryRun=' };
    await client.dryRunPatch('/a', {}, never, sly);
    expect(server.asked.map(({ query }) => query)).toEqual([
      { fieldManager: 'me&dryRun=', fieldValidation: 'Strict', dryRun: 'All' },
    ]);
  });

  test('that is refused says why in the words of the server', async () => {
    await using server = await startServer((_asked, response) =>
      say(response, 422, statusObject(422, 'no\nway')),
    );
    await expect(clientOf(server).dryRunPatch('/a', {}, never, options)).rejects.toMatchObject({
      code: 'invalid',
      said: 'no way',
    });
  });
});

describe('a log', () => {
  test('is text, asked for as such, and whole where it is short', async () => {
    await using server = await startServer((_asked, response) => void response.end('one\ntwo\n'));
    const client = clientOf(server);
    expect(await client.log('/log', { tailLines: '60' }, never, { maxBytes: 16 })).toEqual({
      text: 'one\ntwo\n',
      isCut: false,
    });
    expect(server.asked[0]).toMatchObject({
      method: 'GET',
      query: { tailLines: '60' },
      headers: { accept: 'application/json, */*' },
    });
  });

  test('of ten megabytes is read as far as the bound, and then its connection is ended', async () => {
    let taken = 0;
    const closed = Promise.withResolvers<void>();
    await using server = await startServer((_asked, response) => {
      response.once('close', closed.resolve);
      const block = Buffer.alloc(64 * 1024, 'x');
      const write = (): void => {
        if (response.destroyed || taken >= 10 * 1024 * 1024) return void response.end();
        taken += block.length;
        if (response.write(block)) setImmediate(write);
        else response.once('drain', write);
      };
      write();
    });
    const { text, isCut } = await clientOf(server).log('/log', {}, never, { maxBytes: 16_384 });
    expect([text.length, isCut]).toEqual([16_384, true]);
    await closed.promise;
    expect(taken).toBeLessThan(10 * 1024 * 1024);
  });

  test('that ends exactly at the bound counts as cut, since more may follow', async () => {
    await using server = await startServer((_asked, response) => void response.end('12345678'));
    expect(await clientOf(server).log('/log', {}, never, { maxBytes: 8 })).toEqual({
      text: '12345678',
      isCut: true,
    });
  });

  test('may be invalid UTF-8, and may be cut within a character', async () => {
    await using server = await startServer(
      ({ path }, response) =>
        void response.end(path === '/latin1' ? Buffer.from([0x61, 0xff, 0xc3, 0x28, 0x62]) : 'xxxxé'),
    );
    const client = clientOf(server);
    expect((await client.log('/latin1', {}, never, { maxBytes: 100 })).text).toBe('a\uFFFD\uFFFD(b');
    expect((await client.log('/utf8', {}, never, { maxBytes: 5 })).text).toBe('xxxx\uFFFD');
  });

  test('that does not exist is an error in the words of the server', async () => {
    await using server = await startServer((_asked, response) =>
      say(response, 400, statusObject(400, 'previous terminated container "c" in pod "p" not found')),
    );
    await expect(clientOf(server).log('/log', {}, never, { maxBytes: 5 })).rejects.toMatchObject({
      code: 'invalid',
      status: 400,
      said: 'previous terminated container "c" in pod "p" not found',
    });
  });
});

/** Text as the API server puts it into a header: the bytes of its UTF-8. */
const wire = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
