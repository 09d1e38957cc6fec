import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { ApiError } from '../../../test/apiserver/api-error.ts';
import { ApiServer } from '../../../test/apiserver/api-server.ts';
import { customKind } from '../../../test/apiserver/resource.ts';
import { brokenConnection, unavailable, writes } from '../../../test/apiserver/faults.ts';
import { deployment, play, pod, replicaSet } from '../../../test/apiserver/story.ts';
import { KubeClient } from '../../kube/api/client.ts';
import { Discovery } from '../../kube/api/discovery.ts';
import { say, startServer } from '../../../test/kube/scripted-server.ts';
import { Transport } from '../../kube/api/transport.ts';
import type { Patch } from '../../engine/model/fix.ts';
import type { DryRun, DryRunQuestion } from '../../engine/model/question.ts';
import type { WorkloadRef } from '../../engine/model/workload.ts';
import { AccessReviews } from '../access-reviews.ts';
import type { DryRunMeans } from './ask-dry-run.ts';
import { askDryRun } from './ask-dry-run.ts';

const never = new AbortController().signal;
const web: WorkloadRef = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  name: 'web',
  namespace: 'shop',
  uid: 'u1',
};

let server: ApiServer;
let transport: Transport;
let means: DryRunMeans;

beforeEach(async () => {
  server = new ApiServer();
  const { url } = await server.start();
  const authorize = async () => ({ headers: {}, tls: {} });
  transport = new Transport({ server: url, namespace: 'default', authorize }, { timeoutMs: 5000 });
  const client = new KubeClient(transport);
  means = { client, discovery: new Discovery(client), access: new AccessReviews(client, () => 0) };
  play(
    server,
    pod('web-1')
      .in('shop')
      .of(replicaSet('web-abc').of(deployment('web'))),
  );
});

afterEach(async () => {
  await transport.close();
  await server.stop();
});

function asking(text: string, workload = web): DryRunQuestion {
  return { ask: 'dryRun', workload, patchDigest: 'sha256:1', patch: parse(text) as Patch };
}

const patch = `
spec:
  template:
    spec:
      containers:
        - name: app
          securityContext:
            runAsUser: 10001
`;

async function tried(text = patch, workload = web): Promise<DryRun> {
  return (await askDryRun(asking(text, workload), means, never)).tried;
}

/** The next patch is answered so. */
function refuses(code: number, reason: string, message: string): void {
  const refusal = new ApiError(code, reason, message);
  server.inject({ name: reason, when: writes('deployments'), times: 1, refusal });
}

const patches = () => server.requests().filter(({ verb }) => verb === 'patch');

describe('a patch', () => {
  test('that the API server would take is accepted, and nothing has changed', async () => {
    const before = server.get('Deployment', 'shop', 'web');
    const answer = await askDryRun(asking(patch), means, never);
    expect(answer).toEqual({ question: asking(patch), tried: { is: 'accepted', warnings: [] } });
    expect(server.get('Deployment', 'shop', 'web')).toEqual(before);
  });

  test('is only ever sent as a dry run, under a name of its own, and strictly', async () => {
    await tried();
    await tried('spec:\n  template:\n    spec:\n      securityContext:\n        runAsUser: null\n');
    const sent = { dryRun: 'All', fieldManager: 'rootcause-dry-run', fieldValidation: 'Strict' };
    expect(patches().map(({ parameters }) => parameters)).toEqual([sent, sent]);
    expect(patches()[0]?.path).toBe('/apis/apps/v1/namespaces/shop/deployments/web');
  });

  test('keeps the nulls that take a field away', async () => {
    await using scripted = await startServer((_asked, response) =>
      say(response, 201, { status: { allowed: true } }),
    );
    await transport.close();
    transport = new Transport(scripted.cluster);
    const client = new KubeClient(transport);
    const by = { client, discovery: new Discovery(client), access: new AccessReviews(client, () => 0) };
    await askDryRun(asking('spec:\n  securityContext:\n    runAsUser: null\n'), by, never);
    expect(scripted.asked[1]).toMatchObject({
      method: 'PATCH',
      body: { spec: { securityContext: { runAsUser: null } } },
    });
  });

  test.each([
    [
      422,
      'Invalid',
      'Deployment.apps "web" is invalid: spec.template.spec.containers[1].image: Required value',
    ],
    [
      403,
      'Forbidden',
      'deployments.apps "web" is forbidden: ValidatingAdmissionPolicy \'p\' denied request: no',
    ],
    [400, '', 'admission webhook "validate.kyverno.svc" denied the request: uid 10001 is not allowed'],
    [500, '', 'admission webhook "odd.example" denied the request: no'],
  ])(
    'refused by admission with %s %s is refused, in the words of the server',
    async (code, reason, message) => {
      refuses(code, reason, message);
      expect(await tried()).toEqual({ is: 'refused', because: message });
    },
  );

  test('is refused in printable and bounded words, whatever a webhook says', async () => {
    refuses(403, 'Forbidden', `a\u001b[2J\u202eb\u200b${'x'.repeat(10_000)}`);
    const { because } = (await tried()) as { because: string };
    expect(because).toMatch(/^a \[2J b x+…$/);
    expect(because).toHaveLength(700);
  });

  test.each([
    [400, 'BadRequest', 'admission webhook "side.effects" does not support dry run'],
    [
      500,
      'InternalError',
      'Internal error occurred: failed calling webhook "x": failed to call webhook: Post: EOF',
    ],
    [409, 'Conflict', 'Operation cannot be fulfilled on deployments.apps "web"'],
    [415, 'UnsupportedMediaType', 'the body of the request was in an unknown format'],
  ])('that %s %s keeps from being judged is untried, and says why', async (code, reason, message) => {
    refuses(code, reason, message);
    expect(await tried()).toMatchObject({ is: 'untried', because: expect.stringContaining(message) });
  });

  test('of a workload that is gone, or of a custom kind, is untried', async () => {
    expect(await tried(patch, { ...web, name: 'other' })).toEqual({
      is: 'untried',
      because: 'the workload is no longer there',
    });
    server.clearRequests();
    const widget = { ...web, apiVersion: 'example.com/v1', kind: 'Widget' };
    expect(await tried(patch, widget)).toMatchObject({ is: 'untried' });
    expect(server.requests()).toEqual([]);
  });
});

describe('an account without the right', () => {
  const because =
    'this account may not patch deployments in shop, not even as a dry run: manifests/options/dry-run allows it';

  test('asks whether it may, and sends no patch', async () => {
    const asked: unknown[] = [];
    server.answerAccessReviews((attributes) => {
      asked.push(attributes);
      return false;
    });
    expect(await tried()).toEqual({ is: 'untried', because });
    expect(await tried()).toEqual({ is: 'untried', because });
    expect(asked).toEqual([{ verb: 'patch', group: 'apps', resource: 'deployments', namespace: 'shop' }]);
    expect(patches()).toEqual([]);
  });

  test('that had it a moment ago is told so as well', async () => {
    refuses(
      403,
      'Forbidden',
      'deployments.apps "web" is forbidden: User "x" cannot patch resource "deployments" in API group "apps" in the namespace "shop"',
    );
    expect(await tried()).toEqual({ is: 'untried', because });
  });
});

describe('trouble that passes', () => {
  test('accuses nobody and answers nothing: it is thrown', async () => {
    server.inject(unavailable({ when: writes('deployments') }));
    await expect(tried()).rejects.toMatchObject({ code: 'serverError', temporary: true });
    server.inject(brokenConnection({ when: writes('deployments') }));
    await expect(tried()).rejects.toMatchObject({ code: 'unreachable' });
    server.inject(unavailable({ when: ({ resource }) => resource === 'selfsubjectaccessreviews' }));
    means = { ...means, access: new AccessReviews(means.client, () => 0) };
    await expect(tried()).rejects.toMatchObject({ code: 'serverError' });
  });

  test('that lasts too long is a patch untried, unless the asker left', async () => {
    const silence = { name: 'silence', when: writes('deployments'), times: 2 };
    server.inject({ ...silence, through: (sink) => ({ ...sink, head() {}, write() {}, end() {} }) });
    means = { ...means, limitMs: 200 };
    expect(await tried()).toEqual({
      is: 'untried',
      because: 'no answer within 0.2 s: an admission webhook may be slow',
    });
    const left = AbortSignal.abort();
    await expect(askDryRun(asking(patch), means, left)).rejects.toMatchObject({ code: 'aborted' });
  });

  test('of a custom kind in the table is a JSON patch', async () => {
    server.register(customKind('argoproj.io/v1alpha1', 'Rollout'));
    const spec = { template: { spec: { containers: [{ name: 'app' }] } } };
    const apiVersion = 'argoproj.io/v1alpha1';
    const { metadata } = server.put({
      apiVersion,
      kind: 'Rollout',
      metadata: { name: 'web', namespace: 'shop' },
      spec,
    });
    const rollout = { ...web, apiVersion, kind: 'Rollout', uid: String(metadata.uid) };
    const named = (name: string): string => `
- { op: test, path: /spec/template/spec/containers/0/name, value: ${name} }
- { op: add, path: /spec/template/spec/securityContext, value: { runAsUser: 10001 } }
`;
    expect(await tried(named('app'), rollout)).toEqual({ is: 'accepted', warnings: [] });
    expect(await tried(named('other'), rollout)).toMatchObject({ is: 'refused' });
    expect(server.get('Rollout', 'shop', 'web')).not.toHaveProperty('spec.template.spec.securityContext');
  });
});
