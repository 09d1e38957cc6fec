import { afterEach, describe, expect, test } from '@jest/globals';

import { KubeClient } from '../kube/api/client.ts';
import { say, startServer, statusObject } from '../../test/kube/scripted-server.ts';
import type { ScriptedServer } from '../../test/kube/scripted-server.ts';
import { Transport } from '../kube/api/transport.ts';
import { AccessReviews } from './access-reviews.ts';

const never = new AbortController().signal;
const open: Transport[] = [];
let nowMs = 0;

function reviewsBy(server: ScriptedServer): AccessReviews {
  const transport = new Transport(server.cluster);
  open.push(transport);
  return new AccessReviews(new KubeClient(transport), () => nowMs);
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

const patch = (namespace: string) => ({ verb: 'patch', group: 'apps', resource: 'deployments', namespace });

describe('access reviews', () => {
  test('ask about one verb, resource and namespace, and remember the answer for three minutes', async () => {
    await using server = await startServer((_asked, response, nth) =>
      say(response, 201, { status: { allowed: nth === 2 } }),
    );
    const reviews = reviewsBy(server);
    nowMs = 0;
    expect([await reviews.allows(patch('a'), never), await reviews.allows(patch('a'), never)]).toEqual([
      false,
      false,
    ]);
    expect(await reviews.allows(patch('b'), never)).toBe(true);
    nowMs = 179_999;
    expect([await reviews.allows(patch('b'), never), server.asked.length]).toEqual([true, 2]);
    nowMs = 180_000;
    expect([await reviews.allows(patch('b'), never), server.asked.length]).toEqual([false, 3]);
    expect(server.asked[0]).toMatchObject({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: { kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: patch('a') } },
    });
  });

  test('tell a part of a resource from the whole of it, and one namespace from all', async () => {
    await using server = await startServer((_asked, response, nth) =>
      say(response, 201, { status: { allowed: nth % 2 === 0 } }),
    );
    const reviews = reviewsBy(server);
    const pods = { verb: 'get', group: '', resource: 'pods', namespace: 'a' };
    const log = { ...pods, subresource: 'log' };
    const everywhere = { ...log, namespace: '' };
    for (let times = 0; times < 2; times += 1) {
      expect(await reviews.allows(pods, never)).toBe(false);
      expect(await reviews.allows(log, never)).toBe(true);
      expect(await reviews.allows(everywhere, never)).toBe(false);
    }
    expect(server.asked.map(({ body }) => body)).toMatchObject(
      [pods, log, everywhere].map((resourceAttributes) => ({ spec: { resourceAttributes } })),
    );
  });

  test('take nothing but a plain yes for one', async () => {
    await using server = await startServer((_asked, response, nth) =>
      say(response, 201, [{}, { status: { allowed: 'true' } }, { allowed: true }][nth - 1] ?? null),
    );
    const reviews = reviewsBy(server);
    for (const namespace of ['a', 'b', 'c', 'd'])
      expect(await reviews.allows(patch(namespace), never)).toBe(false);
  });

  test('that are forbidden themselves mean no; trouble that passes is thrown and not remembered', async () => {
    await using server = await startServer((_asked, response, nth) => {
      if (nth === 1) say(response, 403, statusObject(403, 'no'));
      else if (nth === 2) say(response, 500, statusObject(500, 'oh'));
      else say(response, 201, { status: { allowed: true } });
    });
    const reviews = reviewsBy(server);
    expect(await reviews.allows(patch('a'), never)).toBe(false);
    await expect(reviews.allows(patch('b'), never)).rejects.toMatchObject({ code: 'serverError' });
    expect(await reviews.allows(patch('b'), never)).toBe(true);
  });

  test('are kept for a bounded number of namespaces', async () => {
    await using server = await startServer((_asked, response) =>
      say(response, 201, { status: { allowed: true } }),
    );
    const reviews = reviewsBy(server);
    for (let index = 0; index <= 1000; index += 1) await reviews.allows(patch(`n${index}`), never);
    await reviews.allows(patch('n1000'), never);
    expect(server.asked).toHaveLength(1001);
    await reviews.allows(patch('n0'), never);
    expect(server.asked).toHaveLength(1002);
  });
});
