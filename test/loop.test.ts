// The whole operator against the embedded API server, one named story at a time.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { OperatorOptions } from '../src/operator/operator-options.ts';
import type { DiagnosisStatus } from '../src/engine/model/diagnosis.ts';
import { ApiServer } from './apiserver/api-server.ts';
import {
  duplicateEvents,
  forbidden,
  garbageLine,
  goneAnswer,
  internalError,
  lists,
  outOfOrderEvents,
  proxyNotFound,
  radioSilence,
  resetAfter,
  tooManyRequests,
  watchExpired,
  watches,
  writes,
} from './apiserver/faults.ts';
import { customKind } from './apiserver/resource.ts';
import {
  cronJob,
  crashLoopBackOff,
  deployment,
  imageRunsAsRoot,
  job,
  nonNumericUser,
  owner,
  play,
  pod,
  replicaSet,
  secretNotFound,
} from './apiserver/story.ts';
import type { PodStory } from './apiserver/story.ts';
import type { RunningOperator } from './operator.ts';
import { startOperator, until } from './operator.ts';

let server: ApiServer;
let kubeconfig: string;
let operator: RunningOperator | undefined;

beforeEach(async () => {
  server = new ApiServer({ bookmarkIntervalMs: 50, resources: [customKind('example.com/v1', 'Widget')] });
  ({ kubeconfig } = await server.start());
});

afterEach(async () => {
  await operator?.stop();
  operator = undefined;
  await server.stop();
});

const web = deployment('web');
const webSet = replicaSet('web-abc').of(web);

/** A pod of Deployment web that the kubelet refuses to start. */
function broken(name = 'web-abc-1'): PodStory {
  return pod(name).in('shop').of(webSet).waiting('app', imageRunsAsRoot());
}

async function run(changes: Partial<OperatorOptions> = {}): Promise<RunningOperator> {
  operator = await startOperator(kubeconfig, changes);
  await until('three watches are open', () => server.watchCount() >= 3);
  return operator;
}

function statusOf(name: string, namespace = 'shop'): DiagnosisStatus | undefined {
  return server.get('Diagnosis', namespace, name)?.['status'] as DiagnosisStatus | undefined;
}

const stateOf = (name: string, namespace = 'shop') => statusOf(name, namespace)?.state;

const isFailing = (name: string) => () => stateOf(name) === 'Failing';

function writesSeen(resource?: string): readonly string[] {
  return (
    server
      .requests()
      .filter((request) => ['create', 'update', 'patch', 'delete'].includes(request.verb))
      // What the account may do is asked by a request that creates nothing.
      .filter((request) => request.resource !== 'selfsubjectaccessreviews')
      .filter((request) => resource === undefined || request.resource === resource)
      .map(
        ({ verb, resource: plural, subresource, name }) =>
          `${verb} ${plural}/${name}${subresource && `/${subresource}`}`,
      )
  );
}

function announced(reason: string): number {
  return server.list('Event').filter((event) => event['reason'] === reason).length;
}

describe('a pod that the kubelet refuses', () => {
  test('becomes one Diagnosis of its Deployment, written twice and announced once', async () => {
    await run();
    play(server, broken('web-abc-1'), broken('web-abc-2'));
    await until('the Diagnosis is there', isFailing('deployment-web'));
    await until('both pods are counted', () => statusOf('deployment-web')?.pods.summary === '2/2');
    await until('it is announced', () => announced('Diagnosed') === 1);
    expect(statusOf('deployment-web')).toMatchObject({
      workload: 'Deployment/web',
      cause: 'ImageRunsAsRoot',
      ownerIncomplete: false,
      findings: [{ container: { name: 'app', type: 'Container' } }],
    });
    expect(server.list('Diagnosis')).toHaveLength(1);
    const [event] = server.list('Event');
    expect(event?.['involvedObject']).toMatchObject({ kind: 'Deployment', name: 'web', namespace: 'shop' });
    expect(writesSeen('diagnoses').length).toBeLessThanOrEqual(4);
  });

  test('that was there before the operator is found by the first list', async () => {
    play(server, broken());
    await run();
    await until('the Diagnosis is there', isFailing('deployment-web'));
  });

  test('moves the metrics, which never name a pod', async () => {
    const { metrics, url } = await run();
    play(server, broken());
    await until('it is counted', async () => {
      const samples = await metrics();
      return samples.get('rootcause_reconciles_total{outcome="diagnosed"}') === 1;
    });
    const samples = await metrics();
    expect(samples.get('rootcause_diagnoses{namespace="shop",cause="ImageRunsAsRoot"}')).toBe(1);
    const labels = 'namespace="shop",kind="Deployment",name="web"';
    expect(samples.get(`rootcause_workload_failing{${labels},cause="ImageRunsAsRoot"}`)).toBe(1);
    expect(samples.get(`rootcause_failing_pods{${labels}}`)).toBe(1);
    expect(samples.get('rootcause_time_to_diagnosis_seconds_count')).toBe(1);
    expect(await (await fetch(`${url}/metrics`)).text()).not.toContain('web-abc-1');
  });

  test('is told apart from a pod that waits for a missing Secret, and from one that runs', async () => {
    await run();
    play(
      server,
      pod('other-1')
        .in('shop')
        .of(replicaSet('other'))
        .waiting('app', secretNotFound('runAsNonRoot-and-image')),
      pod('fine-1').in('shop').of(replicaSet('fine')).running('app'),
      broken(),
    );
    await until('the Diagnosis is there', isFailing('deployment-web'));
    expect(server.list('Diagnosis').map(({ metadata }) => metadata.name)).toEqual(['deployment-web']);
  });

  test('gives a Diagnosis under 32 KiB, managedFields included, however many containers it has', async () => {
    await run();
    let story = pod('big-1').in('shop').of(replicaSet('big'));
    for (let index = 0; index < 120; index += 1) {
      const name = `container-${index}`.padEnd(60, 'x');
      story = story.container(name).waiting(name, nonNumericUser('x'.repeat(200)));
    }
    play(server, story);
    await until('the Diagnosis is there', isFailing('replicaset-big'));
    expect(Buffer.byteLength(JSON.stringify(server.get('Diagnosis', 'shop', 'replicaset-big')))).toBeLessThan(
      32_768,
    );
  });
});

describe('the workload', () => {
  test('of a Job that a CronJob made is the CronJob', async () => {
    await run();
    play(
      server,
      pod('n-1')
        .in('shop')
        .of(job('nightly-1').of(cronJob('nightly')))
        .waiting('app', imageRunsAsRoot()),
    );
    await until('the Diagnosis is there', isFailing('cronjob-nightly'));
    expect(server.list('Diagnosis')).toHaveLength(1);
    expect(statusOf('cronjob-nightly')?.pods).toEqual({ failing: 1, total: 1, summary: '1/1' });
  });

  test('of a custom controller is the custom object, found by discovery', async () => {
    await run();
    const widget = owner('example.com/v1', 'Widget', 'gear');
    play(server, pod('g-1').in('shop').of(replicaSet('gear-1').of(widget)).waiting('app', imageRunsAsRoot()));
    await until('the Diagnosis is there', isFailing('widget.example.com-gear'));
    expect(statusOf('widget.example.com-gear')).toMatchObject({
      workload: 'Widget/gear',
      ownerIncomplete: false,
      fix: { type: 'ImageChange' },
    });
  });

  test('that may not be read is what the reference says, and is marked incomplete', async () => {
    server.inject(forbidden({ when: ({ resource }) => resource === 'widgets', times: 1_000 }));
    await run();
    const widget = owner('example.com/v1', 'Widget', 'gear');
    play(server, pod('g-1').in('shop').of(replicaSet('gear-1').of(widget)).waiting('app', imageRunsAsRoot()));
    await until('the Diagnosis is there', isFailing('widget.example.com-gear'));
    expect(statusOf('widget.example.com-gear')?.ownerIncomplete).toBe(true);
  });

  test('of a static pod is the pod, since nobody mends it by editing its Node', async () => {
    await run();
    const story = pod('etcd-node-1.example.com').in('kube-system').waiting('app', imageRunsAsRoot()).pod();
    const node = { apiVersion: 'v1', kind: 'Node', name: 'node-1.example.com', uid: 'n-1', controller: true };
    server.put({ ...story, metadata: { ...story.metadata, ownerReferences: [node] } });
    await until(
      'the Diagnosis is there',
      () => stateOf('pod-etcd-node-1.example.com', 'kube-system') === 'Failing',
    );
  });

  test('that is a bare pod is the pod', async () => {
    await run();
    play(server, pod('tool').in('shop').waiting('app', nonNumericUser('appuser')));
    await until('the Diagnosis is there', isFailing('pod-tool'));
    expect(statusOf('pod-tool')).toMatchObject({
      cause: 'NonNumericUser',
      findings: [{ image: { user: 'appuser' } }],
    });
  });

  test('takes its Diagnosis along when it is deleted', async () => {
    await run();
    play(server, broken());
    await until('the Diagnosis is there', isFailing('deployment-web'));
    server.remove('Deployment', 'shop', 'web');
    await until('the Diagnosis is gone', () => server.list('Diagnosis').length === 0);
  });
});

describe('a proxy that answers 404', () => {
  test.each(['deployments', 'pods', 'diagnoses', 'namespaces'])(
    'to questions about %s deletes no Diagnosis and resolves none',
    async (plural) => {
      await run({ resyncSeconds: 1 });
      play(server, broken());
      await until('the Diagnosis is there', isFailing('deployment-web'));
      const before = server.get('Diagnosis', 'shop', 'deployment-web')?.metadata.uid;
      const { hits, lift } = server.inject(
        proxyNotFound({
          when: ({ verb, resource }) => verb !== 'watch' && resource === plural,
          times: 1_000,
        }),
      );
      server.put(broken('web-abc-2').pod());
      await until('the proxy answered', () => hits() >= 2);
      lift();
      await until('the second pod is counted', () => statusOf('deployment-web')?.pods?.total === 2);
      expect(server.get('Diagnosis', 'shop', 'deployment-web')?.metadata.uid).toBe(before);
      expect(announced('Resolved')).toBe(0);
    },
  );
});

describe('once nothing fails any more', () => {
  test('the Diagnosis is resolved after the settle time, announced, and removed later', async () => {
    await run({ settleSeconds: 1, keepResolvedSeconds: 1 });
    play(server, broken());
    await until('the Diagnosis is announced', () => announced('Diagnosed') === 1);
    play(server, pod('web-abc-1').in('shop').of(webSet).running('app'));
    await until('it is resolved', () => stateOf('deployment-web') === 'Resolved');
    expect(statusOf('deployment-web')).toMatchObject({ pods: { failing: 0, total: 1 } });
    await until('it is announced', () => announced('Resolved') === 1);
    await until('it is removed', () => server.list('Diagnosis').length === 0);
    expect(announced('Diagnosed')).toBe(1);
  });

  test('a failure that comes back within the settle time was never away', async () => {
    await run({ settleSeconds: 3600 });
    play(server, broken());
    await until('the Diagnosis is there', isFailing('deployment-web'));
    server.clearRequests();
    server.remove('Pod', 'shop', 'web-abc-1');
    await until('the pods are looked at', () =>
      server.requests().some(({ verb, resource }) => verb === 'list' && resource === 'pods'),
    );
    play(server, broken('web-abc-2'));
    await until(
      'the new pod is looked at',
      () =>
        server.requests().filter(({ verb, resource }) => verb === 'list' && resource === 'pods').length >= 2,
    );
    expect(stateOf('deployment-web')).toBe('Failing');
    await until('it is announced', () => announced('Diagnosed') === 1);
  });
});

describe('between two attempts', () => {
  const alternating = (says: ReturnType<typeof imageRunsAsRoot>) =>
    pod('api')
      .in('shop')
      .crashed('app', 137, says)
      .failedEvent('app', imageRunsAsRoot(), 6, '2026-11-22T01:41:26Z');

  test('a container that says CrashLoopBackOff is found by its Event', async () => {
    play(server, alternating(crashLoopBackOff()));
    await run();
    await until('the Diagnosis is there', isFailing('pod-api'));
  });

  test('it does not flap, and nothing is written', async () => {
    play(server, alternating(imageRunsAsRoot()));
    await run();
    await until('the Diagnosis is there', isFailing('pod-api'));
    await until('it is announced', () => announced('Diagnosed') === 1);
    const isReading = (): boolean => JSON.stringify(statusOf('pod-api')).includes('is being read');
    await until('the image has an answer', () => !isReading());
    server.clearRequests();
    for (let turn = 0; turn < 3; turn += 1) {
      const seen = server.requests().length;
      play(server, alternating(turn % 2 === 0 ? crashLoopBackOff() : imageRunsAsRoot()));
      await until('it was looked at', () =>
        server
          .requests()
          .slice(seen)
          .some(({ resource, verb }) => resource === 'pods' && verb === 'get'),
      );
    }
    expect(stateOf('pod-api')).toBe('Failing');
    expect(writesSeen()).toEqual([]);
  });

  test('an account that may not read Events still sees what the status says', async () => {
    server.inject(
      forbidden({ when: ({ resource, verb }) => resource === 'events' && verb !== 'create', times: 1_000 }),
    );
    operator = await startOperator(kubeconfig);
    await until('two watches are open', () => server.watchCount() >= 2);
    play(server, alternating(imageRunsAsRoot()));
    await until('the Diagnosis is there', isFailing('pod-api'));
    play(server, alternating(crashLoopBackOff()));
    server.clearRequests();
    await until('it was looked at', () =>
      server.requests().some(({ resource, verb }) => resource === 'pods' && verb === 'get'),
    );
    expect(stateOf('pod-api')).toBe('Failing');
  });
});

/** No question is open any more, and what came of each is written. */
function isSaid(): boolean {
  const text = JSON.stringify(statusOf('deployment-web') ?? '');
  return text.includes('"services"') && !/is being (?:asked|read)/.test(text);
}

describe('a restarted operator', () => {
  test('picks up what is recorded, and rewrites nothing', async () => {
    const first = await run();
    play(server, broken());
    await until('it is announced', () => announced('Diagnosed') === 1);
    const isUnchanged = async ({ metrics: read }: RunningOperator) =>
      ((await read()).get('rootcause_reconciles_total{outcome="unchanged"}') ?? 0) >= 1;
    await until('all is said', isSaid);
    await first.stop();
    server.clearRequests();
    const second = await run();
    const { metrics } = second;
    await until('it was looked at again', () => isUnchanged(second));
    expect((await metrics()).get('rootcause_diagnoses{namespace="shop",cause="ImageRunsAsRoot"}')).toBe(1);
    expect(writesSeen()).toEqual([]);
  });

  test('resolves what was mended while it was away', async () => {
    const first = await run();
    play(server, broken());
    await until('the Diagnosis is there', isFailing('deployment-web'));
    await first.stop();
    play(server, pod('web-abc-1').in('shop').of(webSet).running('app'));
    await run();
    await until('it is resolved', () => stateOf('deployment-web') === 'Resolved');
  });

  test('ends a start that was cut between creation and status', async () => {
    const orphan = {
      apiVersion: 'rootcause.dev/v1alpha1',
      kind: 'Diagnosis',
      metadata: { name: 'deployment-web', namespace: 'shop' },
    };
    server.put({
      ...orphan,
      spec: { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
    });
    play(server, broken());
    await run();
    await until('the status is there', isFailing('deployment-web'));
  });
});

describe('somebody else', () => {
  test('who deletes the Diagnosis of a failing workload gets it back', async () => {
    await run();
    play(server, broken());
    await until('the Diagnosis is there', isFailing('deployment-web'));
    const before = server.get('Diagnosis', 'shop', 'deployment-web')?.metadata.uid;
    server.remove('Diagnosis', 'shop', 'deployment-web');
    await until(
      'it is back',
      () =>
        isFailing('deployment-web')() &&
        server.get('Diagnosis', 'shop', 'deployment-web')?.metadata.uid !== before,
    );
  });

  test('who muted the workload still gets the record, without events and series', async () => {
    const { metrics } = await run();
    const muted = deployment('web').annotated({ 'rootcause.dev/mute-until': '2099-01-01T00:00:00Z' });
    play(
      server,
      pod('web-abc-1').in('shop').of(replicaSet('web-abc').of(muted)).waiting('app', imageRunsAsRoot()),
    );
    await until('the Diagnosis is there', isFailing('deployment-web'));
    await until(
      'it is counted',
      async () => (await metrics()).get('rootcause_reconciles_total{outcome="diagnosed"}') === 1,
    );
    expect(announced('Diagnosed')).toBe(0);
    expect((await metrics()).has('rootcause_diagnoses{namespace="shop",cause="ImageRunsAsRoot"}')).toBe(
      false,
    );
  });
});

describe('namespaces', () => {
  test('that are excluded are left alone', async () => {
    await run({ scope: { namespaces: [], excludedNamespaces: ['shop'] } });
    play(server, broken(), pod('tool').in('lab').waiting('app', imageRunsAsRoot()));
    await until('the other is diagnosed', () => stateOf('pod-tool', 'lab') === 'Failing');
    expect(server.list('Diagnosis', 'shop')).toEqual([]);
  });

  test('that are named are watched each by itself, and nothing is asked of the rest', async () => {
    await run({ scope: { namespaces: ['shop', 'lab'], excludedNamespaces: [] } });
    play(server, broken(), pod('tool').in('other').waiting('app', imageRunsAsRoot()));
    await until('the Diagnosis is there', isFailing('deployment-web'));
    const clusterWide = server
      .requests()
      .filter(
        ({ verb, namespace, resource }) =>
          ['list', 'watch'].includes(verb) && namespace === '' && resource !== 'nodes',
      );
    expect(clusterWide).toEqual([]);
    expect(server.list('Diagnosis', 'other')).toEqual([]);
  });
});

describe('whatever happens to the connection', () => {
  const troubles = [
    [
      'the watch is reset in the middle of an object',
      () => server.inject(resetAfter(300, { when: watches('pods') })),
    ],
    ['the watch hears 410', () => server.inject(watchExpired({ when: watches('pods') }))],
    ['the list hears 410', () => server.inject(goneAnswer({ when: lists('pods') }))],
    ['events come twice', () => server.inject(duplicateEvents({ when: watches('pods'), times: 10 }))],
    ['events come out of order', () => server.inject(outOfOrderEvents({ when: watches('pods'), times: 10 }))],
    ['a line is garbage', () => server.inject(garbageLine({ when: watches('pods') }))],
    ['lists fail with 500', () => server.inject(internalError({ when: lists(), times: 4 }))],
    ['watches fail with 500', () => server.inject(internalError({ when: watches(), times: 4 }))],
    ['writes fail with 500', () => server.inject(internalError({ when: writes(), times: 3 }))],
    ['the server asks for a pause', () => server.inject(tooManyRequests(1, { when: lists(), times: 2 }))],
  ] as const;

  test.each(troubles)('%s: nothing is missed and nothing is doubled', async (_name, trouble) => {
    trouble();
    operator = await startOperator(kubeconfig);
    await until('the operator is ready', () => operator?.isReady() ?? false);
    for (let index = 0; index < 5; index += 1) {
      const set = replicaSet(`w${index}-abc`).of(deployment(`w${index}`));
      play(server, pod(`w${index}-abc-1`).in('shop').of(set).waiting('app', imageRunsAsRoot()));
    }
    await until(
      'all are diagnosed',
      () =>
        server.list('Diagnosis').filter(({ metadata }) => stateOf(metadata.name) === 'Failing').length === 5,
    );
    await until('all are announced', () => announced('Diagnosed') === 5);
    expect(server.list('Diagnosis')).toHaveLength(5);
  });

  test('a watch that falls silent is given up, and what happened meanwhile is found', async () => {
    server.inject(radioSilence({ when: watches('pods'), afterWrites: 0 }));
    await run({ watchSilenceSeconds: 1 });
    play(server, broken());
    await until('the Diagnosis is there', isFailing('deployment-web'));
    await until('the silence is counted', async () => {
      const samples = await operator?.metrics();
      return samples?.get('rootcause_watch_restarts_total{kind="Pod",reason="silence"}') === 1;
    });
  });

  test('the watches are cut a hundred times', async () => {
    await run();
    for (let cut = 0; cut < 100; cut += 1) {
      if (cut % 10 === 0) {
        const set = replicaSet(`w${cut}-abc`).of(deployment(`w${cut}`));
        play(server, pod(`w${cut}-abc-1`).in('shop').of(set).waiting('app', imageRunsAsRoot()));
      }
      server.cutWatches();
      await until('a watch is open again', () => server.watchCount('pods') > 0);
    }
    await until('all are announced', () => announced('Diagnosed') === 10);
    expect(server.list('Diagnosis')).toHaveLength(10);
  }, 60_000);

  test('the API server is killed and started again', async () => {
    await run();
    play(server, broken());
    await until('it is announced', () => announced('Diagnosed') === 1);
    await server.stop();
    play(server, pod('tool').in('shop').waiting('app', imageRunsAsRoot()));
    play(server, pod('web-abc-1').in('shop').of(webSet).running('app'));
    await server.start();
    await until('what happened meanwhile is found', isFailing('pod-tool'));
    await until('what was mended is resolved', () => stateOf('deployment-web') === 'Resolved');
    expect(announced('Diagnosed')).toBe(2);
  });
});

describe('serving', () => {
  test('it is not ready before the first lists are in, and says what is missing', async () => {
    server.inject(internalError({ when: lists('pods'), times: 1_000 }));
    operator = await startOperator(kubeconfig);
    const { url } = operator;
    await until(
      'it serves',
      async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.status === 200,
    );
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('kind Pod');
    server.liftFaults();
    await until('it is ready', () => operator?.isReady() ?? false);
  });

  test('nothing else is served', async () => {
    const { url } = await run();
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  test('of two replicas one acts, and the other takes over when it ends', async () => {
    server.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'rootcause-system' } });
    const elect = (identity: string) => ({
      leader: { elect: true, namespace: 'rootcause-system', identity },
    });
    const first = await run(elect('first'));
    const second = await startOperator(kubeconfig, elect('second'));
    try {
      expect((await second.metrics()).get('rootcause_leader')).toBe(0);
      await first.stop();
      await until('the second leads', async () => (await second.metrics()).get('rootcause_leader') === 1);
      play(server, broken());
      await until('the Diagnosis is there', isFailing('deployment-web'));
    } finally {
      await second.stop();
    }
  }, 30_000);
});
