import { objectAt, textOf } from '../../engine/platform/data/field.ts';
import { describe, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { objectLimitBytes } from '../list/page-reader.ts';
import { Reflector } from './reflector.ts';
import type { RestartReason } from './watcher.ts';
import { clusterAt, say, startServer, statusObject, until } from '../../../test/kube/scripted-server.ts';
import type { Asked, ScriptedServer, Story } from '../../../test/kube/scripted-server.ts';
import { Transport } from '../api/transport.ts';

const needle = 'CreateContainerConfigError';

function pod(name: string, resourceVersion: string, reason = '', uid = `uid-${name}`): object {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace: 'shop', uid, resourceVersion },
    status: { reason },
  };
}

function broken(name: string, resourceVersion: string, more = '', uid?: string): object {
  return pod(name, resourceVersion, `${needle}${more}`, uid);
}

function page(resourceVersion: string, items: readonly object[], token = ''): object {
  return {
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion, ...(token && { continue: token }) },
    items,
  };
}

function line(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

const bookmark = (resourceVersion: string): string =>
  line('BOOKMARK', { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion } });

type ReflectorOptions = ConstructorParameters<typeof Reflector<string>>[0];

type Followed = AsyncDisposable & {
  readonly reflector: Reflector<string>;
  readonly changes: string[];
  readonly restarts: RestartReason[];
  readonly decoded: string[];
  readonly skipped: string[];
  readonly exceptions: string[];
};

/** Runs a reflector that remembers the reason in the status of broken pods. */
function follow(port: number, options: Partial<ReflectorOptions> = {}): Followed {
  const stop = new AbortController();
  const changes: string[] = [];
  const restarts: RestartReason[] = [];
  const decoded: string[] = [];
  const skipped: string[] = [];
  const exceptions: string[] = [];
  const transport = new Transport(clusterAt(port), {
    onSkipped: (path, id) => skipped.push(`${path} ${id}`),
  });
  const reflector = new Reflector<string>({
    transport,
    path: '/api/v1/pods',
    pageSize: 250,
    silenceMs: 150_000,
    needles: [needle],
    decode: (object) => {
      decoded.push(textOf(objectAt(objectAt(object)['metadata'])['name']));
      const reason = textOf(objectAt(objectAt(object)['status'])['reason']);
      return reason.startsWith(needle) ? reason.slice(needle.length) : undefined;
    },
    onChange: (id, now, before) => changes.push(`${id}: ${before ?? 'none'} → ${now ?? 'none'}`),
    onRestart: (reason) => restarts.push(reason),
    onException: (error) => exceptions.push(String(error)),
    backoff: { baseMs: 4, capMs: 20, unreachableCapMs: 20 },
    ...options,
  });
  const running = reflector.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
    await transport.close();
  };
  return { reflector, changes, restarts, decoded, skipped, exceptions, [Symbol.asyncDispose]: end };
}

/** A story in two parts; each gets the number of requests for its part. */
function story(
  list: (response: ServerResponse, nth: number, asked: Asked) => void,
  watch: (response: ServerResponse, nth: number, asked: Asked) => void,
): Story {
  let lists = 0;
  let watches = 0;
  return (asked, response) => {
    if (asked.query['watch'] === undefined) list(response, (lists += 1), asked);
    else watch(response, (watches += 1), asked);
  };
}

const watchesOf = (server: ScriptedServer): readonly string[] =>
  server.asked.filter(({ query }) => query['watch']).map(({ query }) => query['resourceVersion'] ?? '');

const listsOf = (server: ScriptedServer): readonly Asked[] =>
  server.asked.filter(({ query }) => query['watch'] === undefined);

describe('a quiet story', () => {
  test('lists in pages, watches from there and tells of each difference once', async () => {
    await using server = await startServer(
      story(
        (response, nth) =>
          say(
            response,
            200,
            nth === 1
              ? page('10', [pod('fine', '1'), broken('web-1', '2', ' a')], 'more')
              : page('10', [pod('fine-2', '3'), pod('fine-3', '4')]),
          ),
        (response) => {
          response.write(line('ADDED', broken('web-2', '11', ' b')));
          response.write(line('MODIFIED', pod('fine', '12')));
          response.write(line('MODIFIED', broken('web-1', '13', ' c')));
          response.write(bookmark('14'));
          response.write(line('MODIFIED', pod('web-1', '15')));
          response.write(line('DELETED', broken('web-2', '16', ' b')));
        },
      ),
    );
    await using pods = follow(server.port, { pageSize: 2 });
    await until(() => pods.changes.length === 5);
    expect(pods.changes).toEqual([
      'shop/web-1: none →  a',
      'shop/web-2: none →  b',
      'shop/web-1:  a →  c',
      'shop/web-1:  c → none',
      'shop/web-2:  b → none',
    ]);
    expect(pods.decoded).not.toContain('fine');
    expect(pods.restarts).toEqual([]);
    expect(listsOf(server).map(({ query }) => query)).toEqual([
      { limit: '2' },
      { limit: '2', continue: 'more' },
    ]);
  });

  test('has synced when the last page is read, and not before', async () => {
    const held: ServerResponse[] = [];
    await using server = await startServer(
      story(
        (response, nth) => {
          if (nth === 1) say(response, 200, page('10', [broken('web', '1')], 'more'));
          else held.push(response);
        },
        (response) => response.write(bookmark('11')),
      ),
    );
    let synced = 0;
    await using pods = follow(server.port, { onSynced: () => (synced += 1) });
    await until(() => listsOf(server).length === 2);
    expect([pods.reflector.hasSynced, synced, pods.changes]).toEqual([false, 0, ['shop/web: none → ']]);
    for (const response of held) say(response, 200, page('10', []));
    await until(() => watchesOf(server).length === 1);
    expect([pods.reflector.hasSynced, synced, pods.changes.length]).toEqual([true, 1, 1]);
  });

  test('asks for bookmarks and what the caller selects, and for short watches until bookmarks come', async () => {
    await using server = await startServer(
      story(
        (response) => say(response, 200, page('7', [])),
        (response, nth) => (nth === 2 ? response.end(bookmark('8')) : response.end()),
      ),
    );
    const query = { fieldSelector: 'type=Warning' };
    await using pods = follow(server.port, {
      query,
      random: () => 0.5,
      silenceMs: 100_000,
    });
    await until(() => watchesOf(server).length >= 3);
    expect(pods.restarts[0]).toBe('ended');
    expect(listsOf(server)[0]?.query).toEqual({ ...query, limit: '250' });
    const watch = { ...query, watch: 'true', allowWatchBookmarks: 'true' };
    expect(server.asked.slice(1, 4).map((asked) => asked.query)).toEqual([
      { ...watch, resourceVersion: '7', timeoutSeconds: '60' },
      { ...watch, resourceVersion: '7', timeoutSeconds: '60' },
      { ...watch, resourceVersion: '8', timeoutSeconds: '360' },
    ]);
  });

  test('stays on one watch for as long as something comes, be it only bookmarks', async () => {
    await using server = await startServer(
      story(
        (response) => say(response, 200, page('7', [])),
        (response) => {
          let version = 7;
          const ticking = setInterval(() => response.write(bookmark(String((version += 1)))), 20);
          response.on('close', () => clearInterval(ticking));
        },
      ),
    );
    let progress = 0;
    await using pods = follow(server.port, { silenceMs: 200, onProgress: () => (progress += 1) });
    await until(() => progress > 30);
    expect([pods.restarts, watchesOf(server)]).toEqual([[], ['7']]);
  });

  test('decodes every object where nothing is searched for', async () => {
    await using server = await startServer(
      story(
        (response) => say(response, 200, page('7', [pod('a', '1'), pod('b', '2')])),
        (response) => response.write(line('ADDED', pod('c', '8'))),
      ),
    );
    await using pods = follow(server.port, { needles: [], decode: () => 'kept' });
    await until(() => pods.changes.length === 3);
    expect(pods.changes).toEqual(['shop/a: none → kept', 'shop/b: none → kept', 'shop/c: none → kept']);
  });

  test('searches for what is of interest by then', async () => {
    const needles = [needle];
    await using server = await startServer(
      story(
        (response) => say(response, 200, page('7', [pod('a', '1'), broken('b', '2')])),
        (response) => {
          response.write(line('MODIFIED', pod('a', '8')));
          setImmediate(() => response.write(line('MODIFIED', pod('a', '9'))));
        },
      ),
    );
    await using pods = follow(server.port, {
      needles: () => needles,
      decode: () => 'kept',
      onProgress: () => needles.push('"name":"a"'),
    });
    await until(() => pods.changes.length >= 2);
    expect(pods.changes.slice(0, 2)).toEqual(['shop/b: none → kept', 'shop/a: none → kept']);
  });

  test('ends when the signal fires, in whatever it is doing', async () => {
    await using silent = await startServer(() => undefined);
    const listing = follow(silent.port);
    await until(() => silent.asked.length === 1);
    await listing[Symbol.asyncDispose]();
    expect(listing.restarts).toEqual([]);
  });
});

describe('trouble on the way', () => {
  const once = page('10', [broken('web', '9')]);

  /** Each must end in a watch that goes on at the same place, with nothing missed and nothing said twice. */
  const resumed: readonly [RestartReason, string, (response: ServerResponse) => void][] = [
    [
      'reset',
      'the connection breaks in the middle of an object',
      (response) => {
        response.write(line('MODIFIED', broken('web', '12', ' c')).slice(0, 60));
        setTimeout(() => response.destroy(), 5);
      },
    ],
    [
      'cut',
      'the stream ends in the middle of an object',
      (response) => response.end(line('MODIFIED', broken('web', '12', ' c')).slice(0, 60)),
    ],
    ['ended', 'the server ends the watch', (response) => response.end()],
    ['garbage', 'a line is not JSON', (response) => response.write('<html>not here</html>\n')],
    ['garbage', 'a line is no event', (response) => response.write('{"type":"ADDED","object":{}}\n')],
    ['silence', 'nothing comes any more', () => undefined],
    [
      'serverError',
      'the watch reports an error',
      (response) => response.write(line('ERROR', statusObject(500, 'etcd is away'))),
    ],
  ];

  test.each(resumed)('%s: when %s, the watch goes on where it was', async (reason, _when, trouble) => {
    await using server = await startServer(
      story(
        (response) => say(response, 200, once),
        (response, nth) => {
          response.flushHeaders();
          if (nth === 1) {
            response.write(line('MODIFIED', broken('web', '11', ' b')));
            trouble(response);
          } else if (nth === 2) {
            response.write(line('MODIFIED', broken('web', '12', ' c')));
          }
        },
      ),
    );
    await using pods = follow(server.port, { silenceMs: reason === 'silence' ? 200 : 10_000 });
    await until(() => pods.changes.length === 3);
    expect(pods.changes.slice(1)).toEqual(
      ['shop/web:  →  b', 'shop/web:  b →  c'].map((c) => c.replace(': ', ': ')),
    );
    expect(pods.restarts[0]).toBe(reason);
    expect(watchesOf(server).slice(0, 2)).toEqual(['10', '11']);
    expect(listsOf(server)).toHaveLength(1);
  });

  const refusals: readonly [RestartReason, number, Record<string, string>][] = [
    ['throttled', 429, { 'retry-after': '0' }],
    ['serverError', 500, {}],
    ['serverError', 503, {}],
    ['unauthorized', 401, {}],
    ['forbidden', 403, {}],
    ['rejected', 404, {}],
    ['garbage', 302, { location: '/elsewhere' }],
  ];

  test.each(refusals)(
    '%s: a list and a watch answered with %s are tried again',
    async (reason, status, headers) => {
      let refusedLists = 0;
      let refusedWatches = 0;
      // A 401 is tried twice before it counts, as credentials may just have changed.
      const times = status === 401 ? 2 : 1;
      const refuse = (response: ServerResponse): void =>
        say(response, status, statusObject(status, 'no'), headers);
      await using server = await startServer(
        story(
          (response) => ((refusedLists += 1) <= times ? refuse(response) : say(response, 200, once)),
          (response) =>
            (refusedWatches += 1) <= times
              ? refuse(response)
              : response.write(line('ADDED', broken('new', '11'))),
        ),
      );
      await using pods = follow(server.port);
      await until(() => pods.changes.length === 2);
      expect(pods.restarts).toEqual([reason, reason]);
      expect(pods.changes).toEqual(['shop/web: none → ', 'shop/new: none → ']);
    },
  );

  test.each(['status', 'event'])('gone: after a 410 as %s everything is listed again', async (how) => {
    await using server = await startServer(
      story(
        (response, nth) =>
          say(
            response,
            200,
            nth === 1
              ? page('10', [broken('same', '1'), broken('left', '2'), broken('reborn', '3', '', 'uid-1')])
              : page('20', [
                  broken('same', '1'),
                  broken('reborn', '15', ' again', 'uid-2'),
                  pod('cured', '16'),
                ]),
          ),
        (response, nth) => {
          if (nth > 1) response.write(bookmark('21'));
          else if (how === 'status') say(response, 410, statusObject(410, 'too old'));
          else response.write(line('ERROR', statusObject(410, 'too old resource version')));
        },
      ),
    );
    await using pods = follow(server.port);
    await until(() => watchesOf(server).length === 2);
    expect(pods.restarts).toEqual(['gone']);
    expect(watchesOf(server)).toEqual(['10', '20']);
    expect(pods.changes.slice(3)).toEqual([
      'shop/reborn:  → none',
      'shop/reborn: none →  again',
      'shop/left:  → none',
    ]);
  });

  test('a list that expires between its pages starts again with longer pages', async () => {
    await using server = await startServer(
      story(
        (response, nth) => {
          if (nth === 2)
            say(response, 410, statusObject(410, 'expired', { metadata: { continue: 'inconsistent' } }));
          else say(response, 200, page('10', [broken(`web-${nth}`, '1')], nth === 1 ? 'more' : ''));
        },
        (response) => response.write(bookmark('11')),
      ),
    );
    await using pods = follow(server.port, { pageSize: 2 });
    await until(() => watchesOf(server).length === 1);
    expect(listsOf(server).map(({ query }) => query)).toEqual([
      { limit: '2' },
      { limit: '2', continue: 'more' },
      { limit: '4' },
    ]);
    // The first list was never whole: only the second decides what exists.
    expect(pods.changes).toEqual(['shop/web-1: none → ', 'shop/web-3: none → ', 'shop/web-1:  → none']);
  });

  test('a line that cannot be read at one place is left behind by a new list', async () => {
    await using server = await startServer(
      story(
        (response, nth) => say(response, 200, page(String(nth * 10), [broken('web', String(nth))])),
        (response, _nth, asked) =>
          response.write(asked.query['resourceVersion'] === '10' ? '{"type":"ADDED"\n' : bookmark('21')),
      ),
    );
    await using pods = follow(server.port);
    await until(() => watchesOf(server).includes('20'));
    expect(watchesOf(server)).toEqual(['10', '10', '10', '20']);
    expect(new Set(pods.restarts)).toEqual(new Set(['garbage']));
  });

  test('a garbled page changes nothing and is asked for again', async () => {
    await using server = await startServer(
      story(
        (response, nth) => {
          const whole = JSON.stringify(page('10', [broken('web', '1'), broken('web-2', '2')]));
          response.end(nth === 1 ? whole.slice(0, -40) : whole);
        },
        (response) => response.write(bookmark('11')),
      ),
    );
    await using pods = follow(server.port);
    await until(() => watchesOf(server).length === 1);
    expect(pods.restarts).toEqual(['garbage']);
    expect(pods.changes).toEqual(['shop/web: none → ', 'shop/web-2: none → ']);
  });

  test('a server that is killed and comes back is followed on, with nothing missed and nothing doubled', async () => {
    const first = await startServer(
      story(
        (response) => say(response, 200, page('10', [broken('old', '5')])),
        (response) => response.write(line('ADDED', broken('before', '11'))),
      ),
    );
    await using pods = follow(first.port);
    await until(() => pods.changes.length === 2);
    await first.close();
    await until(() => pods.restarts.includes('unreachable'));
    await using again = await startServer(
      story(
        (response) => say(response, 500, statusObject(500, 'no list is expected')),
        (response) => response.write(line('ADDED', broken('while-away', '12'))),
      ),
      first.port,
    );
    await until(() => pods.changes.length === 3);
    expect(watchesOf(again)[0]).toBe('11');
    expect(pods.changes).toEqual(['shop/old: none → ', 'shop/before: none → ', 'shop/while-away: none → ']);
  });
});

describe('an object that is too large', () => {
  const tooLarge = 'x'.repeat(objectLimitBytes);

  test('is left out of a list and of a watch by its name, and neither starts again', async () => {
    await using server = await startServer(
      story(
        (response) =>
          say(
            response,
            200,
            page('10', [broken('a', '1'), broken('big-1', '2', tooLarge), broken('b', '3')]),
          ),
        (response) => {
          response.write(line('MODIFIED', broken('a', '11', tooLarge)));
          response.write(line('ADDED', broken('c', '12')));
          response.write(line('DELETED', broken('b', '13', tooLarge)));
          response.write(line('ADDED', broken('d', '14')));
          response.end();
        },
      ),
    );
    await using pods = follow(server.port);
    await until(() => watchesOf(server).length > 1);
    expect(pods.skipped).toEqual(['shop/big-1', 'shop/a', 'shop/b'].map((id) => `/api/v1/pods ${id}`));
    expect(pods.changes).toEqual([
      'shop/a: none → ',
      'shop/b: none → ',
      'shop/a:  → none',
      'shop/c: none → ',
      'shop/b:  → none',
      'shop/d: none → ',
    ]);
    expect(pods.restarts[0]).toBe('ended');
    expect([listsOf(server).length, watchesOf(server)[1]]).toEqual([1, '14']);
  });
});

describe('changes that are not new', () => {
  test('duplicates and late events do no harm', async () => {
    await using server = await startServer(
      story(
        (response) => say(response, 200, page('10', [broken('web', '9', ' a')])),
        (response) => {
          response.write(line('ADDED', broken('web', '9', ' a')));
          response.write(line('MODIFIED', broken('web', '12', ' c')));
          response.write(line('MODIFIED', broken('web', '12', ' c')));
          response.write(line('MODIFIED', broken('web', '11', ' b')));
          response.write(line('DELETED', broken('web', '8', ' earlier', 'uid-earlier')));
          response.write(line('MODIFIED', pod('web', '13')));
          response.write(line('MODIFIED', broken('web', '12', ' c')));
          response.write(line('ADDED', broken('gone', '14')));
          response.write(line('DELETED', broken('gone', '15')));
          response.write(line('MODIFIED', broken('gone', '14')));
          response.write(line('ADDED', broken('last', '16')));
          response.end();
        },
      ),
    );
    await using pods = follow(server.port);
    await until(() => watchesOf(server).length > 1);
    expect(pods.changes).toEqual([
      'shop/web: none →  a',
      'shop/web:  a →  c',
      'shop/web:  c → none',
      'shop/gone: none → ',
      'shop/gone:  → none',
      'shop/last: none → ',
    ]);
    // The place to go on from never moves back.
    expect(watchesOf(server)[1]).toBe('16');
  });

  test('an object that cannot be decoded, and a listener that throws, stop nothing', async () => {
    await using server = await startServer(
      story(
        (response) => say(response, 200, page('10', [broken('bad', '8'), broken('rude', '9')])),
        (response) => response.write(line('ADDED', broken('good', '11'))),
      ),
    );
    const heard: string[] = [];
    await using pods = follow(server.port, {
      decode: (object) => {
        const name = textOf(objectAt(objectAt(object)['metadata'])['name']);
        if (name === 'bad') throw new Error('cannot be');
        return name;
      },
      onChange: (id) => {
        heard.push(id);
        if (id === 'shop/rude') throw new Error('no');
      },
    });
    await until(() => heard.length === 2);
    expect(heard).toEqual(['shop/rude', 'shop/good']);
    expect([pods.restarts, pods.exceptions]).toEqual([[], ['Error: cannot be', 'Error: no']]);
    expect(watchesOf(server)).toHaveLength(1);
  });
});
