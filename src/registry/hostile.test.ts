// What a registry may do to us, and that each of it ends in a reason within its bound.

import { afterEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { blob, image, layer, packedLayer, type BuiltImage } from '../../test/registry/image.ts';
import { RegistryServer, type Exchange } from '../../test/registry/registry-server.ts';
import { answers, drips, endless, isBlob, isManifest, sends } from '../../test/registry/stories.ts';
import { RegistryError } from './error.ts';
import type { Limits } from './limits.ts';
import { readLayers } from './layers/read-layers.ts';
import { parseReference } from '../engine/platform/image/image-reference.ts';
import { Registry } from './registry.ts';

const never = new AbortController().signal;
const shop = image([layer([{ name: 'a', content: 'x'.repeat(1000) }])], { user: 'app' });
const [top] = shop.layers;
const open: { close: () => Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (each) => await each.close()));
});

async function serverWith(built: BuiltImage = shop): Promise<RegistryServer> {
  const server = await new RegistryServer().listen();
  open.push(server);
  server.push('x', '1', built);
  return server;
}

/** Opens the image and reads all its layers: the bytes that took, or what went wrong. */
async function reading(
  { host }: RegistryServer,
  limits: Partial<Limits> = {},
): Promise<number | RegistryError> {
  const registry = new Registry({ limits, random: () => 0 });
  open.push(registry);
  const reference = parseReference(`${host}/x:1`) ?? { host: '', repository: '' };
  try {
    const found = await registry.open(reference, undefined, never);
    const decide = (layers: readonly unknown[], isWhole: boolean) =>
      isWhole ? ({ is: 'answer', answer: layers } as const) : ({ is: 'nextLayer' } as const);
    return (await readLayers(found, { paths: ['a'], decide }, limits, never)).bytesRead;
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
}

function isLayer(url: URL): boolean {
  return url.pathname.endsWith(top?.digest ?? '');
}

/** One byte is another: in a layer, the time in its gzip header, so that it can be unpacked all the same. */
function wrongBytes({ response, url }: Exchange): void {
  const bytes = Buffer.from(isLayer(url) ? (top?.bytes ?? '') : shop.config.bytes);
  const at = isLayer(url) ? 5 : bytes.indexOf('app');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  response.end(bytes);
}

describe('bytes that are not what was named', () => {
  test.each([
    ['config', (url: URL) => isBlob(url) && !isLayer(url)],
    ['layer', isLayer],
  ])('are refused as a %s', async (_, fits) => {
    const server = await serverWith();
    server.play(sends(fits, wrongBytes));
    expect(await reading(server)).toMatchObject({ code: 'badDigest', temporary: false });
  });

  test('are refused as a manifest that is asked for by digest, or states another one', async () => {
    const server = await serverWith();
    server.play(
      sends(isManifest, ({ response }) => {
        const other = blob(shop.manifest.bytes.toString().replace('schemaVersion', 'schemaversion'));
        response.writeHead(200, { 'docker-content-digest': shop.manifest.digest }).end(other.bytes);
      }),
    );
    expect(await reading(server)).toMatchObject({ code: 'badDigest' });
  });

  test('are refused when they are fewer or more than the manifest says', async () => {
    for (const size of [1, 1_000_000]) {
      const manifest = JSON.parse(shop.manifest.bytes.toString()) as { layers: { size: number }[] };
      manifest.layers[0]!.size = size;
      const server = await serverWith({ ...shop, manifest: blob(JSON.stringify(manifest)) });
      expect(await reading(server)).toMatchObject({ code: 'badDigest' });
    }
  });
});

describe('bodies that do not end', () => {
  test.each([
    ['manifest', isManifest, 'tooLarge'],
    ['config', (url: URL) => isBlob(url) && !isLayer(url), 'badDigest'],
    ['layer', isLayer, 'badDigest'],
  ] as const)('end at the limit of a %s', async (_, fits, code) => {
    const server = await serverWith();
    server.play(sends(fits, endless));
    expect(await reading(server)).toMatchObject({ code });
  });

  test('are not read when the manifest says already that they are too large', async () => {
    const server = await serverWith();
    expect(await reading(server, { layerBytes: 10 })).toMatchObject({
      code: 'tooLarge',
      message: expect.stringContaining(top?.digest ?? '?'),
    });
    expect(server.asked.some(({ path }) => path.endsWith(top?.digest ?? ''))).toBe(false);
    expect(await reading(server, { configBytes: 10 })).toMatchObject({ code: 'tooLarge' });
    expect(await reading(server, { manifestBytes: 10 })).toMatchObject({ code: 'tooLarge' });
  });

  test('end when they only drip', async () => {
    const server = await serverWith();
    server.play(sends(isLayer, drips(5)));
    expect(await reading(server, { progressMs: 60, progressBytes: 1000 })).toMatchObject({
      code: 'tooSlow',
      temporary: true,
    });
    expect(server.asked.filter(({ path }) => path.endsWith(top?.digest ?? ''))).toHaveLength(1);
  });

  test('end when nothing comes, before the head and after it', async () => {
    const limits = { idleMs: 50, retries: 1 };
    const silent = await serverWith();
    silent.play(sends(isManifest, () => undefined));
    expect(await reading(silent, limits)).toMatchObject({ code: 'timeout', temporary: true });
    const stopping = await serverWith();
    stopping.play(sends(isManifest, ({ response }) => response.writeHead(200).write('{')));
    expect(await reading(stopping, limits)).toMatchObject({ code: 'timeout' });
  });

  test('end when the whole takes too long', async () => {
    const server = await serverWith();
    server.play(sends(isManifest, drips(5)));
    expect(await reading(server, { totalMs: 60 })).toMatchObject({ code: 'timeout' });
  });
});

describe('a wrong Content-Length', () => {
  test('by promising more ends as a broken connection, after a few attempts', async () => {
    const server = await serverWith();
    server.play(
      sends(isLayer, ({ response }) => {
        response.writeHead(200, { 'content-length': 10_000 }).write(top?.bytes.subarray(0, 10));
        setTimeout(() => response.destroy(), 5);
      }),
    );
    expect(await reading(server, { retries: 2 })).toMatchObject({ code: 'unreachable', temporary: true });
    expect(server.asked.filter(({ path }) => path.endsWith(top?.digest ?? ''))).toHaveLength(3);
  });

  test('by promising less ends as other bytes', async () => {
    const server = await serverWith();
    server.play(
      sends(isLayer, ({ response }) => {
        response.socket?.end(`HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n${'x'.repeat(5000)}`);
      }),
    );
    expect(await reading(server)).toMatchObject({ code: 'badDigest' });
  });

  test('that is not a number is not HTTP', async () => {
    const server = await serverWith();
    server.play(
      sends(isManifest, ({ response }) => {
        response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx');
      }),
    );
    expect(await reading(server, { retries: 0 })).toMatchObject({ code: 'badAnswer' });
  });
});

describe('a connection that breaks within a layer', () => {
  const noise = Buffer.concat(
    Array.from({ length: 4000 }, (_, at) => createHash('sha512').update(String(at)).digest()),
  );
  const large = image([layer([{ name: 'a', content: noise }], 'none')]);
  const bytes = large.layers[0]?.bytes ?? Buffer.alloc(0);
  const isLarge = (url: URL): boolean => url.pathname.endsWith(large.layers[0]?.digest ?? '');

  function breaksOnce(knowsRanges: boolean): (exchange: Exchange) => void {
    let isBroken = false;
    return ({ request, response }) => {
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      if (!isBroken) {
        isBroken = true;
        response
          .writeHead(200, { 'content-length': bytes.length })
          .write(bytes.subarray(0, 100_000), () => response.destroy());
      } else if (knowsRanges) {
        response
          .writeHead(206, { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` })
          .end(bytes.subarray(start));
      } else response.end(bytes);
    };
  }

  test.each([true, false])(
    'is taken up where it broke, ranges known to the registry: %s',
    async (knowsRanges) => {
      const server = await serverWith(large);
      server.play(sends(isLarge, breaksOnce(knowsRanges)));
      expect(await reading(server)).toBe(bytes.length);
      expect(server.asked.filter(({ path }) => path.includes('/blobs/'))).toHaveLength(3);
    },
  );

  test('is not taken up with bytes from elsewhere', async () => {
    const server = await serverWith(large);
    const once = breaksOnce(true);
    server.play(
      sends(isLarge, (exchange) => {
        if (exchange.request.headers.range === undefined) return once(exchange);
        exchange.response.writeHead(206, { 'content-range': 'bytes 0-9/10' }).end(bytes);
      }),
    );
    expect(await reading(server)).toBe(bytes.length);
  });
});

describe('a registry that is busy or in trouble', () => {
  test.each([429, 500, 502, 503, 504])('with %d is asked again, a few times', async (status) => {
    const server = await serverWith();
    server.play(answers(status, { times: 2 }));
    expect(await reading(server)).toBe(top?.bytes.length);
    server.play(answers(status));
    const before = server.asked.length;
    expect(await reading(server, { retries: 2 })).toMatchObject({
      message: expect.stringContaining(String(status)),
      temporary: true,
    });
    expect(server.asked.length - before).toBe(3);
  });

  test.each([501, 418])('with %d is not', async (status) => {
    const server = await serverWith();
    server.play(answers(status));
    expect(await reading(server)).toMatchObject({ code: 'badAnswer', temporary: false });
    expect(server.asked).toHaveLength(1);
  });

  test('is waited for as long as it says, up to a limit', async () => {
    const server = await serverWith();
    server.play(answers(429, { times: 1, headers: { 'retry-after': '0' } }));
    expect(await reading(server)).toBe(top?.bytes.length);
    server.play(answers(429, { headers: { 'retry-after': '3600' } }));
    const before = server.asked.length;
    expect(await reading(server)).toMatchObject({
      code: 'tooManyRequests',
      retryAfterMs: 3_600_000,
      message: expect.stringContaining('again in 3600 s'),
    });
    expect(server.asked.length - before).toBe(1);
  });

  test('may say so with a date, or with nonsense', async () => {
    const server = await serverWith();
    const date = new Date(Date.now() + 7_200_000).toUTCString();
    server.play(answers(503, { times: 1, headers: { 'retry-after': date } }));
    const error = await reading(server);
    expect(error).toMatchObject({ code: 'serverError' });
    expect(error instanceof RegistryError && error.retryAfterMs).toBeGreaterThan(7_000_000);
    server.play(answers(503, { times: 1, headers: { 'retry-after': 'soon' } }));
    expect(await reading(server)).toBe(top?.bytes.length);
  });
});

describe('answers of other servers than registries', () => {
  test.each(['', 'null', '[]', '"x"', '<html>', '{', '{"manifests":{}}'])(
    'such as %j are a badAnswer',
    async (body) => {
      const server = await serverWith();
      server.play(sends(isManifest, ({ response }) => response.end(body)));
      expect(await reading(server)).toMatchObject({ code: 'badAnswer', temporary: false });
    },
  );

  test('cannot put their text on other lines of a log', async () => {
    const server = await serverWith();
    server.play(
      sends(isManifest, ({ response }) => {
        response.writeHead(403);
        response.end(
          JSON.stringify({ errors: [{ code: 'A\nB', message: `\u001b[31mred\u202e${'x'.repeat(5000)}` }] }),
        );
      }),
    );
    const error = await reading(server);
    expect(error).toMatchObject({ code: 'forbidden' });
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    expect(error instanceof RegistryError && error.message).toMatch(/^[^\u0000-\u001f\u202e]{1,700}$/);
  });

  test('that are a bomb end at the limit of what is unpacked', async () => {
    const zeros = layer([{ name: 'zeros', content: Buffer.alloc(2 ** 24) }]);
    const server = await serverWith(image([zeros]));
    expect(await reading(server, { unpackedBytes: 2 ** 20 })).toMatchObject({ code: 'tooLarge' });
  });

  test('do not affect later reads', async () => {
    const server = await serverWith(image([packedLayer(Buffer.from('no tar'), blob('no tar').digest)]));
    expect(await reading(server)).toMatchObject({ code: 'badAnswer' });
    expect(server.asked).toHaveLength(3);
    server.push('x', '1', shop);
    expect(await reading(server)).toBe(top?.bytes.length);
  });
});
