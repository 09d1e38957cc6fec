import { afterEach, describe, expect, test } from '@jest/globals';

import { KubeClient } from '../kube/api/client.ts';
import { say, startServer, statusObject, until } from '../../test/kube/scripted-server.ts';
import type { ScriptedServer } from '../../test/kube/scripted-server.ts';
import { Transport } from '../kube/api/transport.ts';
import { AccessReviews } from './access-reviews.ts';
import type { LogAccessOptions } from './log-access.ts';
import { LogAccess } from './log-access.ts';

const open: Transport[] = [];
let nowMs = 0;

function accessBy(
  server: ScriptedServer,
  change: Partial<LogAccessOptions> = {},
): { access: LogAccess; changes: string[] } {
  const transport = new Transport(server.cluster);
  open.push(transport);
  const changes: string[] = [];
  const access = new LogAccess({
    // No answer is remembered from one check to the next.
    access: new AccessReviews(new KubeClient(transport), () => (nowMs += 200_000)),
    namespaces: [],
    isOn: true,
    onChange: (namespace, isAllowed) => void changes.push(`${namespace} ${isAllowed}`),
    ...change,
  });
  return { access, changes };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

/** Says yes to those of these namespaces; '' stands for all. */
const allowing = (...allowed: readonly string[]) =>
  startServer(({ body }, response) => {
    const { spec } = body as { spec: { resourceAttributes: { namespace: string } } };
    say(response, 201, { status: { allowed: allowed.includes(spec.resourceAttributes.namespace) } });
  });

describe('where logs may be read', () => {
  test('is asked for each watch: all namespaces, or each that is named', async () => {
    await using server = await allowing('b', '');
    const named = accessBy(server, { namespaces: ['a', 'b'] });
    await named.access.check(new AbortController().signal);
    expect(['a', 'b', ''].map((one) => named.access.mayRead(one))).toEqual([false, true, false]);
    expect(named.changes).toEqual(['b true']);
    const all = accessBy(server);
    expect(all.access.mayRead('')).toBe(false);
    await all.access.check(new AbortController().signal);
    expect(all.access.mayRead('')).toBe(true);
  });

  test('is nowhere where it is switched off, and nobody is asked', async () => {
    await using server = await allowing('');
    const { access, changes } = accessBy(server, { isOn: false });
    await access.check(new AbortController().signal);
    await access.run(new AbortController().signal);
    expect([access.mayRead(''), changes, server.asked]).toEqual([false, [], []]);
  });

  test('is noticed when it comes and goes, and stays as it was while nobody can say', async () => {
    const answers = [
      { status: { allowed: false } },
      { status: { allowed: true } },
      statusObject(403, 'no'),
      { status: { allowed: true } },
      statusObject(500, 'no'),
    ];
    await using server = await startServer((_asked, response, nth) => {
      const answer = answers[Math.min(nth, answers.length) - 1] ?? {};
      say(response, 'code' in answer ? Number(answer.code) : 201, answer);
    });
    const stop = new AbortController();
    const { access, changes } = accessBy(server, { everyMs: 1 });
    const running = access.run(stop.signal);
    await until(() => server.asked.length > 6).finally(() => stop.abort());
    await running;
    expect(changes).toEqual([' true', ' false', ' true']);
    expect(access.mayRead('')).toBe(true);
  });
});
